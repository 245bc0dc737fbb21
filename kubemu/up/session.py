"""A cluster from its first claim to its last file: what ``kubemu up`` does once its options are read."""

import contextlib
import hashlib
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from apimachinery.clock import Clock, RealClock, ScaledClock
from apimachinery.errors import FatalError
from componentbase.running import age, started_at
from kubemu.objects.manifests import read
from kubemu.up import addresses, locks
from kubemu.up.installed import Place, installed
from kubemu.up.kubeconfig import Entry, context_name
from kubemu.up.plan import component_urls, planned_nodes
from kubemu.up.provision import provision
from kubemu.up.records import DEFAULT_NAME, Record, Records
from kubemu.up.settings import Settings


@dataclass(frozen=True, slots=True)
class Ready:
    """A cluster that can be used, after how many seconds of its process it could, and its time."""

    record: Record
    seconds: float
    clock: Clock


@contextlib.asynccontextmanager
async def session(settings: Settings, records: Records, place: Place | None) -> AsyncIterator[Ready]:
    """Run a cluster for as long as the block does; yield when it is ready.

    Its kubeconfig is in ``place``, or in a file beside its record. When the block ends, nothing is left of it. Raises
    :class:`~apimachinery.errors.FatalError` for what a person can mend.
    """
    nodes, manifests = planned_nodes(settings), read(settings.manifests)
    async with contextlib.AsyncExitStack() as stack:
        records.open()
        name = stack.enter_context(_named(settings.name, records.folder))
        stack.callback(records.remove, name)
        network = stack.enter_context(addresses.claim(len(nodes)))
        clock = RealClock() if settings.time_scale == 1 else ScaledClock(settings.time_scale)
        where = place or Place(records.kubeconfig(name))
        record = Record(
            name=name,
            pid=os.getpid(),
            started=started_at(os.getpid()),
            kubeconfig=str(where.path),
            context=context_name(name),
            nodes=tuple(node.node_name for node in nodes),
            components=component_urls(network),
        )
        records.write(record)
        from kubemu.up.one_process import one_process

        server = await stack.enter_async_context(one_process(settings, network, nodes, clock))
        await stack.enter_async_context(installed(Entry(record.context, server), where, RealClock()))
        await provision(settings, manifests, server, record.kubeconfig)
        record = replace(record, server=server, ready=True)
        records.write(record)
        yield Ready(record, age(), clock)


@contextlib.contextmanager
def _named(wanted: str, folder: Path) -> Iterator[str]:
    """Have a name that no other cluster of this folder has while the block runs: the wanted one, or a default."""
    where = hashlib.blake2s(os.fsencode(folder.resolve()), digest_size=8).hexdigest()
    for number in itertools.count(1):
        name = wanted or (DEFAULT_NAME if number == 1 else f"{DEFAULT_NAME}-{number}")
        lock = locks.take(f"{where}/{name}")
        if lock is not None:
            with lock:
                yield name
            return
        if wanted:
            raise FatalError(
                f"a cluster {wanted} runs already: end it with `kubemu down {wanted}`, or give another --name"
            )
