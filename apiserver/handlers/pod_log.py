"""GET ``pods/NAME/log``: the log of one container, from the kubelet of the pod's node.

``LogLocation`` in ``pkg/registry/core/pod/strategy.go`` and ``pkg/registry/core/pod/rest/log.go``, v1.36.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import orjson

from apimachinery.errors import BadRequest, InternalError, Invalid, NotFound, StatusError
from apiserver.handlers.backends import pass_body_on, session
from apiserver.handlers.context import Context
from apiserver.handlers.proxy_location import Location, ProxyName, node_location
from apiserver.http import Call, asks_for_websocket, method_not_allowed
from apiserver.request import Query, Target
from apiserver.validation.field import refusal
from apiserver.validation.pod_log_options import validate

if TYPE_CHECKING:
    import aiohttp

JSONObject = dict[str, Any]

_LONGEST_ERROR = 50_000
_TIME_LAYOUT = "2006-01-02T15:04:05Z07:00"
_CONTENT = [(b"content-type", b"text/plain")]


async def pod_log(context: Context, target: Target, call: Call) -> None:
    """Answer with the log as text, or in the messages of a WebSocket."""
    if not asks_for_websocket(call):
        await _pod_log(context, target, call)
        return
    from apiserver.websocket import log_call

    async with log_call(call, context.clock) as wrapped:
        await _pod_log(context, target, wrapped)


async def _pod_log(context: Context, target: Target, call: Call) -> None:
    """Answer with the log as text; with ``follow`` until the container has ended or the client is gone."""
    if call.method not in {"GET", "HEAD"}:
        raise method_not_allowed()
    asked = _options(target.name, call.query)
    pod = orjson.loads((await context.objects.get(target.info, target.namespace, target.name)).value)
    container = choose_container(pod, asked.container)
    node_name = pod["spec"].get("nodeName", "")
    if not node_name:
        # Nobody runs it yet: there is no log, and nothing wrong with that.
        await call.send({"type": "http.response.start", "status": 204, "headers": []})
        await call.send({"type": "http.response.body", "body": b""})
        return
    location = await kubelet_of(context, node_name)
    names = "/".join(quote(part, safe="") for part in (target.namespace, target.name, container))
    await _relay(call, f"{location.origin}/containerLogs/{names}{asked.query}", location, target.name)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The container that was named, and what of the query the kubelet gets to see."""

    container: str
    query: str


def _options(name: str, query: Query) -> _Asked:
    """Read the parameters; raise 400 for what cannot be read, 422 for what makes no sense."""
    numbers = {key: query.integer(key) for key in ("tailLines", "limitBytes", "sinceSeconds")}
    since_time, stream = query.text("sinceTime"), query.text("stream")
    if since_time:
        _check_time(since_time)
    causes = validate(
        tail_lines=numbers["tailLines"],
        limit_bytes=numbers["limitBytes"],
        since_seconds=numbers["sinceSeconds"],
        since_time=since_time,
        stream=stream,
    )
    if causes:
        raise refusal("PodLogOptions", "", name, causes)
    sent = {key: "true" for key in ("follow", "previous", "timestamps") if query.flag(key)}
    sent |= {key: str(number) for key, number in numbers.items() if number is not None}
    sent |= {key: text for key, text in (("sinceTime", since_time), ("stream", stream)) if text}
    return _Asked(query.text("container"), f"?{urlencode(sent)}" if sent else "")


def _check_time(text: str) -> None:
    try:
        if datetime.fromisoformat(text).tzinfo is not None:
            return
    except ValueError:
        pass
    raise BadRequest(f'parsing time "{text}" as "{_TIME_LAYOUT}": cannot parse "{text}" as "2006"')


def choose_container(pod: JSONObject, asked: str) -> str:
    """Return the container that is meant: the one asked for, or the only one. Raise 400 where that is none."""
    name, spec = pod["metadata"]["name"], pod["spec"]
    ordinary, init, ephemeral = (
        [str(entry["name"]) for entry in spec.get(key) or ()]
        for key in ("containers", "initContainers", "ephemeralContainers")
    )
    if asked:
        if asked not in {*ordinary, *init, *ephemeral}:
            raise BadRequest(f"container {asked} is not valid for pod {name}")
        return asked
    if len(ordinary) == 1:
        return ordinary[0]
    message = f"a container name must be specified for pod {name}"
    if ordinary:
        message += f", choose one of: [{' '.join(ordinary)}]"
        if init:
            message += f" or one of the init containers: [{' '.join(init)}]"
    raise BadRequest(message)


async def kubelet_of(context: Context, node_name: str) -> Location:
    """Return where the kubelet of a node is reached; raise 404 when there is no such node."""
    nodes = context.registry.find("", "v1", "nodes")
    assert nodes is not None
    node = orjson.loads((await context.objects.get(nodes, "", node_name)).value)
    return node_location(node, ProxyName("", node_name, ""))


async def _relay(call: Call, url: str, location: Location, pod: str) -> None:
    import aiohttp
    from yarl import URL

    async with session() as opened:
        try:
            response = await opened.get(URL(url, encoded=True), allow_redirects=False)
        except aiohttp.ClientError as error:
            address = f"{location.host}:{location.port}"
            raise InternalError(f'Get "{url}": dial tcp {address}: {_reason(error)}') from error
        async with response:
            if not 200 <= response.status <= 206:
                raise await _refusal(response, pod)
            await call.send({"type": "http.response.start", "status": 200, "headers": list(_CONTENT)})
            # Even a log with nothing in it yet has begun: who follows it waits for that.
            await call.send({"type": "http.response.body", "body": b"", "more_body": True})
            await pass_body_on(call, response)


def _reason(error: "aiohttp.ClientError") -> str:
    cause = error.__cause__ or error
    if isinstance(cause, ConnectionRefusedError):
        return "connect: connection refused"
    return str(error)


async def _refusal(response: "aiohttp.ClientResponse", pod: str) -> StatusError:
    """Turn the kubelet's text into an error as ``GenericHttpResponseChecker`` does."""
    text = (await response.content.read(_LONGEST_ERROR)).decode(errors="replace")
    about = f"( pods/log {pod})"
    match response.status:
        case 400:
            return BadRequest(text)
        case 404:
            return NotFound(f"the server could not find the requested resource {about}", name=pod, kind="pods/log")
        case 422:
            return Invalid(
                f"the server rejected our request due to an error in our request {about}", name=pod, kind="pods/log"
            )
        case _:
            return InternalError(f"Internal error occurred: {text}")
