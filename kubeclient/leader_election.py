"""Which of several equal processes does the work: the one that holds a Lease.

The rules are those of client-go's ``tools/leaderelection`` (v0.36). Moments that others wrote are never compared with
this machine's clock: a lease counts for as long as it says, from when *this* process saw it change. It is no fence:
whoever is cut off from the server stops within ``renew_deadline``, which is shorter than the others wait.
"""

import asyncio
import logging
import random
import socket
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from apimachinery.errors import FatalError, NotFound, StatusError
from apimachinery.tasks import guard
from apimachinery.types.base import ObjectMeta
from apimachinery.types.core import Lease, LeaseSpec, object_reference
from kubeclient.client import Client
from kubeclient.errors import ConnectionFailed
from kubeclient.events import NORMAL, EventRecorder
from kubeclient.resources import LEASES

logger = logging.getLogger(__name__)

JITTER_FACTOR = 1.2
"""A candidate waits for up to this share of the retry period more than that, so that not all come at once."""

RELEASE_SECONDS = 0.5
"""How long giving the lease back may hold up a process that ends."""

UNHEALTHY_SECONDS = 20.0
"""How long past its lease a leader may still be there until it says itself that it is not well."""


class LeadershipLost(FatalError):
    """The lease could not be renewed in time: somebody else may lead by now, so the process has to end."""


@dataclass(frozen=True, slots=True)
class Election:
    """What the candidates of one election agree on; times are seconds. ``ValueError`` when they make no sense."""

    resource_name: str
    """Name of the Lease."""

    resource_namespace: str = "kube-system"

    lease_duration: float = 15.0
    """How long others wait after the last renewal that they saw; whole seconds of it are what counts."""

    renew_deadline: float = 10.0
    """How long a leader tries to renew before it gives up."""

    retry_period: float = 2.0
    """The pause between tries."""

    def __post_init__(self) -> None:
        if self.retry_period <= 0:
            raise ValueError("retryPeriod must be greater than zero")
        if self.lease_duration < 1:
            raise ValueError("leaseDuration must be at least one second")
        if self.lease_duration <= self.renew_deadline:
            raise ValueError("leaseDuration must be greater than renewDeadline")
        if self.renew_deadline <= JITTER_FACTOR * self.retry_period:
            raise ValueError("renewDeadline must be greater than retryPeriod*JitterFactor")


def new_identity() -> str:
    """Return a name that no other candidate has: the machine's, and a random part."""
    return f"{socket.gethostname()}_{uuid.uuid4()}"


def claim(found: LeaseSpec | None, identity: str, *, valid: bool, now: datetime, seconds: int) -> LeaseSpec | None:
    """Return what the lease is to say so that ``identity`` holds it, ``None`` when that is not its right.

    ``found`` is what it says (``None``: there is none), ``valid`` whether that still counts.
    """
    holder = (found.holder_identity or "") if found is not None else ""
    mine = LeaseSpec(
        holder_identity=identity, lease_duration_seconds=seconds, acquire_time=now, renew_time=now, lease_transitions=0
    )
    if found is None:
        return mine
    transitions = found.lease_transitions or 0
    if holder == identity:
        return mine.model_copy(update={"acquire_time": found.acquire_time or now, "lease_transitions": transitions})
    if holder and valid:
        return None
    return mine.model_copy(update={"lease_transitions": transitions + 1})


@asynccontextmanager
async def candidate(client: Client, election: Election | None, component: str) -> "AsyncIterator[LeaderElector | None]":
    """Open a candidate beside a component's client; ``None`` when there is no ``election``.

    It has a connection of its own, and the machine's clock: a process that lives in faster time renews no faster.
    """
    if election is None:
        yield None
        return
    async with Client(client.server, user_agent=f"{component}/leader-election", connections=1) as own:
        yield LeaderElector(own, election, EventRecorder(client, component))


def readiness(elector: "LeaderElector | None", synced: Callable[[], bool]) -> Mapping[str, Callable[[], bool]]:
    """Return the readiness checks of a component whose caches are in step when ``synced()``.

    One that stands by is ready, too: for taking over.
    """
    if elector is None:
        return {"informer-sync": synced}
    return {"leaderElection": elector.healthy, "informer-sync": lambda: elector.standby or synced()}


