"""What happens in a cluster, as somebody sees it who watches nodes, pods and events."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from apimachinery.types.core import Event, Node
from apimachinery.types.pod import Pod

_KEPT_LINES = 200
_QUIET_EVENTS = frozenset({"Scheduled", "Pulled", "Created", "Started", "Pulling"})
"""What happens to every pod that starts; its line tells that it has."""


@dataclass(frozen=True, slots=True)
class PodLine:
    """A pod as a table shows it."""

    name: str
    ready: str
    status: str
    restarts: int
    node: str
    ip: str

    def __str__(self) -> str:
        where = f" on {self.node}" if self.node else ""
        again = f", {self.restarts} restart{'s' if self.restarts > 1 else ''}" if self.restarts else ""
        return f"pod {self.name}: {self.status}, {self.ready} ready{again}{where}{f' ({self.ip})' if self.ip else ''}"


def pod_line(pod: Pod) -> PodLine:
    statuses = pod.status.container_statuses
    return PodLine(
        pod.key,
        f"{sum(status.ready for status in statuses)}/{len(pod.spec.containers)}",
        pod_status(pod),
        sum(status.restart_count for status in statuses),
        pod.spec.node_name,
        pod.status.pod_ip,
    )


def pod_status(pod: Pod) -> str:
    """Return a pod's phase, or in a word what is wrong with it."""
    if pod.metadata.deletion_timestamp is not None:
        return "Terminating"
    if pod.status.reason:
        return pod.status.reason
    for status in (*pod.status.init_container_statuses, *pod.status.container_statuses):
        waiting, ended = status.state.waiting, status.state.terminated
        if waiting is not None and waiting.reason and waiting.reason != "PodInitializing":
            return waiting.reason
        if ended is not None and ended.exit_code:
            return ended.reason or "Error"
    return pod.status.phase or "Pending"


@dataclass(slots=True)
class Picture:
    """The nodes and pods that there are, and what has been told of them. Each change may be told as a line."""

    nodes: dict[str, bool] = field(default_factory=dict)
    pods: dict[str, PodLine] = field(default_factory=dict)
    told: deque[str] = field(default_factory=lambda: deque(maxlen=_KEPT_LINES))
    changes: int = 0
    """How often something in the picture has changed."""

    def see_node(self, old: Node | None, new: Node | None) -> str:
        """Take in a node's change; return what is to be told of it, if anything."""
        name = (new or old).metadata.name  # type: ignore[union-attr]
        before = self.nodes.get(name)
        if new is None:
            self.nodes.pop(name, None)
            return self._tell(f"node {name}: gone")
        ready = any(condition.type == "Ready" and condition.status == "True" for condition in new.status.conditions)
        self.nodes[name] = ready
        return "" if ready is before else self._tell(f"node {name}: {'Ready' if ready else 'NotReady'}")

    def see_pod(self, old: Pod | None, new: Pod | None) -> str:
        """Take in a pod's change; return what is to be told of it, if anything."""
        key = (new or old).key  # type: ignore[union-attr]
        if new is None:
            self.pods.pop(key, None)
            return self._tell(f"pod {key}: gone")
        line = pod_line(new)
        if self.pods.get(key) == line:
            return ""
        self.pods[key] = line
        return self._tell(str(line))

    def hear_event(self, old: Event | None, new: Event | None) -> str:
        """Take in an event; return what is to be told of it, if anything."""
        if new is None or new.reason in _QUIET_EVENTS:
            return ""
        about = new.involved_object
        name = f"{about.namespace}/{about.name}" if about.namespace else about.name
        return self._tell(f"{about.kind.lower()} {name}: {new.reason}: {new.message}")

    def _tell(self, line: str) -> str:
        self.changes += 1
        self.told.append(line)
        return line

    def summary(self) -> str:
        """Return how many nodes and pods there are, and how many are well."""
        ready = sum(self.nodes.values())
        running = sum(line.status == "Running" for line in self.pods.values())
        return f"{ready} of {len(self.nodes)} nodes ready, {running} of {len(self.pods)} pods running"

    def shown_pods(self, rows: int) -> Sequence[PodLine]:
        """Return the pods for a table of so many rows: those first that something is wrong with."""
        ordered = sorted(self.pods.values(), key=lambda line: (line.status in {"Running", "Succeeded"}, line.name))
        return ordered[:rows]
