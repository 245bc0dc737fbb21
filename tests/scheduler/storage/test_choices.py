"""Which free volume each claim would get on every node."""

from typing import Any

import pytest

from apimachinery.types.storage import PersistentVolume, PersistentVolumeClaim
from scheduler.storage.choices import choose
from scheduler.storage.places import Places
from tests.controller_manager.builders import claim, volume
from tests.scheduler.builders import make_node, table
from tests.scheduler.storage.world import on

NODES = table(*(make_node(name).labels(**{"kubernetes.io/hostname": name}) for name in "abc"))


def chosen(claims: list[PersistentVolumeClaim], volumes: list[PersistentVolume]) -> dict[str, list[str | None]]:
    """For each claim the volume on each of the three nodes."""
    found: dict[str, list[str | None]] = {}
    for choice in choose(claims, {"standard": volumes}, NODES, Places()):
        at = [choice.at(row) for row in range(NODES.count)]
        found[choice.claim.metadata.name] = [None if one is None else one.metadata.name for one in at]
    return found


@pytest.mark.parametrize(
    ("volumes", "found"),
    [
        pytest.param([], [None] * 3, id="none"),
        pytest.param([volume("v")], ["v"] * 3, id="everywhere"),
        pytest.param([volume("big", size="9Gi"), volume("small", size="2Gi")], ["small"] * 3, id="the smallest"),
        pytest.param([volume("z"), volume("y")], ["y"] * 3, id="of equal ones the first by name"),
        pytest.param([volume("v", size="512Mi")], [None] * 3, id="too small"),
        pytest.param([volume("v", phase="Released")], [None] * 3, id="not available"),
        pytest.param([volume("v", deleting=True)], [None] * 3, id="on its way out"),
        pytest.param([volume("v", modes=("ReadOnlyMany",))], [None] * 3, id="not the access mode"),
        pytest.param([volume("v", spec={"volumeMode": "Block"})], [None] * 3, id="not the volume mode"),
        pytest.param([volume("v", claim="other")], [None] * 3, id="somebody else's"),
        pytest.param([volume("v", spec=on("b"))], [None, "v", None], id="local"),
        pytest.param(
            [volume("a", spec=on("a")), volume("any", size="2Gi"), volume("b", size="3Gi", spec=on("b"))],
            ["a", "any", "any"],
            id="the smallest on each node",
        ),
        pytest.param([volume("v"), volume("mine", size="9Gi", claim="data")], ["mine"] * 3, id="set aside for it"),
        pytest.param(
            [volume("v"), volume("mine", claim="data", spec=on("c"))], [None, None, "mine"], id="set aside elsewhere"
        ),
    ],
)
def test_one_claim(volumes: list[PersistentVolume], found: list[str | None]) -> None:
    assert chosen([claim()], volumes) == {"data": found}


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        pytest.param({"matchLabels": {"disk": "ssd"}}, "v", id="matches"),
        pytest.param({"matchLabels": {"disk": "hdd"}}, None, id="does not"),
        pytest.param({"matchExpressions": [{"key": "disk", "operator": "Magic"}]}, None, id="makes no sense"),
    ],
)
def test_selectors(selector: dict[str, Any], found: str | None) -> None:
    assert chosen([claim(spec={"selector": selector})], [volume("v", labels={"disk": "ssd"})])["data"] == [found] * 3


def test_no_volume_is_given_twice_and_the_smallest_claim_chooses_first() -> None:
    volumes = [volume("one", size="1Gi"), volume("five", size="5Gi"), volume("b", size="1Gi", spec=on("b"))]
    assert chosen([claim("large", size="4Gi"), claim("small"), claim("tiny", size="1Mi")], volumes) == {
        "tiny": ["one", "b", "one"],
        "small": ["five", "one", "five"],
        "large": [None, "five", None],
    }