class LeaderElector:
    """A candidate; :meth:`run` waits until it leads, and then has the work done.

    ``client`` should be its own, so that nothing else holds up a renewal. ``recorder`` tells that it leads.
    """

    def __init__(
        self,
        client: Client,
        election: Election,
        recorder: EventRecorder,
        *,
        identity: str = "",
        rng: random.Random | None = None,
    ) -> None:
        self.identity = identity or new_identity()
        self._client = client
        self._clock = client.clock
        self._election = election
        self._recorder = recorder
        self._rng = rng or random.Random()
        self._lease: Lease | None = None
        self._observed_at = 0.0
        self._reported = ""
        self._name = f"{election.resource_namespace}/{election.resource_name}"

    @property
    def leader(self) -> str:
        """The identity that was last seen to hold the lease; empty when nobody's was."""
        return (self._lease.spec.holder_identity or "") if self._lease is not None else ""

    @property
    def standby(self) -> bool:
        """Whether another one leads, so that having nothing to do is right."""
        return self.leader not in {"", self.identity}

    def healthy(self) -> bool:
        """Return whether a leader has renewed its lease lately enough; candidates are well."""
        silent = self._clock.monotonic() - self._observed_at
        return self.leader != self.identity or silent <= self._election.lease_duration + UNHEALTHY_SECONDS

    async def run(self, work: Callable[[], Awaitable[None]]) -> None:
        """Lead, with ``work()`` running meanwhile, until cancelled; the lease is given back when the work has ended.

        Raises :class:`LeadershipLost` when the lease cannot be renewed, and what ``work`` raises.
        """
        await self._acquire()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(guard(self._recorder.run(), "event recorder"), name="election-events")
                group.create_task(guard(self._hold(), "leader election"), name="leader-election")
                group.create_task(guard(work(), "work of the leader"), name="leader")
        finally:
            await self._release()

    async def _acquire(self) -> None:
        logger.info("attempting to acquire leader lease %s...", self._name)
        while not await self.step():
            await self._clock.sleep(self._election.retry_period * (1 + JITTER_FACTOR * self._rng.random()))
        logger.info("successfully acquired lease %s", self._name)
        assert self._lease is not None
        self._recorder.event(object_reference(self._lease), NORMAL, "LeaderElection", f"{self.identity} became leader")

    async def _hold(self) -> None:
        while await self._renewed():
            await self._clock.sleep(self._election.retry_period)
        raise LeadershipLost("leaderelection lost")

    async def _renewed(self) -> bool:
        """Renew, trying again until the deadline, or until another one is seen to hold the lease.

        Upstream goes on until the deadline in that case too, working beside the new leader meanwhile.
        """
        try:
            async with self._clock.timeout(self._election.renew_deadline):
                while not await self.step():
                    if self.standby:
                        return False
                    await self._clock.sleep(self._election.retry_period)
        except TimeoutError:
            logger.error("failed to renew lease %s: no success within %g s", self._name, self._election.renew_deadline)
            return False
        return True

    async def step(self) -> bool:
        """Try once to get the lease, or to renew it; return whether that succeeded."""
        try:
            # A request that hangs must leave time for another one before the deadline (resourcelock's rule).
            async with self._clock.timeout(max(1.0, self._election.renew_deadline / 2)):
                held = await self._claim()
        except (StatusError, ConnectionFailed, TimeoutError) as error:
            logger.info("lease %s: %s", self._name, str(error) or "no answer in time")
            held = False
        if self.leader != self._reported:
            self._reported = self.leader
            logger.info("new leader elected: %s", self._reported or "nobody")
        return held

    async def _claim(self) -> bool:
        known = self._lease
        if known is not None and self.leader == self.identity and self._valid():
            # Nobody else should have touched it: what was seen last is likely what is there.
            try:
                return await self._write(known)
            except StatusError as error:
                logger.debug("lease %s is read anew: %s", self._name, error)
        try:
            found = await self._client.get(
                LEASES, self._election.resource_name, namespace=self._election.resource_namespace
            )
        except NotFound:
            return await self._write(None)
        if known is None or found.spec != known.spec:
            self._observe(found)
        else:
            # Only the moment at which the spec changed counts, but a write has to name the newest version.
            self._lease = found
        return await self._write(found)

    async def _write(self, lease: Lease | None) -> bool:
        """Claim ``lease`` as it is, or a new one; return whether that was possible."""
        spec = claim(
            lease.spec if lease is not None else None,
            self.identity,
            valid=self._valid(),
            now=self._clock.now(),
            seconds=int(self._election.lease_duration),
        )
        if spec is None:
            return False
        if lease is None:
            meta = ObjectMeta(name=self._election.resource_name, namespace=self._election.resource_namespace)
            self._observe(await self._client.create(LEASES, Lease(metadata=meta, spec=spec)))
        else:
            self._observe(await self._client.replace(LEASES, lease.model_copy(update={"spec": spec})))
        return True

    def _observe(self, lease: Lease) -> None:
        self._lease = lease
        self._observed_at = self._clock.monotonic()

    def _valid(self) -> bool:
        """Return whether the lease that was seen last still counts."""
        seconds = (self._lease.spec.lease_duration_seconds or 0) if self._lease is not None else 0
        return self._observed_at + seconds > self._clock.monotonic()

    async def _release(self) -> None:
        """Give the lease back, if it is still held, so that nobody has to wait for it to run out."""
        lease = self._lease
        if lease is None or self.leader != self.identity or not self._valid():
            return
        now = self._clock.now()
        spec = LeaseSpec(
            lease_duration_seconds=1, acquire_time=now, renew_time=now, lease_transitions=lease.spec.lease_transitions
        )
        try:
            async with self._clock.timeout(RELEASE_SECONDS):
                self._observe(await self._client.replace(LEASES, lease.model_copy(update={"spec": spec})))
        except (StatusError, ConnectionFailed, TimeoutError) as error:
            logger.info("lease %s was not given back: %s", self._name, str(error) or "no answer in time")
