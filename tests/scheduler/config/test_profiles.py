"""Profiles from files: the default one with plugins switched on, off, and weighted anew."""

from typing import Any

import orjson
import pytest

from scheduler.config.profiles import profile_of
from scheduler.config.types import KubeSchedulerProfile
from scheduler.profile import default_profile

DEFAULT = [(entry.name, entry.weight) for entry in default_profile().plugins]


def changed(**multi_point: list[dict[str, Any]]) -> list[tuple[str, int]]:
    wire = {"plugins": {"multiPoint": multi_point}}
    found = profile_of(KubeSchedulerProfile.model_validate_json(_json(wire)), {})
    return [(entry.name, entry.weight) for entry in found.plugins]


def _json(wire: dict[str, Any]) -> bytes:
    return orjson.dumps(wire)


@pytest.mark.parametrize(
    ("multi_point", "expected"),
    [
        pytest.param({}, DEFAULT, id="nothing said"),
        pytest.param(
            {"disabled": [{"name": "ReplicaSpread"}]},
            [entry for entry in DEFAULT if entry[0] != "ReplicaSpread"],
            id="one off",
        ),
        pytest.param(
            {"disabled": [{"name": "*"}], "enabled": [{"name": "PrioritySort"}, {"name": "Mine", "weight": 4}]},
            [("PrioritySort", 1), ("Mine", 4)],
            id="all off, two on",
        ),
        pytest.param(
            {"enabled": [{"name": "NodeAffinity", "weight": 9}]},
            [("NodeAffinity", 9) if entry[0] == "NodeAffinity" else entry for entry in DEFAULT],
            id="another weight, in the same place",
        ),
        pytest.param({"enabled": [{"name": "Mine"}]}, [*DEFAULT, ("Mine", 1)], id="one more, last"),
        pytest.param(
            {"disabled": [{"name": "NodePorts"}], "enabled": [{"name": "NodePorts"}]},
            [*(entry for entry in DEFAULT if entry[0] != "NodePorts"), ("NodePorts", 1)],
            id="off and on again moves to the end",
        ),
    ],
)
def test_multi_point(multi_point: dict[str, Any], expected: list[tuple[str, int]]) -> None:
    assert changed(**multi_point) == expected


def test_points_are_kept_apart() -> None:
    wire = {"schedulerName": "mine", "plugins": {"preFilter": {"disabled": [{"name": "*"}]}}}
    found = profile_of(KubeSchedulerProfile.model_validate_json(_json(wire)), {"Mine": 5})
    assert (found.scheduler_name, list(found.points), found.args["Mine"]) == ("mine", ["preFilter"], 5)
    assert found.points["preFilter"].disables_all
