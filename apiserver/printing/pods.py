"""Pods as rows: readiness, the one-word status, restarts (``printPod``, v1.36)."""

from datetime import datetime
from typing import Any

from apiserver.printing.columns import AGE, NAME, Cell, Column, age, since

JSONObject = dict[str, Any]


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
        ips = status.get("podIPs") or []
        return [
            obj["metadata"]["name"],
            _ready(spec, status),
            status_word(obj),
            _restarts(spec, status, now),
            age(obj, now),
            (ips[0].get("ip") if ips else status.get("podIP")) or "<none>",
            spec.get("nodeName") or "<none>",
            status.get("nominatedNodeName") or "<none>",
            _gates(spec, status),
        ]


def _restartable_init(spec: JSONObject) -> set[str]:
    return {entry.get("name", "") for entry in spec.get("initContainers", []) if entry.get("restartPolicy") == "Always"}


def _ready(spec: JSONObject, status: JSONObject) -> str:
    sidecars = _restartable_init(spec)
    ready = sum(
        bool(entry.get("ready")) and "running" in entry.get("state", {})
        for entry in status.get("containerStatuses", [])
    )
    ready += sum(
        bool(entry.get("ready"))
        for entry in status.get("initContainerStatuses", [])
        if entry.get("name", "") in sidecars
    )
    return f"{ready}/{len(spec.get('containers', [])) + len(sidecars)}"


def _restarts(spec: JSONObject, status: JSONObject, now: datetime) -> str:
    initializing = not _initialized(status)
    sidecars = _restartable_init(spec)
    counted = status.get("initContainerStatuses", [])
    if not initializing:
        counted = [entry for entry in counted if entry.get("name", "") in sidecars] + status.get(
            "containerStatuses", []
        )
    total = sum(entry.get("restartCount", 0) for entry in counted)
    ends = [
        finished
        for entry in counted
        if (finished := entry.get("lastState", {}).get("terminated", {}).get("finishedAt"))
    ]
    return f"{total} ({since(max(ends), now)} ago)" if total and ends else str(total)


def _initialized(status: JSONObject) -> bool:
    return any(
        condition.get("type", "") == "Initialized" and condition.get("status", "") == "True"
        for condition in status.get("conditions", [])
    )


def _condition(status: JSONObject, kind: str) -> JSONObject:
    return next((entry for entry in status.get("conditions", []) if entry.get("type", "") == kind), {})


def status_word(pod: JSONObject) -> str:
    """Return what stands under STATUS: the phase, or the most telling reason found in the containers."""
    spec, status = pod.get("spec", {}), pod.get("status", {})
    word: str = status.get("reason") or status.get("phase") or "Unknown"
    if _condition(status, "PodScheduled").get("reason") == "SchedulingGated":
        word = "SchedulingGated"
    initializing, init_word = _init_word(spec, status)
    if initializing:
        word = init_word
    elif status.get("containerStatuses"):
        word = _container_word(status, word)
    if pod["metadata"].get("deletionTimestamp"):
        if status.get("reason") == "NodeLost":
            return "Unknown"
        if status.get("phase") not in {"Failed", "Succeeded"}:
            return "Terminating"
    return word


def _terminated_word(terminated: JSONObject) -> str:
    if reason := terminated.get("reason"):
        return str(reason)
    if signal := terminated.get("signal"):
        return f"Signal:{signal}"
    return f"ExitCode:{terminated.get('exitCode', 0)}"


def _init_word(spec: JSONObject, status: JSONObject) -> tuple[bool, str]:
    """Return whether the pod is still initializing, and what to say then."""
    sidecars = _restartable_init(spec)
    total = len(spec.get("initContainers", []))
    for index, entry in enumerate(status.get("initContainerStatuses", [])):
        state = entry.get("state", {})
        terminated, waiting = state.get("terminated"), state.get("waiting", {})
        if terminated is not None and terminated.get("exitCode") == 0:
            continue
        if entry.get("name", "") in sidecars and entry.get("started"):
            continue
        if terminated is not None:
            return True, f"Init:{_terminated_word(terminated)}"
        if waiting.get("reason") not in {None, "", "PodInitializing"}:
            return True, f"Init:{waiting['reason']}"
        return True, f"Init:{index}/{total}"
    return False, ""


def _container_word(status: JSONObject, word: str) -> str:
    running = False
    for entry in reversed(status["containerStatuses"]):
        state = entry.get("state", {})
        if reason := state.get("waiting", {}).get("reason"):
            word = reason
        elif (terminated := state.get("terminated")) is not None:
            word = _terminated_word(terminated)
        elif entry.get("ready") and "running" in state:
            running = True
    if word == "Completed" and running:
        word = "Running" if _condition(status, "Ready").get("status") == "True" else "NotReady"
    return word


def _gates(spec: JSONObject, status: JSONObject) -> str:
    gates = [gate.get("conditionType", "") for gate in spec.get("readinessGates", [])]
    if not gates:
        return "<none>"
    return f"{sum(_condition(status, gate).get('status') == 'True' for gate in gates)}/{len(gates)}"
