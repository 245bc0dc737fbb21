"""Pods as rows: readiness, the one-word status, restarts (``printPod``, v1.36)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apiserver.printing.columns import AGE, NAME, Cell, Column, age, since

JSONObject = dict[str, Any]


_COMPLETED = {
    "Succeeded": "The pod has completed successfully.",
    "Failed": "The pod failed.",
}


class PodPrinter:
    columns = (
        NAME,
        Column("Ready", description="The aggregate readiness state of this pod for accepting traffic."),
        Column("Status", description="The aggregate status of the containers in this pod."),
        Column("Restarts", description="How often the containers in this pod have been restarted, and when last."),
        AGE,
        Column("IP", description="The pod's address.", priority=1),
        Column("Node", description="The node the pod is bound to.", priority=1),
        Column("Nominated Node", description="The node that preemption makes room on.", priority=1),
        Column("Readiness Gates", description="How many of the pod's readiness gates hold.", priority=1),
    )

    def cells(self, obj: JSONObject, now: datetime) -> list[Cell]:
        spec, status = obj.get("spec", {}), obj.get("status", {})
        seen = summarize(obj)
        ips = status.get("podIPs") or [{}]
        return [
            obj["metadata"]["name"],
            f"{seen.ready}/{len(spec.get('containers', [])) + len(_sidecars(spec))}",
            seen.word,
            f"{seen.restarts} ({since(seen.last, now)} ago)" if seen.restarts and seen.last else str(seen.restarts),
            age(obj, now),
            ips[0].get("ip") or "<none>",
            spec.get("nodeName") or "<none>",
            status.get("nominatedNodeName") or "<none>",
            _gates(spec, status),
        ]

    def conditions(self, obj: JSONObject) -> list[JSONObject]:
        """Say of a pod that has ended that its row is done with."""
        phase = obj.get("status", {}).get("phase", "")
        if (message := _COMPLETED.get(phase)) is None:
            return []
        return [{"type": "Completed", "status": "True", "reason": phase, "message": message}]


@dataclass(slots=True)
class Summary:
    """What a pod's statuses come to in one row; ``last`` is when a container was last seen to end, or ``""``."""

    word: str
    ready: int = 0
    restarts: int = 0
    last: str = ""

    def count_restarts(self, entry: JSONObject) -> None:
        self.restarts += entry.get("restartCount", 0)
        self.last = max(self.last, entry.get("lastState", {}).get("terminated", {}).get("finishedAt") or "")


def summarize(pod: JSONObject) -> Summary:
    """Read a pod's statuses in the order in which its containers run.

    Of a pod whose init containers are under way no more counts than them, unless it says that it is initialized.
    """
    spec, status = pod.get("spec", {}), pod.get("status", {})
    seen = Summary(status.get("reason") or status.get("phase") or "")
    if _condition(status, "PodScheduled").get("reason") == "SchedulingGated":
        seen.word = "SchedulingGated"
    initializing, sidecars = _initialize(seen, spec, status)
    if not initializing or _condition(status, "Initialized").get("status") == "True":
        # Init containers have done their part; only those that go on still matter.
        seen.restarts, seen.last = sidecars.restarts, sidecars.last
        _run(seen, status)
    if pod["metadata"].get("deletionTimestamp"):
        if status.get("reason") == "NodeLost":
            seen.word = "Unknown"
        elif status.get("phase") not in _COMPLETED:
            seen.word = "Terminating"
    return seen


def _initialize(seen: Summary, spec: JSONObject, status: JSONObject) -> tuple[bool, Summary]:
    """Go through init containers up to the first that is not done; return whether there is one, and the sidecars."""
    names, sidecars = _sidecars(spec), Summary("")
    for index, entry in enumerate(status.get("initContainerStatuses", [])):
        state, is_sidecar = entry.get("state", {}), entry.get("name", "") in names
        terminated, waiting = state.get("terminated"), state.get("waiting", {})
        seen.count_restarts(entry)
        if is_sidecar:
            sidecars.count_restarts(entry)
        if terminated is not None and terminated.get("exitCode", 0) == 0:
            continue
        if is_sidecar and entry.get("started"):
            seen.ready += bool(entry.get("ready"))
            continue
        if terminated is not None:
            seen.word = f"Init:{_terminated_word(terminated)}"
        elif waiting.get("reason") not in {None, "", "PodInitializing"}:
            seen.word = f"Init:{waiting['reason']}"
        else:
            seen.word = f"Init:{index}/{len(spec.get('initContainers', []))}"
        return True, sidecars
    return False, sidecars


def _run(seen: Summary, status: JSONObject) -> None:
    """Go through the containers; the first that has something to tell is heard last."""
    running = False
    for entry in reversed(status.get("containerStatuses", [])):
        state = entry.get("state", {})
        seen.count_restarts(entry)
        if reason := state.get("waiting", {}).get("reason"):
            seen.word = reason
        elif (terminated := state.get("terminated")) is not None:
            seen.word = _terminated_word(terminated)
        elif entry.get("ready") and "running" in state:
            running = True
            seen.ready += 1
    if seen.word == "Completed" and running:
        seen.word = "Running" if _condition(status, "Ready").get("status") == "True" else "NotReady"


def _sidecars(spec: JSONObject) -> set[str]:
    return {entry.get("name", "") for entry in spec.get("initContainers", []) if entry.get("restartPolicy") == "Always"}


def _condition(status: JSONObject, kind: str) -> JSONObject:
    return next((entry for entry in status.get("conditions", []) if entry.get("type", "") == kind), {})


def _terminated_word(terminated: JSONObject) -> str:
    if reason := terminated.get("reason"):
        return str(reason)
    if signal := terminated.get("signal"):
        return f"Signal:{signal}"
    return f"ExitCode:{terminated.get('exitCode', 0)}"


def _gates(spec: JSONObject, status: JSONObject) -> str:
    gates = [gate.get("conditionType", "") for gate in spec.get("readinessGates", [])]
    if not gates:
        return "<none>"
    return f"{sum(_condition(status, gate).get('status') == 'True' for gate in gates)}/{len(gates)}"
