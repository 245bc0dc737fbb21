"""``pods``, ``services`` and ``nodes`` ``/proxy``: HTTP through the API server.

``k8s.io/apimachinery/pkg/util/proxy`` and ``pkg/registry/core/*/rest``, v0.36. Bodies stream both ways; nothing in
them is rewritten. Redirects to the target itself are turned into redirects below the proxied path.
"""

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from apimachinery.errors import NotFound, ServiceUnavailable
from apimachinery.labels import SERVICE_NAME_LABEL
from apiserver.admission.interface import Attributes, Operation
from apiserver.handlers.backends import pass_body_on, session
from apiserver.handlers.context import Context
from apiserver.handlers.proxy_location import (
    Location,
    ProxyName,
    node_location,
    parse_name,
    places,
    pod_location,
    service_locations,
    service_port_name,
    slices_of_endpoints,
)
from apiserver.handlers.upgrading import upgrade
from apiserver.http import Call, ClientDisconnected, asks_for_upgrade
from apiserver.request import Target
from store.interface import ListOptions

if TYPE_CHECKING:
    import aiohttp

JSONObject = dict[str, Any]

_HOP_BY_HOP = frozenset({
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
})
_NOT_FORWARDED = _HOP_BY_HOP | {"host", "content-length", "accept-encoding"}


async def proxy(context: Context, target: Target, call: Call) -> None:
    """Pass the request on to what the path names, and its answer back."""
    asked = parse_name(target.name, target.info.singular)
    attributes = Attributes(
        operation=Operation.CONNECT,
        info=target.info,
        namespace=target.namespace,
        name=asked.name,
        subresource="proxy",
    )
    await context.admission.admit(attributes)
    await context.admission.validate(attributes)
    location = await _locate(context, target, asked)
    prefix, path = _split(target, call)
    if not path:
        # Without the slash a page's relative links would lead beside it.
        await call.answer(301, b"", [(b"location", f"{prefix}/{_query(call)}".encode("latin-1"))])
        return
    if asks_for_upgrade(call):
        await upgrade(call, location, f"{path}{_query(call)}")
        return
    await _forward(call, location, prefix, path)


def _split(target: Target, call: Call) -> tuple[str, str]:
    """Return the path up to and with ``proxy``, and what follows it, both as the client quoted them."""
    raw = (call.scope.get("raw_path") or call.path.encode()).partition(b"?")[0].decode("latin-1")
    depth = 8 if target.info.namespaced else 6
    prefix = "/".join(raw.split("/")[:depth])
    if not prefix.endswith("/proxy"):
        raise NotFound("the server could not find the requested resource")
    return prefix, raw[len(prefix) :]


def _query(call: Call) -> str:
    query = call.scope["query_string"].decode("latin-1")
    return f"?{query}" if query else ""


async def _locate(context: Context, target: Target, asked: ProxyName) -> Location:
    record = await context.objects.get(target.info, target.namespace, asked.name)
    obj = orjson.loads(record.value)
    match target.info.plural:
        case "pods":
            return pod_location(obj, asked)
        case "nodes":
            return node_location(obj, asked)
        case _:
            return await _endpoint(context, target.namespace, obj, asked)


async def _endpoint(context: Context, namespace: str, service: JSONObject, asked: ProxyName) -> Location:
    """Choose one of a Service's ready endpoints at random."""
    port_name = service_port_name(service, asked)
    locations = service_locations(await _slices(context, namespace, asked.name), port_name, asked)
    if not locations:
        raise ServiceUnavailable(f'no endpoints available for service "{asked.name}"')
    return context.rng.choice(locations)


async def _slices(context: Context, namespace: str, service: str) -> list[JSONObject]:
    slices = context.registry.find("discovery.k8s.io", "v1", "endpointslices")
    endpoints = context.registry.find("", "v1", "endpoints")
    assert slices is not None
    assert endpoints is not None
    listed = await context.objects.list(slices, namespace, ListOptions())
    found = [
        orjson.loads(record.value) for record in listed.records if record.labels.get(SERVICE_NAME_LABEL) == service
    ]
    if found:
        return found
    try:
        record = await context.objects.get(endpoints, namespace, service)
    except NotFound:
        return []
    return slices_of_endpoints(orjson.loads(record.value))


async def _forward(call: Call, location: Location, prefix: str, path: str) -> None:
    import aiohttp

    async with session() as opened:
        failure: aiohttp.ClientError | None = None
        for place in places(location):
            try:
                response = await _ask(opened, call, place, prefix, path)
            except aiohttp.ClientConnectorError as error:
                # Nothing of the request has been sent: it may be sent elsewhere.
                failure = error if failure is None or place == location else failure
                continue
            except aiohttp.ClientError as error:
                raise ServiceUnavailable(f"error trying to reach service: {error}") from error
            async with response:
                await _answer(call, response, location, prefix)
            return
        raise ServiceUnavailable(f"error trying to reach service: {failure}") from failure


async def _ask(
    opened: "aiohttp.ClientSession", call: Call, location: Location, prefix: str, path: str
) -> "aiohttp.ClientResponse":
    from yarl import URL

    return await opened.request(
        call.method,
        # Already quoted by the client, and sent just so.
        URL(f"{location.origin}{path}{_query(call)}", encoded=True),
        headers=_request_headers(call, f"{prefix}{path}"),
        data=_body(call) if _has_body(call) else None,
        allow_redirects=False,
    )


def _has_body(call: Call) -> bool:
    return bool(call.header(b"transfer-encoding")) or call.header(b"content-length") not in {"", "0"}


async def _body(call: Call) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await call.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnected
        more = bool(message.get("more_body"))
        if part := message.get("body"):
            yield part


def _request_headers(call: Call, path: str) -> list[tuple[str, str]]:
    headers = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in call.scope["headers"]
        if name.decode("latin-1") not in _NOT_FORWARDED
    ]
    sent: Mapping[str, str] = {
        "Accept-Encoding": call.header(b"accept-encoding") or "identity",
        # As it was quoted: a header has no room for everything that a path may say.
        "X-Forwarded-Uri": path,
        "X-Forwarded-Host": call.header(b"host"),
        "X-Forwarded-Proto": call.scope.get("scheme", "http"),
    }
    if length := call.header(b"content-length"):
        headers.append(("Content-Length", length))
    return [*headers, *sent.items()]


async def _answer(call: Call, response: "aiohttp.ClientResponse", location: Location, prefix: str) -> None:
    headers = [
        (name.lower(), _redirected(value, location, prefix) if name.lower() == b"location" else value)
        for name, value in response.raw_headers
        if name.lower().decode("latin-1") not in _HOP_BY_HOP
    ]
    await call.send({"type": "http.response.start", "status": response.status, "headers": headers})
    await pass_body_on(call, response, read=not _has_body(call))


def _redirected(value: bytes, location: Location, prefix: str) -> bytes:
    """Return where a redirect leads as seen from the client; one to another host stays as it is."""
    parts = urlsplit(value.decode("latin-1"))
    if parts.netloc and parts.netloc not in {f"{location.host}:{location.port}", location.host}:
        return value
    if not parts.path.startswith("/"):
        return value
    return f"{prefix}{parts.path}{'?' + parts.query if parts.query else ''}".encode("latin-1")
