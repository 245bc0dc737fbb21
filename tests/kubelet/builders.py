"""Pods and container states for tests, in few words."""

from datetime import UTC, datetime
from typing import Any

from apimachinery.types.pod import ContainerStatus, Pod

START = datetime(2026, 1, 1, tzinfo=UTC)


def container(name: str = "web", image: str = "idle", **fields: Any) -> dict[str, Any]:
    """A container as it is on the wire."""
    return {"name": name, "image": image, **fields}


def make_pod(
    *containers: dict[str, Any],
    init: tuple[dict[str, Any], ...] = (),
    policy: str = "Always",
    name: str = "web",
    status: dict[str, Any] | None = None,
    metadata: dict[str, Any] | None = None,
    **spec: Any,
) -> Pod:
    """A pod as the API server shows it to its kubelet."""
    return Pod.model_validate({
        "metadata": {
            "name": name,
            "namespace": "default",
            "uid": f"uid-{name}",
            "generation": 1,
            "resourceVersion": "1",
            **(metadata or {}),
        },
        "spec": {
            "containers": list(containers) or [container()],
            "initContainers": list(init),
            "restartPolicy": policy,
            "nodeName": "node-1",
            **spec,
        },
        "status": {"phase": "Pending", "qosClass": "BestEffort", **(status or {})},
    })


def running(name: str, *, ready: bool = True, started: bool = True) -> ContainerStatus:
    return _status(name, {"running": {"startedAt": "2026-01-01T00:00:00Z"}}, ready=ready, started=started)


def exited(name: str, code: int = 0) -> ContainerStatus:
    return _status(name, {"terminated": {"exitCode": code}}, ready=False)


def waiting(name: str, reason: str = "ContainerCreating", *, last: int | None = None) -> ContainerStatus:
    last_state = {"terminated": {"exitCode": last}} if last is not None else {}
    return _status(name, {"waiting": {"reason": reason}}, ready=False, lastState=last_state)


def done(name: str) -> ContainerStatus:
    """An init container that has succeeded."""
    return _status(name, {"terminated": {"exitCode": 0}}, ready=True)


def _status(name: str, state: dict[str, Any], *, ready: bool, **more: Any) -> ContainerStatus:
    return ContainerStatus.model_validate({
        "name": name,
        "state": state,
        "ready": ready,
        "restartCount": 0,
        "image": "",
        "imageID": "",
        **more,
    })
