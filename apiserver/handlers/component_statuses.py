"""``componentstatuses``: whether the components answer, found out when somebody asks.

``pkg/registry/core/componentstatus``, v1.36. Deprecated upstream since v1.19 and served still. The scheduler and the
controller manager are asked where the settings say, by default at the ports that upstream gives them; the store is the
server's own, and healthy while it answers.
"""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import orjson

from apiserver.handlers.context import Context
from apiserver.handlers.presenting import Presenter
from apiserver.http import Call
from apiserver.request import Target
from apiserver.storage import not_found
from store.interface import Record

JSONObject = dict[str, Any]

STORE = "etcd-0"
WARNING = "v1 ComponentStatus is deprecated in v1.19+"

_TIMEOUT_SECONDS = 2.0
_LARGEST_ANSWER = 1024


async def component_statuses(context: Context, target: Target, call: Call) -> None:
    """Answer GET of one component or of all, in their order by name."""
    call.warnings.append(WARNING)
    presenter = Presenter(target.info, call.negotiate(), call.query.text("includeObject"), context.clock)
    names = sorted([*context.components, STORE])
    if target.name:
        if target.name not in names:
            raise not_found(target.info, target.name)
        await call.answer(200, presenter.object(await _record(context, target.name)))
        return
    labels, fields = call.query.label_selector(), call.query.field_selector(target.info)
    records = await asyncio.gather(*(_record(context, name) for name in names))
    chosen = [record for record in records if fields.matches(record.fields) and labels.matches(record.labels)]
    await presenter.send_list(call, chosen, context.objects.store.current_revision, "", 0)


async def _record(context: Context, name: str) -> Record:
    healthy, text = (True, "ok") if name == STORE else await _ask(context, context.components[name])
    condition = {"type": "Healthy", "status": "True" if healthy else "False", "message" if healthy else "error": text}
    status: JSONObject = {
        "kind": "ComponentStatus",
        "apiVersion": "v1",
        "metadata": {"name": name},
        "conditions": [condition],
    }
    return Record(name, orjson.dumps(status), 0, 0, {}, {"metadata.name": name})


async def _ask(context: Context, server: str) -> tuple[bool, str]:
    """Return whether ``/healthz`` of a server says so, and what is said instead."""
    url, place = f"{server}/healthz", urlsplit(server)
    try:
        async with context.clock.timeout(_TIMEOUT_SECONDS):
            reader, writer = await asyncio.open_connection(place.hostname, place.port)
            try:
                writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                head = await reader.readuntil(b"\r\n\r\n")
                body = (await reader.read(_LARGEST_ANSWER)).decode("utf-8", "replace")
            finally:
                writer.close()
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError) as error:
        return False, f'Get "{url}": {error or type(error).__name__}'
    return head.startswith(b"HTTP/1.1 200"), body.strip() or "ok"
