from typing import Any

import pytest

from apimachinery.types.pod import Pod
from controller_manager.nodes.bare_pods import replacement
from controller_manager.nodes.disrupted import disrupted_patch
from controller_manager.nodes.lost_pods import lost_patch
from tests.controller_manager.builders import NOW, owner_reference, pod

LOST = {
    "phase": "Unknown",
    "reason": "NodeLost",
    "message": "Node n1 which was running pod p is unresponsive",
}
UNREADY = {"conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": "2026-01-01T12:00:00Z"}]}


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(pod("p", node="n1", ready_for=9), LOST | UNREADY, id="ready"),
        pytest.param(pod("p", node="n1", phase="Pending"), LOST, id="not yet ready"),
        pytest.param(pod("p", node="n1", phase="Unknown"), None, id="said before"),
        pytest.param(pod("p", node="n1", phase="Succeeded"), None, id="ended"),
        pytest.param(pod("p", node="n1", deleting=True), LOST, id="to go"),
    ],
)
def test_lost(found: Pod, status: dict[str, Any] | None) -> None:
    patch = lost_patch(found, NOW)
    assert (patch and patch["status"]) == status
    assert patch is None or patch["metadata"]["uid"] == "uid-p"


MIRROR = {"annotations": {"kubernetes.io/config.mirror": "x"}}


@pytest.mark.parametrize(
    ("more", "replaced"),
    [
        pytest.param({}, True, id="bare"),
        pytest.param({"owners": [owner_reference("rs", "uid-rs")]}, False, id="a controller's"),
        pytest.param({"owners": [owner_reference("x", "uid-x", controller=False)]}, True, id="owned by another"),
        pytest.param(MIRROR, False, id="a mirror"),
        pytest.param({"phase": "Failed"}, False, id="ended"),
        pytest.param({"deleting": True}, False, id="deleted by somebody"),
        pytest.param({"phase": "Unknown"}, True, id="unknown"),
    ],
)
def test_who_is_replaced(more: dict[str, Any], replaced: bool) -> None:
    assert (replacement(pod("p", node="n1", **more)) is not None) is replaced


def test_replacement() -> None:
    first = replacement(pod("web", node="n1", annotations={"note": "x"}))
    assert first is not None
    name = first["metadata"]["name"]
    assert first["metadata"] == {
        "name": name,
        "namespace": "default",
        "labels": {"app": "web"},
        "annotations": {"note": "x", "kubemu.io/replaces": "web"},
    }
    assert name.startswith("web-")
    assert "nodeName" not in first["spec"]
    assert replacement(pod("web", node="n1", annotations={"note": "x"})) == first, "always the same"
    second = replacement(pod(name, node="n2", annotations=first["metadata"]["annotations"]))
    assert second is not None
    assert second["metadata"]["name"].count("-") == 1
    assert second["metadata"]["annotations"]["kubemu.io/replaces"] == name


@pytest.mark.parametrize(
    ("reason", "failed", "fields"),
    [("R", False, {"conditions"}), ("R", True, {"conditions", "phase"}), ("", True, {"phase"})],
)
def test_disrupted(reason: str, failed: bool, fields: set[str]) -> None:
    patch = disrupted_patch(pod("p"), reason, "m", NOW, failed=failed)
    assert patch["status"].keys() == fields
    assert patch["metadata"] == {"uid": "uid-p"}
