"""The name server as a whole: what it listens to, answers, and writes."""

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
from kubeproxy.dns.own_service import OwnService, Place
from kubeproxy.dns.settings import Settings
from kubeproxy.dns.view import CachedView

logger = logging.getLogger(__name__)

NAME = "dns"

RETRY_SECONDS = 1.0
"""How often an address is tried that somebody else has."""


class NameServer:
    """Answers from what two informers know, and keeps its own Service there.

    The informers are run by whoever made them, once this has been made.
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
        self._client = client
        self._settings = settings
        self._services = services
        self._slices = slices
        self._view = CachedView(services.cache, slices.cache)
        self._serial = 0
        self._rng = rng or random.Random()
        self._own: OwnService | None = None
        services.on_change(self._changed)
        slices.on_change(self._changed)

    @property
    def answering(self) -> bool:
        """Whether it has its address, and knows what there is."""
        return self._own is not None and self._services.synced and self._slices.synced

    def _changed(self, old: Service | EndpointSlice | None, new: Service | EndpointSlice | None) -> None:
        self._serial = int(self._client.clock.now().timestamp())
        if self._own is not None:
            self._own.wake((old, new))

    def _answer(self, asked: Question) -> Answer:
        return answer(asked, self._view, Zone(self._settings.domain, self._settings.address, self._serial))

    def _respond(self, wire: bytes, *, datagram: bool) -> bytes | None:
        # What reads messages is loaded with the first: in many clusters nobody asks for a name.
        from kubeproxy.dns.messages import respond

        return respond(wire, self._answer, datagram=datagram)

    async def run(self) -> None:
        """Answer until cancelled. Who asks before all is known waits, rather than hearing that there is no such name.

        An address that somebody else has is waited for, as a second server does behind the first. Raises
        :class:`~apimachinery.errors.FatalError` for one that nobody can have.
        """
        bound = await self._bind()
        try:
            self._own = own = self._own_service(bound.port)
            await self._services.wait_synced()
            await self._slices.wait_synced()
            async with listeners.answering(
                bound,
                lambda wire: self._respond(wire, datagram=True),
                lambda wire: self._respond(wire, datagram=False),
                clock=self._client.clock,
            ):
                logger.info("answering for %s on %s:%d", self._settings.domain, self._settings.address, bound.port)
                await guard(own.run(), "own service")
        finally:
            self._own = None
            bound.close()

    async def _bind(self) -> listeners.Listeners:
        told = False
        while True:
            try:
                return listeners.bind(self._settings.address, self._settings.port)
            except listeners.AddressTaken as error:
                if not told:
                    logger.warning("%s; waiting for it", error.strerror)
                told = True
            await self._client.clock.sleep(RETRY_SECONDS)

    def _own_service(self, port: int) -> OwnService:
        # Whoever is content with any port is known by the one that it gets, a low one by its own number.
        place = Place(self._settings.address, self._settings.port or port, port)
        backoff = Backoff(initial=0.1, limit=10.0, factor=2.0, jitter=0.5, rng=self._rng)
        return OwnService(self._client, self._services.cache, self._slices.cache, place, backoff)
