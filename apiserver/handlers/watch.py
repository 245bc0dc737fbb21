"""GET with ``watch=1``."""

import asyncio

from apimachinery.errors import Expired
from apimachinery.selectors import FieldRequirement, FieldSelector
from apiserver.handlers.context import Context
from apiserver.handlers.reads import matching
from apiserver.handlers.watching import Encode, Filter, Session, encode_object, frame
from apiserver.http import Call
from apiserver.printing.table import Table, wants_table
from apiserver.request import Target
from store.errors import Compacted
from store.interface import ListOptions, Record

_SHORTEST_SECONDS = 1800
"""Without ``timeoutSeconds`` a watch lasts from this long to twice as long (``--min-request-timeout``)."""


async def watch(context: Context, target: Target, call: Call) -> None:
    info, query = target.info, call.query
    fields = query.field_selector(info)
    if target.name:
        fields = FieldSelector((*fields.requirements, FieldRequirement("metadata.name", target.name)))
    wanted = Filter(query.label_selector(), fields)
    seconds = query.integer("timeoutSeconds") or _SHORTEST_SECONDS * (1 + context.rng.random())
    initial, announce_end = _initial_events(call)
    revision = query.resource_version()
    current = context.objects.store.current_revision
    records: list[Record] = []
    if initial:
        listed = await context.objects.list(info, target.namespace, ListOptions())
        records, revision = matching(listed.records, wanted.labels, wanted.fields), listed.revision
    elif revision is not None and revision > current:
        # This store never gave out that revision: it is another one's, and waiting for it would be in vain.
        raise Expired(f"too old resource version: {revision} ({current})")
    try:
        async with context.objects.store.watch(
            info.prefix(target.namespace if info.namespaced else ""), revision or current
        ) as opened:
            session = Session(
                call, info, opened, wanted, _encoder(context, target, call), query.flag("allowWatchBookmarks")
            )
            async with context.watches.track(session), asyncio.TaskGroup() as group:
                closer = group.create_task(
                    context.watches.close_when_over(session, seconds), name=f"watch-{info.plural}-end"
                )
                await session.start()
                await session.send_initial(records, announce_end=announce_end)
                await session.stream()
                await session.finish()
                closer.cancel()
    except Compacted as error:
        raise Expired(f"too old resource version: {error.revision} ({error.compact_revision})") from error


def _initial_events(call: Call) -> tuple[bool, bool]:
    """Return whether the current state comes first, and whether its end is marked.

    Without ``sendInitialEvents`` a watch from no revision, or from 0, starts with the state and does not say
    where it ends, as it always has.
    """
    query = call.query
    query.check_list_options()
    if not query.text("sendInitialEvents"):
        return not query.resource_version(), False
    wanted = query.flag("sendInitialEvents")
    return wanted, wanted and query.flag("allowWatchBookmarks")


def _encoder(context: Context, target: Target, call: Call) -> Encode:
    accept = call.header(b"accept")
    info = target.info
    if "as=" not in accept or not wants_table(accept):
        return encode_object if info.conversion is None else lambda kind, record: frame(kind, info.view(record.value))
    include = call.query.text("includeObject")
    first = True

    def encode(kind: str, record: Record) -> bytes:
        nonlocal first
        table = Table(target.info.printer, include, context.clock.now())
        rendered = table.render([record.value], str(record.mod_revision), with_columns=first)
        first = False
        return frame(kind, rendered)

    return encode
