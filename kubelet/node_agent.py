"""Keeps a node registered in the API, and its status up to date.

After ``pkg/kubelet/kubelet_node_status.go`` (v1.36).
"""

import asyncio
import logging
from collections.abc import Callable

from apimachinery.clock import Clock
from apimachinery.errors import AlreadyExists, NotFound, StatusError
from apimachinery.types.base import to_wire
from apimachinery.types.core import Node
from kubeclient.backoff import Backoff
from kubeclient.client import Client
from kubeclient.errors import ConnectionFailed
from kubeclient.resources import NODES
from kubelet.feed import Feed
from kubelet.leases import Leases
from kubelet.node import NodeState, differs, node_metadata, node_object, node_status
from kubelet.settings import Settings

logger = logging.getLogger(__name__)


class NodeAgent:
    """Registers the node and keeps its status up to date; ``run()`` does the work.

    ``state`` is asked for what there is to tell whenever the status is looked at.
    """

    def __init__(
        self,
        client: Client,
        settings: Settings,
        state: Callable[[], NodeState],
        *,
        nodes: Feed[Node],
        leases: Leases,
    ) -> None:
        self._client = client
        self._clock: Clock = client.clock
        self._settings = settings
        self._state = state
        self._nodes = nodes
        self._leases = leases
        self._shown: Node | None = None
        self._status_due = asyncio.Event()
        self._range_known = asyncio.Event()
        self._range_changed = asyncio.Event()
        self._pod_cidr = settings.pod_cidr
        if self._pod_cidr:
            self._range_known.set()
        self._written: float | None = None
        self._looked_at: tuple[NodeState, str] | None = None
        self._labelled = False

    @property
    def pod_cidr(self) -> str:
        """The range of the node's pods, empty until it has been given one."""
        return self._pod_cidr

    @property
    def node(self) -> Node | None:
        """The Node object as the API server last showed it."""
        return self._shown

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
        self._shown = new
        if new is None:
            logger.warning("node %s is gone from the API server: registering it again", self._settings.node_name)
            self._leases.renew_now(self._settings.node_name)
        elif new.spec.pod_cidr and new.spec.pod_cidr != self._pod_cidr:
            if self._pod_cidr:
                self._range_changed.set()
            self._pod_cidr = new.spec.pod_cidr
            self._range_known.set()
        self.wake()

    async def run(self) -> None:
        """Work until cancelled."""
        await self._nodes.wait_synced()
        detach = self._nodes.attach(self._settings.node_name, self._on_node)
        try:
            await self._keep_status()
        finally:
            detach()

    async def _keep_status(self) -> None:
        """Look at the status every period, and sooner when woken or when the last look failed."""
        backoff = Backoff(initial=0.2, limit=7.0, jitter=0.2, rng=self._settings.rng("node retries"))
        period = self._settings.node_status_update_frequency
        while True:
            self._status_due.clear()
            pause = period
            try:
                await self.sync_status()
                backoff.reset()
            except (ConnectionFailed, StatusError) as error:
                logger.info("node %s: %s", self._settings.node_name, error)
                self._looked_at = None
                pause = min(period, backoff.next())
            try:
                async with self._clock.timeout(pause):
                    await self._status_due.wait()
            except TimeoutError:
                continue

    async def sync_status(self) -> None:
        """Register the node when it is not there; otherwise write its status when there is something to tell."""
        shown = self._shown
        if shown is None:
            await self._register()
            return
        await self._label(shown)
        state, now = self._state(), self._clock.now()
        age = self._clock.monotonic() - self._written if self._written is not None else None
        fresh = age is not None and age < self._settings.node_status_report_frequency
        looked_at = (state, shown.metadata.resource_version)
        # Most looks find nothing new, on hundreds of nodes at once: those cost no more than this comparison.
        if fresh and looked_at == self._looked_at:
            return
        self._looked_at = looked_at
        wanted = node_status(self._settings, state, before=shown.status, now=now)
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
        if not self._settings.register_node:
            logger.debug("node %s is not there, and is not this kubelet's to register", self._settings.node_name)
            return
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
        """Give a node that an earlier process registered the labels and annotations of this one, once."""
        if self._labelled or not self._settings.register_node:
            return
        wanted, has = node_metadata(self._settings), shown.metadata
        missing = {
            "labels": {name: value for name, value in wanted.labels.items() if has.labels.get(name) != value},
            "annotations": {
                name: value for name, value in wanted.annotations.items() if has.annotations.get(name) != value
            },
        }
        if any(missing.values()):
            await self._client.patch(NODES, self._settings.node_name, {"metadata": missing})
        self._labelled = True
