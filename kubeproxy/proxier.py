"""Keeps what is listened on in step with Services, their slices and the nodes."""

import asyncio
import logging

from apimachinery.tasks import guard
from apimachinery.types.core import Node
from apimachinery.types.discovery import EndpointSlice
from apimachinery.types.service import Service
from kubeclient.client import Client
from kubeclient.informer import Informer
from kubeclient.resources import ENDPOINT_SLICES, NODES, SERVICES
from kubeproxy.entrances import Entrances
from kubeproxy.node_map import NodeMap, node_map
from kubeproxy.route_table import RouteTable
from kubeproxy.routes import Frontend, service_routes
from kubeproxy.settings import Settings

logger = logging.getLogger(__name__)

OF_SERVICE = "service"
"""The index of slices by the key of their Service."""


def services_of(piece: EndpointSlice) -> list[str]:
    """Return the key of the Service that a slice is of, as an index wants it."""
    return [piece.service_key] if piece.service_key else []


class Proxier:
    """The proxy of one cluster; :meth:`run` once.

    Whatever changes about a Service, its routes are worked out anew from the caches, so that it does not matter in
    which order things are heard of. Nothing is waited for in between: an endpoint no longer ready is out at once.
    """

    def __init__(self, client: Client, settings: Settings) -> None:
        self._clock = client.clock
        self._settings = settings
        self.services = Informer(client, SERVICES)
        self.slices = Informer(client, ENDPOINT_SLICES, indexes={OF_SERVICE: services_of})
        self.nodes = Informer(client, NODES)
        self._table = RouteTable()
        self._map = NodeMap()
        self._dirty: set[str] = set()
        self._nodes_changed = False
        self._wake = asyncio.Event()
        self._applied = asyncio.Event()
        self.services.on_change(self._service_changed)
        self.slices.on_change(self._slice_changed)
        self.nodes.on_change(self._node_changed)

    @property
    def synced(self) -> bool:
        """Whether what there was at the start is listened on."""
        return self._applied.is_set()

    async def run(self) -> None:
        """Proxy until cancelled, then close everything."""
        async with asyncio.TaskGroup() as tasks:
            entrances = Entrances(tasks, self._clock)
            try:
                for name, work in (
                    ("services", self.services.run()),
                    ("endpointslices", self.slices.run()),
                    ("nodes", self.nodes.run()),
                ):
                    tasks.create_task(guard(work, f"informer of {name}"), name=f"inform-{name}")
                await self.services.wait_synced()
                await self.slices.wait_synced()
                await self.nodes.wait_synced()
                tasks.create_task(guard(self._look_after(entrances), "the proxy's clock"), name="look-after")
                while True:
                    self.step(entrances)
                    self._applied.set()
                    await self._wake.wait()
            finally:
                entrances.close()

    def step(self, entrances: Entrances) -> set[Frontend]:
        """Bring in line what has changed since the last step; return the frontends that were touched."""
        self._wake.clear()
        dirty, self._dirty = self._dirty, set()
        if self._nodes_changed:
            self._nodes_changed = False
            self._map = entrances.nodes = node_map(self.nodes.cache.objects())
            dirty |= {service.key for service in self.services.cache.objects()}
        changed: set[Frontend] = set()
        for key in dirty:
            service = self.services.cache.get(key)
            slices = self.slices.cache.by_index(OF_SERVICE, key)
            found = {} if service is None else service_routes(service, slices, self._map, self._settings)
            changed |= self._table.put(key, found)
        # First what leads nowhere any more, so that nothing is in the way of what takes its place.
        for frontend in sorted(changed, key=lambda frontend: self._table.get(frontend) is not None):
            entrances.set(frontend, self._table.get(frontend))
        return changed

    async def _look_after(self, entrances: Entrances) -> None:
        """Try again what could not be listened on, and forget clients that say nothing more."""
        while True:
            await self._clock.sleep(self._settings.retry_seconds)
            entrances.retry()
            entrances.expire(self._clock.monotonic() - self._settings.udp_idle_seconds)

    def _service_changed(self, old: Service | None, new: Service | None) -> None:
        self._touch({entry.key for entry in (old, new) if entry is not None})

    def _slice_changed(self, old: EndpointSlice | None, new: EndpointSlice | None) -> None:
        self._touch({key for entry in (old, new) if entry is not None for key in services_of(entry)})

    def _node_changed(self, old: Node | None, new: Node | None) -> None:
        # A node says every now and then that it is alive, which does not concern us.
        if old is None or new is None or node_map([old]) != node_map([new]):
            self._nodes_changed = True
            self._wake.set()

    def _touch(self, keys: set[str]) -> None:
        self._dirty |= keys
        self._wake.set()
