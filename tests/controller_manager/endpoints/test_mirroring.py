from typing import Any

import pytest

from apimachinery.types.service import Endpoints
from controller_manager.endpoints.mirroring import blank_mirror, is_mirrored, mirrored_groups
from tests.controller_manager.endpoints.objects import service


def _endpoints(*subsets: dict[str, Any], **metadata: Any) -> Endpoints:
    return Endpoints.model_validate({"metadata": {"name": "web", "uid": "uid-e", **metadata}, "subsets": subsets})


LEADER = {"annotations": {"control-plane.alpha.kubernetes.io/leader": "{}"}}


@pytest.mark.parametrize(
    ("metadata", "selector", "mirrored"),
    [
        pytest.param({}, {}, True, id="by hand"),
        pytest.param({}, {"app": "web"}, False, id="of a Service that chooses"),
        pytest.param({}, None, False, id="of no Service"),
        pytest.param({"labels": {"endpointslice.kubernetes.io/skip-mirror": "true"}}, {}, False, id="not wanted"),
        pytest.param(LEADER, {}, False, id="a lock"),
    ],
)
def test_what_is_mirrored(metadata: dict[str, Any], selector: dict[str, str] | None, mirrored: bool) -> None:
    found = service(selector=selector) if selector is not None else None
    assert is_mirrored(_endpoints(**metadata), found) is mirrored


def test_families_are_apart_and_no_subset_gives_too_many() -> None:
    ports = [{"name": "a", "port": 1}]
    found = _endpoints(
        {
            "addresses": [{"ip": "127.0.0.1"}, {"ip": "fd00::1"}],
            "notReadyAddresses": [{"ip": "127.0.0.2"}],
            "ports": ports,
        },
        {"addresses": [{"ip": "127.0.0.3"}, {"ip": "127.0.0.4"}], "ports": [{"name": "b", "port": 2}]},
    )
    four, skipped = mirrored_groups(found, "IPv4", 1)
    told = [[end.addresses[0] for end in group.endpoints.values()] for group in four.values()]
    assert (told, skipped) == ([["127.0.0.1"], ["127.0.0.3"]], 2)
    six, skipped = mirrored_groups(found, "IPv6", 1)
    told = [[end.addresses[0] for end in group.endpoints.values()] for group in six.values()]
    assert (told, skipped) == ([["fd00::1"]], 0)


def test_annotations_are_copied_but_for_those_about_the_original() -> None:
    annotations = {
        "note": "x",
        "endpoints.kubernetes.io/last-change-trigger-time": "t",
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
    }
    assert blank_mirror(_endpoints(annotations=annotations), "IPv4").metadata.annotations == {"note": "x"}
