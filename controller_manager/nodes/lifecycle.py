"""The node lifecycle controller: nodes that fall silent are marked, and so are their pods.

Follows ``pkg/controller/nodelifecycle/node_lifecycle_controller.go`` (v1.36). Who then evicts pods from tainted nodes
is the taint eviction controller.
"""

import math
from functools import partial

from apimachinery.errors import Conflict, NotFound
from apimachinery.types.base import to_wire
from apimachinery.types.core import Node, object_reference
from apimachinery.types.pod import Pod
from controller_manager.batches import all_at_once
from controller_manager.controller import Context, Result
from controller_manager.indexes import NODE_INDEX, by_node
from controller_manager.nodes.disruption import EXCLUDED_LABEL, Limiter, Rates, eviction_rates, zone_of
from controller_manager.nodes.health import Grace, Health, readiness, silenced
from controller_manager.nodes.lost_pods import lost_patch
from controller_manager.nodes.pod_writes import patch_status
from controller_manager.nodes.taints import (
    has_no_execute,
    missing_labels,
    no_execute_key,
    no_schedule_keys,
    with_taints,
)
from kubeclient.events import NORMAL, WARNING
from kubeclient.resources import LEASES, NODES, PODS

EVENT_SOURCE = "node-controller"
LEASE_NAMESPACE = "kube-node-lease"

ALL = ""
"""The key under which all nodes are looked at together; nodes have their names for keys."""

WORKERS = 8
PARALLEL_WRITES = 16


