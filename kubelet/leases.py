"""The leases of all nodes of a process: their heartbeats (``k8s.io/component-helpers/apimachinery/lease``, v0.36)."""

import asyncio
import logging
from collections.abc import Sequence

from apimachinery.clock import rfc3339_micro
from apimachinery.errors import AlreadyExists, Conflict, FatalError, NotFound, StatusError
from apimachinery.types.base import ObjectMeta, OwnerReference, to_wire
from apimachinery.types.core import Lease, LeaseSpec, Node
from kubeclient.backoff import Backoff
from kubeclient.client import Client
from kubeclient.errors import ConnectionFailed
from kubeclient.resources import LEASES
from kubeclient.workqueue import WorkQueue
from kubelet.feed import Feed
from kubelet.instance import ANNOTATION, Claim, Instance, claim

logger = logging.getLogger(__name__)

NAMESPACE = "kube-node-lease"

_RENEWALS_PER_DURATION = 4
_WRITERS = 4
_RETRY_SECONDS = 0.2
_RETRY_LIMIT_SECONDS = 7.0
_SLACK_SECONDS = 2.0
_SHOWN_NAMES = 3


class NameTaken(FatalError):
    """Another kubelet runs a node of this process."""


class Leases:
    """Claims the names of a process' nodes, then says of each node every ten seconds that it is alive.

    ``duration`` is for how many seconds a heartbeat counts; there are four in that time, and those of many nodes are
    spread over it. ``run()`` does the work.
    """

    def __init__(
        self, client: Client, names: Sequence[str], nodes: Feed[Node], *, duration: int, instance: Instance
    ) -> None:
        self._client = client
        self._clock = client.clock
        self._names = names
        self._nodes = nodes
        self._duration = duration
        self._instance = instance
        self._period = duration / _RENEWALS_PER_DURATION
        self._versions: dict[str, str] = {}
        self._owned: set[str] = set()
        self._queue: WorkQueue[str] = WorkQueue(
            self._clock, base_delay=_RETRY_SECONDS, max_delay=min(self._period, _RETRY_LIMIT_SECONDS)
        )

    def renew_now(self, name: str) -> None:
        """Renew a node's lease without waiting for its turn."""
        self._queue.add(name)

    async def claim(self) -> None:
        """Make sure that no other process runs these nodes; waits for an API server that does not answer.

        Takes no time when the leases tell; else one renewal's period, in which another holder would have to show.
        Raises :class:`NameTaken`.
        """
        found = await self._read()
        verdicts = {name: claim(found.get(name), self._instance, self._clock.now()) for name in self._names}
        self._refuse([name for name, verdict in verdicts.items() if verdict is Claim.TAKEN], found)
        unsure = [name for name, verdict in verdicts.items() if verdict is Claim.UNSURE]
        if not unsure:
            return
        logger.info("%s was alive elsewhere not long ago: watching its lease for %g s", _listed(unsure), self._period)
        await self._clock.sleep(self._period + _SLACK_SECONDS)
        later = await self._read()
        self._refuse([name for name in unsure if _renewed(found[name], later.get(name))], later)

    def _refuse(self, taken: Sequence[str], found: dict[str, Lease]) -> None:
        if taken:
            lease = found[taken[0]]
            holder = lease.metadata.annotations.get(ANNOTATION) or f"holder {lease.spec.holder_identity}"
            raise NameTaken(
                f"another kubelet runs {_listed(taken)}: its lease in {NAMESPACE} is being renewed by {holder}; "
                "stop that one or choose another name"
            )

    async def _read(self) -> dict[str, Lease]:
        """Return the leases of this process' nodes."""
        names, backoff = set(self._names), Backoff(initial=_RETRY_SECONDS, limit=_RETRY_LIMIT_SECONDS)
        selector = f"metadata.name={self._names[0]}" if len(names) == 1 else ""
        while True:
            try:
                listed = await self._client.list(LEASES, namespace=NAMESPACE, field_selector=selector)
                return {lease.metadata.name: lease for lease in listed.items if lease.metadata.name in names}
            except (ConnectionFailed, StatusError) as error:
                logger.info("the leases of the nodes cannot be read: %s", error)
            await self._clock.sleep(backoff.next())

    async def run(self) -> None:
        """Renew until cancelled. Raises :class:`NameTaken` when another process has taken a node over."""
        for name in self._names:
            self._queue.add(name)
        first = {name: self._period * (number + 1) / len(self._names) for number, name in enumerate(self._names)}
        async with asyncio.TaskGroup() as group:
            group.create_task(self._queue.run(), name="lease-queue")
            for number in range(min(_WRITERS, len(self._names))):
                group.create_task(self._keep_renewing(first), name=f"lease-writer-{number}")

    async def _keep_renewing(self, first: dict[str, float]) -> None:
        """``first`` has the pause after a node's first heartbeat, which spreads the later ones."""
        while True:
            name = await self._queue.get()
            try:
                await self.step(name)
                self._queue.forget(name)
                self._queue.add_after(name, first.pop(name, self._period))
            except (ConnectionFailed, StatusError) as error:
                logger.info("lease of node %s: %s", name, error)
                self._queue.add_rate_limited(name)
            finally:
                self._queue.done(name)

    async def step(self, name: str) -> None:
        """Say that a node is alive."""
        try:
            await self._renew(name)
        except Conflict:
            await self._check_holder(name)
            await self._renew(name)
        except NotFound:
            await self._create(name)

    async def _renew(self, name: str) -> None:
        metadata: dict[str, object] = {"annotations": {ANNOTATION: str(self._instance)}}
        if version := self._versions.get(name):
            metadata["resourceVersion"] = version
        owners = self._owners(name) if name not in self._owned else []
        if owners:
            metadata["ownerReferences"] = [to_wire(owner) for owner in owners]
        spec = {
            "holderIdentity": name,
            "leaseDurationSeconds": self._duration,
            "renewTime": rfc3339_micro(self._clock.now()),
        }
        lease = await self._client.patch(LEASES, name, {"metadata": metadata, "spec": spec}, namespace=NAMESPACE)
        self._note(name, lease)

    async def _check_holder(self, name: str) -> None:
        """Somebody else has written the lease: the end of this process, if it was another kubelet."""
        lease = await self._client.get(LEASES, name, namespace=NAMESPACE)
        if lease.metadata.annotations.get(ANNOTATION, str(self._instance)) != str(self._instance):
            self._refuse([name], {name: lease})
        self._versions[name] = lease.metadata.resource_version

    async def _create(self, name: str) -> None:
        lease = Lease(
            metadata=ObjectMeta(
                name=name,
                namespace=NAMESPACE,
                annotations={ANNOTATION: str(self._instance)},
                owner_references=self._owners(name),
            ),
            spec=LeaseSpec(holder_identity=name, lease_duration_seconds=self._duration, renew_time=self._clock.now()),
        )
        try:
            self._note(name, await self._client.create(LEASES, lease))
        except AlreadyExists:
            await self._check_holder(name)

    def _note(self, name: str, lease: Lease) -> None:
        self._versions[name] = lease.metadata.resource_version
        owned = bool(lease.metadata.owner_references)
        (self._owned.add if owned else self._owned.discard)(name)

    def _owners(self, name: str) -> list[OwnerReference]:
        return [
            OwnerReference(api_version="v1", kind="Node", name=name, uid=node.metadata.uid)
            for node in self._nodes.of(name)
        ]


def _renewed(before: Lease, after: Lease | None) -> bool:
    return after is not None and after.spec.renew_time != before.spec.renew_time


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN_NAMES])
    rest = len(names) - _SHOWN_NAMES
    noun = "node" if len(names) == 1 else "nodes"
    return f"{noun} {shown} and {rest} more" if rest > 0 else f"{noun} {shown}"
