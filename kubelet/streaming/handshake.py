"""How a client and the kubelet agree on what carries a stream.

``k8s.io/apimachinery/pkg/util/httpstream`` and ``k8s.io/streaming/pkg/wsstream`` (v0.36): a WebSocket names
subprotocols, an upgrade to SPDY does the same in a header of its own.
"""

from collections.abc import Iterable, Sequence

from aiohttp import web

from kubelet.streaming.carriers import SPDY, UpgradedCarrier

LONGEST_MESSAGE = 32 * 1024 * 1024
"""Of a WebSocket, in bytes."""

_VERSION = "X-Stream-Protocol-Version"
_ACCEPTED = "X-Accepted-Stream-Protocol-Versions"


class Refused(Exception):
    """The client and the kubelet have nothing in common; ``response`` says so."""

    def __init__(self, response: web.Response) -> None:
        super().__init__(response.text)
        self.response = response


def is_websocket(request: web.Request) -> bool:
    """Whether the request asks to become a WebSocket."""
    return request.headers.get("Upgrade", "").lower() == "websocket"


def offered(request: web.Request) -> list[str]:
    """Return the subprotocols that the client of a WebSocket would speak, the one it likes best first."""
    return _listed(request.headers.getall("Sec-WebSocket-Protocol", ()))


def choose(client: Sequence[str], server: Iterable[str]) -> str | None:
    """Return the first of the client's protocols that the server speaks, ``None`` when there is none."""
    known = frozenset(server)
    return next((name for name in client if name in known), None)


async def open_websocket(request: web.Request, protocols: Sequence[str], *, unnamed: bool) -> web.WebSocketResponse:
    """Make a WebSocket of a request; ``unnamed`` says that a client may leave open which protocol it speaks.

    Raises :class:`Refused` with 403 when the two have no protocol in common.
    """
    named = offered(request)
    chosen = choose(named, protocols)
    if chosen is None and (named or not unnamed):
        raise Refused(web.Response(status=403, text=f"unable to negotiate a subprotocol: client supports {named}"))
    socket = web.WebSocketResponse(protocols=(chosen,) if chosen else (), max_msg_size=LONGEST_MESSAGE, compress=False)
    await socket.prepare(request)
    return socket


def open_spdy(request: web.Request, protocols: Sequence[str]) -> tuple[UpgradedCarrier, str]:
    """Make a SPDY connection of a request; return it with the protocol that is spoken in its streams.

    Raises :class:`Refused`: with 400 for a request that asks for nothing of the kind, 403 without a common protocol.
    """
    if request.headers.get("Upgrade", "").lower() != SPDY.lower():
        raise Refused(web.Response(status=400, text="Upgrade request required"))
    named = _listed(request.headers.getall(_VERSION, ()))
    # A client of the time before there were versions speaks the first of them.
    chosen = choose(named, protocols) if named else protocols[-1]
    if chosen is None:
        refusal = web.Response(
            status=403,
            text=f"unable to upgrade: unable to negotiate protocol: client supports {named}, "
            f"server accepts {list(protocols)}",
        )
        for name in protocols:
            refusal.headers.add(_ACCEPTED, name)
        raise Refused(refusal)
    head = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", f"Upgrade: {SPDY}", f"{_VERSION}: {chosen}"]
    return UpgradedCarrier.take_over(request, "\r\n".join([*head, "", ""]).encode()), chosen


class Switched(web.StreamResponse):
    """Tells the server that a request has been answered already, by what its connection has become."""

    async def prepare(self, request: web.BaseRequest) -> None:
        self._eof_sent = True
        request.protocol.force_close()

    async def write_eof(self, data: bytes = b"") -> None:
        return


def _listed(values: Iterable[str]) -> list[str]:
    return [name for value in values for part in value.split(",") if (name := part.strip())]
