"""The name server as a whole: what it listens to, answers, and writes."""

import asyncio
import logging
import random

from apimachinery.tasks import guard
from apimachinery.types.discovery import EndpointSlice
from apimachinery.types.service import Service
from kubeclient.backoff import Backoff
from kubeclient.client import Client
from kubeclient.informer import Informer
from kubeproxy.dns import listeners
from kubeproxy.dns.answers import Answer, Question, Zone, answer
from kubeproxy.dns.messages import respond
from kubeproxy.dns.own_service import OwnService, Place
from kubeproxy.dns.settings import Settings
from kubeproxy.dns.view import CachedView

logger = logging.getLogger(__name__)

NAME = "dns"


class NameServer:
    """Answers from what two informers know, and keeps its own Service there.

    The informers are run by whoever made them, once this has been made. The sockets are bound at once; who asks before
    all is known waits, rather than being told that there is no such name. Raises
    :class:`~apimachinery.errors.FatalError` when the address cannot be had.
    """

    def __init__(
        self,
        client: Client,
        services: Informer[Service],
        slices: Informer[EndpointSlice],
        settings: Settings,
        *,
        rng: random.Random | None = None,
    ) -> None:
        self._clock = client.clock
        self._settings = settings
        self._services = services
        self._slices = slices
        self._view = CachedView(services.cache, slices.cache)
        self._serial = 0
        self._listeners = listeners.bind(settings.address, settings.port)
        port = self._listeners.port
        # Whoever is asked for any port has the one that it gets; a low one is known by its number.
        place = Place(settings.address, settings.port or port, port)
        backoff = Backoff(initial=0.1, limit=10.0, factor=2.0, jitter=0.5, rng=rng or random.Random())
        self._own = OwnService(client, services.cache, slices.cache, place, backoff)
        services.on_change(self._changed)
        slices.on_change(self._changed)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self._listeners.port

    @property
    def synced(self) -> bool:
        return self._services.synced and self._slices.synced

    def close(self) -> None:
        """Give the sockets back, of a server that is not run."""
        self._listeners.close()

    def _changed(self, old: Service | EndpointSlice | None, new: Service | EndpointSlice | None) -> None:
        self._serial = int(self._clock.now().timestamp())
        self._own.wake((old, new))

    def _answer(self, asked: Question) -> Answer:
        return answer(asked, self._view, Zone(self._settings.domain, self._settings.address, self._serial))

    async def run(self) -> None:
        """Answer until cancelled."""
        await self._services.wait_synced()
        await self._slices.wait_synced()
        async with asyncio.TaskGroup() as group:
            group.create_task(guard(self._own.run(), "own service"), name="dns-own-service")
            async with listeners.answering(
                self._listeners,
                lambda wire: respond(wire, self._answer, datagram=True),
                lambda wire: respond(wire, self._answer, datagram=False),
                clock=self._clock,
            ):
                logger.info("answering for %s on %s:%d", self._settings.domain, self._settings.address, self.port)
                await asyncio.get_running_loop().create_future()
