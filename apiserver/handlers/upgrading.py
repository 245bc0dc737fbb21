"""Requests that ask for another protocol: passed on whole, and joined with what answers them."""

from apiserver import tunnel
from apiserver.handlers.proxy_location import Location
from apiserver.http import CONNECTION, Call

_NOT_FORWARDED = frozenset({b"host", b"content-length", b"transfer-encoding"})


async def upgrade(call: Call, location: Location, path: str) -> None:
    """Send the request to ``location`` as one for ``path``, query included, and do what the answer says.

    With 101 the two connections become one until either side closes its own; any other answer is the client's answer.
    Raises :class:`~apimachinery.errors.ServiceUnavailable` when nobody answers.
    """
    request = _request(call, location, path)
    backend, answer = await tunnel.connect(location.host, location.port, request, tls=location.scheme == "https")
    if answer.switched:
        call.code = answer.code
        await tunnel.tunnel(call.scope[CONNECTION], backend, answer)
        return
    backend.close()
    headers = [
        (name.lower(), value)
        for name, value in answer.headers
        if name.lower() not in {b"content-length", b"transfer-encoding", b"connection", b"keep-alive"}
    ]
    headers.append((b"content-length", b"%d" % len(answer.body)))
    await call.send({"type": "http.response.start", "status": answer.code, "headers": headers})
    await call.send({"type": "http.response.body", "body": answer.body})


def _request(call: Call, location: Location, path: str) -> bytes:
    lines = [f"{call.method} {path} HTTP/1.1".encode("latin-1"), f"host: {location.host}:{location.port}".encode()]
    lines += [b"%b: %b" % (name, value) for name, value in call.scope["headers"] if name not in _NOT_FORWARDED]
    return b"\r\n".join([*lines, b"", b""])
