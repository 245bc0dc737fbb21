"""GET on objects and collections."""

import base64
from collections.abc import Sequence
from typing import Any

import orjson

from apimachinery.errors import BadRequest, Expired
from apiserver.handlers.context import Context
from apiserver.handlers.presenting import Presenter
from apiserver.handlers.selecting import Filter
from apiserver.http import Call
from apiserver.registry.resource import ResourceInfo
from apiserver.request import Query, Target
from apiserver.storage import too_large
from store.interface import ListOptions, ListResult, Record

JSONObject = dict[str, Any]

_LARGEST_PAGE = 10_000

_NEWEST = -1
"""In a continue token: go on with whatever is there now."""

_TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


async def get(context: Context, target: Target, call: Call) -> None:
    record = await context.objects.get(target.info, target.namespace, target.name)
    wanted = call.query.resource_version()
    if wanted is not None and wanted > context.objects.store.current_revision:
        raise too_large(wanted, context.objects.store.current_revision)
    await call.answer(200, _presenter(context, target, call).object(record))


def _presenter(context: Context, target: Target, call: Call) -> Presenter:
    return Presenter(target.info, call.negotiate(), call.query.text("includeObject"), context.clock)


async def list_objects(context: Context, target: Target, call: Call) -> None:
    info, query = target.info, call.query
    wanted = Filter(info, query.label_selector(), query.field_selector(info))
    try:
        found, kept = await _read_page(context, target.namespace, query, wanted)
    except Expired as error:
        if token := query.text("continue"):
            raise Expired(_TOO_OLD, continue_token=_token(_NEWEST, _parse_token(token)[1])) from error
        raise
    continue_token, remaining = _next_page(info, found, kept, query, selected=not wanted.empty)
    await _presenter(context, target, call).send_list(call, kept, found.revision, continue_token, remaining)


async def _read_page(
    context: Context, namespace: str, query: Query, wanted: Filter
) -> tuple[ListResult, Sequence[Record]]:
    """Read records until the page is full of matching ones or there are no more."""
    info, limit = wanted.info, query.limit()
    revision, start_after = _position(context, query)
    if wanted.empty:
        found = await context.objects.list(info, namespace, ListOptions(limit, start_after, revision))
        return found, found.records
    if not limit:
        found = await context.objects.list(info, namespace, ListOptions(0, start_after, revision))
        return found, wanted.choose(found.records)
    kept: list[Record] = []
    while True:
        found = await context.objects.list(info, namespace, ListOptions(_LARGEST_PAGE, start_after, revision))
        revision = found.revision
        for index, record in enumerate(found.records):
            if wanted.matches(record):
                kept.append(record)
                if len(kept) == limit:
                    left = len(found.records) - index - 1 + found.remaining
                    return ListResult(found.records[: index + 1], found.revision, left), kept
        if not found.remaining:
            return found, kept
        start_after = found.records[-1].key


def _position(context: Context, query: Query) -> tuple[int | None, str | None]:
    """Return the revision to read at and the key to go on behind, from ``continue`` and ``resourceVersion``."""
    query.check_list_options()
    token, wanted = query.text("continue"), query.resource_version()
    match = query.text("resourceVersionMatch")
    if token:
        if wanted:
            raise BadRequest("specifying resource version is not allowed when using continue")
        return _parse_token(token)
    current = context.objects.store.current_revision
    if wanted is None or wanted == 0:
        return None, None
    if wanted > current:
        raise too_large(wanted, current)
    if match == "Exact" or (query.limit() and match != "NotOlderThan"):
        return wanted, None
    return None, None


def _token(revision: int, start: str) -> str:
    content = {"v": "meta.k8s.io/v1", "rv": revision, "start": start}
    return base64.urlsafe_b64encode(orjson.dumps(content)).rstrip(b"=").decode()


def _parse_token(token: str) -> tuple[int | None, str]:
    try:
        content = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        revision, start = int(content["rv"]), str(content["start"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadRequest("continue key is not valid") from error
    return None if revision == _NEWEST else revision, start


def _next_page(
    info: ResourceInfo, found: ListResult, kept: Sequence[Record], query: Query, *, selected: bool
) -> tuple[str, int]:
    """Return the token of the page behind this one, empty when there is none, and how many objects follow.

    With a selector nobody knows how many of the rest match, so the count is left out, as upstream does.
    """
    if not query.limit() or not found.remaining or not kept:
        return "", 0
    return _token(found.revision, found.records[-1].key), 0 if selected else found.remaining
