"""Keeps a node registered and alive in the API: its Node, its status, its Lease.

After ``pkg/kubelet/kubelet_node_status.go`` and ``k8s.io/component-helpers/apimachinery/lease`` (v1.36).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from apimachinery.clock import Clock, rfc3339_micro
from apimachinery.errors import AlreadyExists, NotFound, StatusError
from apimachinery.types.base import ObjectMeta, OwnerReference, to_wire
from apimachinery.types.core import Lease, LeaseSpec, Node
from kubeclient.backoff import Backoff
from kubeclient.client import Client
from kubeclient.errors import ConnectionFailed
from kubeclient.informer import Informer
from kubeclient.resources import LEASES, NODES
from kubelet.node import NodeState, differs, node_labels, node_object, node_status
from kubelet.settings import Settings

logger = logging.getLogger(__name__)

LEASE_NAMESPACE = "kube-node-lease"
_RENEWALS_PER_DURATION = 4


class NodeAgent:
    """Registers the node and keeps its status and lease up to date; ``run()`` does the work.

    ``state`` is asked for what there is to tell whenever the status is looked at.
    """

    def __init__(self, client: Client, settings: Settings, state: Callable[[], NodeState]) -> None:
        self._client = client
        self._clock: Clock = client.clock
        self._settings = settings
        self._state = state
        self._node = Informer(
            client,
            NODES,
            field_selector=f"metadata.name={settings.node_name}",
            rng=settings.rng("node informer"),
        )
        self._node.on_change(self._on_node)
        self._status_due = asyncio.Event()
        self._lease_due = asyncio.Event()
        self._range_known = asyncio.Event()
        self._range_changed = asyncio.Event()
        self._pod_cidr = ""
        self._written: float | None = None
        self._labelled = False

    @property
    def pod_cidr(self) -> str:
        """The range of the node's pods, empty until it has been given one."""
        return self._pod_cidr

    async def wait_pod_cidr(self) -> str:
        """Return the node's range once it has one."""
        await self._range_known.wait()
        self._range_changed.clear()
        return self._pod_cidr

    async def wait_range_changed(self) -> None:
        """Return when the node has been given another range than :meth:`wait_pod_cidr` returned."""
        await self._range_changed.wait()

    def wake(self) -> None:
        """The status may have changed: look at it now."""
        self._status_due.set()

    def _on_node(self, old: Node | None, new: Node | None) -> None:
        if new is None:
            logger.warning("node %s is gone from the API server: registering it again", self._settings.node_name)
            self._lease_due.set()
        elif new.spec.pod_cidr and new.spec.pod_cidr != self._pod_cidr:
            if self._pod_cidr:
                self._range_changed.set()
            self._pod_cidr = new.spec.pod_cidr
            self._range_known.set()
        self.wake()

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._node.run(), name="node-informer")
            await self._node.wait_synced()
            status_period = self._settings.node_status_update_frequency
            group.create_task(self._keep(self.sync_status, status_period, self._status_due), name="node-status")
            lease_period = self._settings.lease_duration / _RENEWALS_PER_DURATION
            group.create_task(self._keep(self.renew_lease, lease_period, self._lease_due), name="node-lease")

    async def _keep(self, step: Callable[[], Awaitable[None]], period: float, due: asyncio.Event) -> None:
        """Take a step every period, and sooner when woken or when the last one failed."""
        backoff = Backoff(initial=0.2, limit=7.0, jitter=0.2, rng=self._settings.rng("node retries"))
        while True:
            due.clear()
            pause = period
            try:
                await step()
                backoff.reset()
            except (ConnectionFailed, StatusError) as error:
                logger.info("node %s: %s", self._settings.node_name, error)
                pause = min(period, backoff.next())
            try:
                async with self._clock.timeout(pause):
                    await due.wait()
            except TimeoutError:
                continue

    async def sync_status(self) -> None:
        """Register the node when it is not there; otherwise write its status when there is something to tell."""
        shown = self._node.cache.get(self._settings.node_name)
        if shown is None:
            await self._register()
            return
        await self._label(shown)
        now = self._clock.now()
        wanted = node_status(self._settings, self._state(), before=shown.status, now=now)
        age = self._clock.monotonic() - self._written if self._written is not None else None
        fresh = age is not None and age < self._settings.node_status_report_frequency
        if fresh and not differs(wanted, shown.status):
            return
        wire = to_wire(wanted)
        wire.setdefault("images", [])
        try:
            await self._client.patch(NODES, self._settings.node_name, {"status": wire}, subresource="status")
        except NotFound:
            await self._register()
            return
        self._written = self._clock.monotonic()

    async def _register(self) -> None:
        node = node_object(self._settings, self._state(), self._clock.now())
        try:
            await self._client.create(NODES, node)
        except AlreadyExists:
            # The watch is about to show it.
            return
        self._written = self._clock.monotonic()
        self._labelled = True
        logger.info("registered node %s", self._settings.node_name)

    async def _label(self, shown: Node) -> None:
        """Give a node that an earlier process registered the labels of this one, once."""
        if self._labelled:
            return
        wanted = node_labels(self._settings)
        missing = {name: value for name, value in wanted.items() if shown.metadata.labels.get(name) != value}
        if missing:
            await self._client.patch(NODES, self._settings.node_name, {"metadata": {"labels": missing}})
        self._labelled = True

    async def renew_lease(self) -> None:
        """Say that the node is alive."""
        name, now = self._settings.node_name, self._clock.now()
        renewal = {
            "spec": {
                "holderIdentity": name,
                "leaseDurationSeconds": self._settings.lease_duration,
                "renewTime": rfc3339_micro(now),
            }
        }
        try:
            await self._client.patch(LEASES, name, renewal, namespace=LEASE_NAMESPACE)
        except NotFound:
            await self._create_lease()

    async def _create_lease(self) -> None:
        name = self._settings.node_name
        node = self._node.cache.get(name)
        owners = []
        if node is not None:
            owners = [OwnerReference(api_version="v1", kind="Node", name=name, uid=node.metadata.uid)]
        lease = Lease(
            metadata=ObjectMeta(name=name, namespace=LEASE_NAMESPACE, owner_references=owners),
            spec=LeaseSpec(
                holder_identity=name,
                lease_duration_seconds=self._settings.lease_duration,
                renew_time=self._clock.now(),
            ),
        )
        await self._client.create(LEASES, lease)
