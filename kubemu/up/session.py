"""A cluster from its first claim to its last file: what ``kubemu up`` does once its options are read."""

import contextlib
import itertools
import json
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace

from apimachinery.clock import Clock, RealClock, parse_time_scale, time_scale
from apimachinery.errors import FatalError
from componentbase.running import age, started_at
from kubemu.objects.manifests import read
from kubemu.up import addresses
from kubemu.up.installed import Place, installed
from kubemu.up.kubeconfig import Entry, context_name
from kubemu.up.leftovers import clear
from kubemu.up.plan import component_urls, planned_nodes, scheduler_configuration
from kubemu.up.provision import provision
from kubemu.up.records import DEFAULT_NAME, Record, Records
from kubemu.up.settings import Settings


@dataclass(frozen=True, slots=True)
class Ready:
    """A cluster that can be used, after how many seconds of its process it could, and its time."""

    record: Record
    seconds: float
    clock: Clock

    def text(self) -> str:
        """Return a line of JSON that says where the cluster is."""
        record = self.record
        return json.dumps({
            "server": record.server,
            "kubeconfig": record.kubeconfig,
            "pid": record.pid,
            "nodes": list(record.nodes),
            "readySeconds": round(self.seconds, 3),
            "name": record.name,
            "context": record.context,
        })


@contextlib.asynccontextmanager
async def session(settings: Settings, records: Records, place: Place | None) -> AsyncIterator[Ready]:
    """Run a cluster for as long as the block does; yield when it is ready.

    Its kubeconfig is in a file beside its record, and in ``place`` if that is given. When the block ends, nothing is
    left of it. Raises :class:`~apimachinery.errors.FatalError` for what a person can mend.
    """
    nodes, manifests = planned_nodes(settings), read(settings.manifests)
    # What cannot be used is told before anything is started.
    scheduler_configuration(settings)
    async with contextlib.AsyncExitStack() as stack:
        records.open()
        name = stack.enter_context(_named(settings.name, records))
        stack.callback(records.remove, name)
        await clear(records, RealClock(), own=name)
        network = stack.enter_context(addresses.claim(len(nodes)))
        scale = time_scale(settings.time_scale, RealClock().now())
        clock = parse_time_scale(scale)
        own = Place(records.kubeconfig(name))
        record = Record(
            name=name,
            pid=os.getpid(),
            started=started_at(os.getpid()),
            kubeconfig=str((place or own).path),
            context=context_name(name),
            nodes=tuple(node.node_name for node in nodes),
            components=component_urls(network),
        )
        records.write(record)
        if settings.separate:
            from kubemu.up.separate import separate

            components = separate(settings, network, nodes, clock, scale)
        else:
            from kubemu.up.one_process import one_process

            components = one_process(settings, network, nodes, clock)
        record = replace(record, server=await stack.enter_async_context(components))
        records.write(record)
        # Hooks have one in which this cluster's context is the current one, whatever is so in the user's.
        for where in (own, place) if place is not None else (own,):
            await stack.enter_async_context(installed(Entry(record.context, record.server), where, RealClock()))
        await provision(settings, manifests, record.server, str(own.path))
        record = replace(record, ready=True)
        records.write(record)
        yield Ready(record, age(), clock)


@contextlib.contextmanager
def _named(wanted: str, records: Records) -> Iterator[str]:
    """Have a name that no other cluster of these records has while the block runs: the wanted one, or a default."""
    for number in itertools.count(1):
        name = wanted or (DEFAULT_NAME if number == 1 else f"{DEFAULT_NAME}-{number}")
        lock = records.take_name(name)
        if lock is not None:
            with lock:
                yield name
            return
        if wanted:
            raise FatalError(
                f"a cluster {wanted} runs already: end it with `kubemu down {wanted}`, or give another --name"
            )
