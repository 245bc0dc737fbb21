"""GET with ``watch=1``."""

import asyncio

from apimachinery.errors import Expired
from apimachinery.selectors import FieldRequirement, FieldSelector
from apiserver.handlers.context import Context
from apiserver.handlers.presenting import Presenter
from apiserver.handlers.selecting import Filter
from apiserver.handlers.watching import Session
from apiserver.http import Call
from apiserver.negotiation import negotiate_stream
from apiserver.request import Target
from store.errors import Compacted
from store.interface import ListOptions, Record


async def watch(context: Context, target: Target, call: Call) -> None:
    info, query = target.info, call.query
    fields = query.field_selector(info)
    if target.name:
        fields = FieldSelector((*fields.requirements, FieldRequirement("metadata.name", target.name)))
    wanted = Filter(info, query.label_selector(), fields)
    form = negotiate_stream(call.header(b"accept"))
    presenter = Presenter(info, form, query.text("includeObject"), context.clock)
    count = context.metrics.watch_counter(info.group, info.version, info.plural)
    seconds = query.integer("timeoutSeconds") or context.min_request_timeout * (1 + context.rng.random())
    initial, announce_end = _initial_events(call)
    revision = query.resource_version()
    current = context.objects.store.current_revision
    records: list[Record] = []
    if initial:
        listed = await context.objects.list(info, target.namespace, ListOptions())
        records, revision = wanted.choose(listed.records), listed.revision
    elif revision is not None and revision > current:
        # This store never gave out that revision: it is another one's, and waiting for it would be in vain.
        raise Expired(f"too old resource version: {revision} ({current})")
    try:
        async with context.objects.store.watch(
            info.prefix(target.namespace if info.namespaced else ""), revision or current
        ) as opened:
            session = Session(
                call, opened, wanted, presenter.encoder(), presenter.type_meta, query.flag("allowWatchBookmarks"), count
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
