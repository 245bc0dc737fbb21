"""Resizing a pod in place: granting a new size, carrying it out, and telling of both.

Follows ``pkg/kubelet/allocation``, ``computePodResizeAction`` (``pkg/kubelet/kuberuntime``) and
``pkg/kubelet/events/resize.go`` (v1.36).
"""

import enum
from typing import Any

import orjson

from apimachinery.types.base import to_wire
from apimachinery.types.pod import Container, Pod, PodCondition, ResourceRequirements
from kubeclient.events import NORMAL, WARNING
from kubelet.allocation import INFEASIBLE, Allocations, Refusal, is_resized
from kubelet.conditions import RESIZE_IN_PROGRESS, RESIZE_PENDING
from kubelet.pod_handle import PodHandle

RESTART_CONTAINER = "RestartContainer"
ERROR = "Error"


class Change(enum.Enum):
    """What a container's new resources take."""

    UPDATE = "update"
    RESTART = "restart"


def change_of(container: Container, actuated: ResourceRequirements | None) -> Change | None:
    """Return what has to be done about a running container that was given ``actuated``; ``None`` is unknown."""
    if actuated is None or container.resources == actuated:
        return None
    policies = {policy.resource_name: policy.restart_policy for policy in container.resize_policy}
    wanted = container.resources
    for name in ("cpu", "memory"):
        same = wanted.limits.get(name) == actuated.limits.get(name) and wanted.requests.get(
            name
        ) == actuated.requests.get(name)
        if not same and policies.get(name) == RESTART_CONTAINER:
            return Change.RESTART
    return Change.UPDATE


def resize_message(prefix: str, pod: Pod, error: str = "") -> str:
    """Return an event's text: what happens, and the sizes of all containers as JSON."""

    def sizes(containers: list[Container]) -> list[dict[str, Any]]:
        return [{"name": each.name, "resources": _sorted(to_wire(each.resources))} for each in containers]

    summary: dict[str, Any] = {}
    if whole := _sorted(to_wire(pod.spec.resources)):
        summary["resources"] = whole
    if pod.spec.init_containers:
        summary["initContainers"] = sizes(pod.spec.init_containers)
    summary["containers"] = sizes(pod.spec.containers)
    summary["generation"] = pod.metadata.generation
    if error:
        summary["error"] = error
    return f"{prefix}: {orjson.dumps(summary).decode()}"


def _sorted(resources: dict[str, Any]) -> dict[str, Any]:
    return {key: dict(sorted(resources[key].items())) for key in sorted(resources)}


class Resizer:
    """Where the resizes of one pod stand."""

    __slots__ = ("_allocations", "_error", "_handle", "_refused", "_running")

    def __init__(self, allocations: Allocations, handle: PodHandle) -> None:
        self._allocations = allocations
        self._handle = handle
        self._refused: Refusal | None = None
        self._running = False
        self._error = ""

    def grant(self, wanted: Pod, granted: Pod) -> bool:
        """Ask for the size that a pod wants; return whether it has it now, having had another before."""
        if not is_resized(wanted, granted):
            self._refused = None
            return False
        refused = self._allocations.resize(wanted)
        if refused is None:
            self._refused, self._running, self._error = None, True, ""
            self._handle.event(None, NORMAL, "ResizeStarted", resize_message("Pod resize started", wanted))
            return True
        if refused != self._refused:
            self._refused = refused
            reason = "ResizeInfeasible" if refused.reason == INFEASIBLE else "ResizeDeferred"
            message = resize_message(f"Pod resize {refused.reason}", wanted, refused.message)
            self._handle.event(None, WARNING, reason, message)
        return False

    def fail(self, pod: Pod, error: str) -> None:
        """A new size could not be carried out; it will be tried again."""
        if error != self._error:
            self._error = error
            self._handle.event(None, WARNING, "ResizeError", resize_message("Pod resize error", pod, error))

    def settle(self, pod: Pod, *, done: bool) -> None:
        """Say that the granted size has been reached, if ``done`` and it was not before."""
        if self._running and done:
            self._running, self._error = False, ""
            self._handle.event(None, NORMAL, "ResizeCompleted", resize_message("Pod resize completed", pod))

    def conditions(self) -> list[PodCondition]:
        """Return the conditions that tell of resizes which have not come to their end."""
        found = []
        if self._refused is not None:
            found.append(_condition(RESIZE_PENDING, self._refused.reason, self._refused.message))
        if self._running:
            found.append(_condition(RESIZE_IN_PROGRESS, ERROR if self._error else "", self._error))
        return found


def _condition(kind: str, reason: str, message: str) -> PodCondition:
    return PodCondition(type=kind, status="True", reason=reason, message=message)
