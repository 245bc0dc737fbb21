"""A pod's way from POST to Ready, as an observer of the API sees it."""

from dataclasses import dataclass, field

from apimachinery.types.core import Event
from apimachinery.types.pod import Pod


@dataclass(slots=True)
class Journey:
    """When a pod was first seen in each state, in seconds on the observer's clock; ``None``: not yet."""

    name: str
    created: float
    scheduled: float | None = None
    started: float | None = None
    ready: float | None = None
    node: str = ""
    ip: str = ""
    phase: str = ""
    containers: str = ""
    url: str = ""
    """Where the pod's first readiness probe over HTTP asks; empty when it has none."""
    messages: list[str] = field(default_factory=list)

    def see(self, pod: Pod, now: float) -> None:
        """Take in a newer state of the pod."""
        self.node, self.ip, self.phase = pod.spec.node_name, pod.status.pod_ip, pod.status.phase
        statuses = pod.status.container_statuses
        running = sum(status.state.running is not None for status in statuses)
        total = len(pod.spec.containers)
        self.containers = f"{running}/{total}"
        self.url = probed_url(pod)
        if self.scheduled is None and pod.spec.node_name:
            self.scheduled = now
        if self.started is None and running == total:
            self.started = now
        if self.ready is None and pod.ready:
            self.ready = now

    def hear(self, event: Event) -> None:
        """Take in an event about the pod."""
        self.messages.append(f"{event.reason}: {event.message}")


def probed_url(pod: Pod) -> str:
    """Return the URL of the pod's first readiness probe over HTTP, empty when there is none."""
    for container in pod.spec.containers:
        action = container.readiness_probe.http_get if container.readiness_probe is not None else None
        if action is not None and pod.status.pod_ip:
            named = {port.name: port.container_port for port in container.ports}
            port = action.port if isinstance(action.port, int) else named.get(action.port, 0)
            return f"http://{pod.status.pod_ip}{f':{port}' if port != 80 else ''}{action.path}"
    return ""


def elapsed(start: float, moment: float | None) -> str:
    """Write how long after ``start`` something happened, in milliseconds."""
    return "…" if moment is None else f"+{(moment - start) * 1000:.0f} ms"


def why(decision: dict[str, object] | None, node: str) -> str:
    """Say in a sentence why the scheduler chose ``node``; empty when the decision is not known."""
    if decision is None:
        return ""
    nodes = decision.get("nodes")
    if not isinstance(nodes, list):
        return ""
    totals = {entry["name"]: entry["total"] for entry in nodes if "total" in entry}
    if len(totals) < 2 or node not in totals:
        return f"{len(totals)} of {len(nodes)} nodes fitted"
    others = ", ".join(f"{name} {total}" for name, total in sorted(totals.items()) if name != node)
    tie = ", chosen among equals" if list(totals.values()).count(max(totals.values())) > 1 else ""
    return f"{len(totals)} of {len(nodes)} nodes fitted; score {totals[node]} against {others}{tie}"