class NodeLifecycleController:
    """Woken by nodes and their pods, and by itself every ``--node-monitor-period``."""

    def __init__(self, context: Context) -> None:
        settings = context.settings
        self.workers = WORKERS
        self._client = context.client
        self._clock = context.client.clock
        self._queue = context.queue
        self._recorder = context.recorder(EVENT_SOURCE)
        self._period = settings.node_monitor_period
        self._rates = Rates(
            settings.node_eviction_rate,
            settings.secondary_node_eviction_rate,
            settings.large_cluster_size_threshold,
            settings.unhealthy_zone_threshold,
        )
        self._health = Health(Grace(settings.node_monitor_grace_period, settings.node_startup_grace_period))
        self._limiters: dict[str, Limiter] = {}
        self._all_lost = False
        self._given_up: set[str] = set()
        """Nodes that were not ready when all were looked at last."""
        self._marked: dict[str, set[str]] = {}
        """The uids of pods of unreachable nodes of which that has been said."""
        nodes = context.informers.informer(NODES)
        pods = context.informers.informer(PODS, {NODE_INDEX: by_node})
        nodes.on_change(self._node_changed)
        pods.on_change(self._pod_changed)
        self._nodes = nodes.cache
        self._pods = pods.cache
        self._leases = context.informers.informer(LEASES).cache

    # What wakes it

    def _node_changed(self, old: Node | None, new: Node | None) -> None:
        if new is None:
            assert old is not None
            self._forget(old)
            return
        if old is None:
            message = f"Registered Node {new.metadata.name} in Controller"
            self._tell(new, "RegisteredNode", message)
            self._queue.add_after(ALL, self._period)
        self._queue.add(new.metadata.name)

    def _forget(self, node: Node) -> None:
        name = node.metadata.name
        self._tell(node, "RemovingNode", f"Removing Node {name} from Controller")
        self._health.forget(name)
        self._given_up.discard(name)
        self._marked.pop(name, None)

    def _tell(self, node: Node, reason: str, message: str) -> None:
        self._recorder.event(object_reference(node), NORMAL, reason, f"Node {node.metadata.name} event: {message}")

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        """A pod that is bound to a node that cannot be reached."""
        if new is None or not self._marked:
            return
        name = new.spec.node_name
        if name in self._marked and new.metadata.uid not in self._marked[name]:
            self._queue.add(name)

    # What it does

    async def reconcile(self, key: str) -> Result | None:
        if key == ALL:
            return await self._monitor()
        node = self._nodes.get(key)
        if node is None:
            return None
        wait = await self._dress(node)
        if readiness(node) == "Unknown":
            await self._mark_pods(node)
        else:
            self._marked.pop(key, None)
        return Result(wait) if wait else None

    async def _monitor(self) -> Result | None:
        """Look for signs of life of all nodes."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        nodes = self._nodes.objects()
        if not nodes:
            return None
        left: dict[str, float] = {}
        for node in nodes:
            lease = self._leases.get(f"{LEASE_NAMESPACE}/{node.metadata.name}")
            left[node.metadata.name] = self._health.silent_in(node, lease, now, monotonic)
        silent = [node for node in nodes if left[node.metadata.name] <= 0 and readiness(node) != "Unknown"]
        await all_at_once(self._silence, silent, PARALLEL_WRITES)
        lost = {node.metadata.name for node in silent}
        unready = {node.metadata.name for node in nodes if node.metadata.name in lost or readiness(node) != "True"}
        self._set_rates(nodes, unready, monotonic)
        for name in unready | self._given_up:
            self._queue.add(name)
        self._given_up = unready
        return Result(min([self._period, *(seconds for seconds in left.values() if seconds > 0)]))

    def _set_rates(self, nodes: list[Node], unready: set[str], monotonic: float) -> None:
        zones: dict[str, tuple[int, int]] = {}
        for node in nodes:
            if EXCLUDED_LABEL not in node.metadata.labels:
                ready, others = zones.get(zone_of(node), (0, 0))
                gone = node.metadata.name in unready
                zones[zone_of(node)] = (ready + (not gone), others + gone)
        rates = eviction_rates(zones, self._rates)
        all_lost = bool(zones) and not any(ready for ready, _ in zones.values())
        if self._all_lost and not all_lost:
            # It was not the nodes that could not be reached.
            self._health.start_anew(monotonic)
        self._all_lost = all_lost
        for zone, rate in rates.items():
            self._limiter(zone).set_rate(rate, monotonic)

    def _limiter(self, zone: str) -> Limiter:
        if zone not in self._limiters:
            self._limiters[zone] = Limiter(self._rates.normal, self._clock.monotonic())
        return self._limiters[zone]

    async def _silence(self, node: Node) -> None:
        """Say of a node that nothing is known of it."""
        was_ready = readiness(node) == "True"
        conditions = silenced(node, self._clock.now())
        patch = {
            "metadata": {"resourceVersion": node.metadata.resource_version},
            "status": {"conditions": [to_wire(entry) for entry in conditions]},
        }
        try:
            await self._client.patch(NODES, node.metadata.name, patch, subresource="status")
        except (Conflict, NotFound):
            # It shows signs of life, or is gone: the next look will tell.
            return
        if was_ready:
            message = f"Node {node.metadata.name} status is now: NodeNotReady"
            self._recorder.event(object_reference(node), NORMAL, "NodeNotReady", message)

    async def _dress(self, node: Node) -> float:
        """Give a node the taints and labels that its state asks for; return after how many seconds to try for more."""
        name, state = node.metadata.name, readiness(node)
        key, wait = no_execute_key(state), 0.0
        if self._all_lost:
            key = None
        elif key is not None and not has_no_execute(node):
            # One that is only just starting is given until all are looked at.
            wait = self._limiter(zone_of(node)).take(self._clock.monotonic()) if name in self._given_up else math.inf
            key = key if not wait else None
        keys = no_schedule_keys(node) if state or node.spec.unschedulable else None
        taints = with_taints(node.spec.taints, no_schedule=keys, no_execute=key, now=self._clock.now())
        labels = missing_labels(node)
        if taints != node.spec.taints or labels:
            patch = {
                "metadata": {"resourceVersion": node.metadata.resource_version, "labels": labels},
                "spec": {"taints": [to_wire(taint) for taint in taints]},
            }
            try:
                await self._client.patch(NODES, name, patch)
            except NotFound:
                return 0.0
            except Exception:
                if key is not None and not has_no_execute(node):
                    self._limiter(zone_of(node)).put_back()
                raise
        return wait if math.isfinite(wait) else 0.0

    async def _mark_pods(self, node: Node) -> None:
        name = node.metadata.name
        marked = self._marked.setdefault(name, set())
        pods = [pod for pod in self._pods.by_index(NODE_INDEX, name) if pod.metadata.uid not in marked]
        errors = await all_at_once(partial(self._mark, marked), pods, PARALLEL_WRITES)
        if errors:
            raise errors[0]

    async def _mark(self, marked: set[str], pod: Pod) -> None:
        patch = lost_patch(pod, self._clock.now())
        if patch is not None:
            try:
                await patch_status(self._client, pod, patch)
            except NotFound:
                return
            if pod.ready:
                self._recorder.event(object_reference(pod), WARNING, "NodeNotReady", "Node is not ready")
        marked.add(pod.metadata.uid)
