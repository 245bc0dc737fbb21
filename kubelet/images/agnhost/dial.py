"""``netexec``'s ``/dial``: asks another server, and tells what it said (``test/images/agnhost/netexec``, v1.36)."""

import json
from http import HTTPStatus

from kubelet.fake.process import Process
from kubelet.images.datagrams import open_datagrams
from kubelet.images.http import HTTPRequest, HTTPResponse
from kubelet.images.utilities.hosts import resolve
from kubelet.images.utilities.http_client import BadReply, BadURL, EmptyReply, Request, exchange, parse_url

_TIMEOUT_SECONDS = 5.0
_MOST_TRIES = 100


async def dial(process: Process, request: HTTPRequest) -> HTTPResponse:
    """Answer with what each of ``tries`` came to: ``{"responses": […], "errors": […]}``."""
    query = request.query
    tries, protocol = query.get("tries", "") or "1", (query.get("protocol", "") or "http").lower()
    if not tries.isdigit():
        return _refusal(f'tries parameter is invalid. strconv.Atoi: parsing "{tries}": invalid syntax')
    if not query.get("request"):
        return _refusal("request parameter not specified")
    if protocol not in {"http", "udp"}:
        return _refusal(f"unsupported protocol. {protocol}")
    try:
        port = int(query.get("port", ""))
    except ValueError:
        return _refusal("port parameter is invalid")
    responses, errors = [], []
    ask = _ask_http if protocol == "http" else _ask_udp
    for _ in range(min(int(tries), _MOST_TRIES)):
        try:
            async with process.clock.timeout(_TIMEOUT_SECONDS):
                responses.append(await ask(process, query.get("host", ""), port, query["request"]))
        except TimeoutError:
            errors.append("reading from connection failed. i/o timeout")
        except (OSError, BadReply, BadURL, EmptyReply) as error:
            errors.append(f"dial {'tcp' if protocol == 'http' else protocol} {query.get('host')}:{port}: {error}")
    output = {key: texts for key, texts in (("errors", errors), ("responses", responses)) if texts}
    return HTTPResponse(HTTPStatus.OK, json.dumps(output, separators=(",", ":")).encode())


async def _ask_http(process: Process, host: str, port: int, request: str) -> str:
    reply = await exchange(
        process, Request(parse_url(f"http://{host}:{port}/{request}"), user_agent="Go-http-client/1.1")
    )
    return bytes(reply.body).decode(errors="replace")


async def _ask_udp(process: Process, host: str, port: int, request: str) -> str:
    client = await open_datagrams(process, await resolve(process, host), port)
    try:
        client.send(request.encode())
        return (await client.receive()).decode(errors="replace")
    finally:
        client.close()


def _refusal(text: str) -> HTTPResponse:
    return HTTPResponse(HTTPStatus.BAD_REQUEST, f"{text}\n".encode())
