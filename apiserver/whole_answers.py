"""Answers that go out in one piece: head and body in one write, past the server's steps for answers that come in parts.

Most answers are small and known whole. Two writes for each, and a look at every header by regular expressions, would be
a tenth of what the server does all day.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

LONGEST = 64 * 1024
"""Bytes of a body that are worth copying behind the head; a longer one goes out by itself."""


def send_whole(cycle: "RequestResponseCycle", code: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> bool:
    """Answer a request; ``headers`` are in lower case, and ``content-length`` is among them.

    Returns whether that has been done: not for a client that is slow or gone, nor for a long body. Raises
    ``RuntimeError`` when a header would break the answer apart.
    """
    if len(body) > LONGEST or cycle.response_started or cycle.disconnected or cycle.flow.write_paused:
        return False
    parts = [STATUS_LINE[code]]
    for name, value in headers:
        parts += (name, b": ", value, b"\r\n")
    if not cycle.keep_alive:
        parts.append(b"connection: close\r\n")
    parts.append(b"\r\n")
    head = b"".join(parts)
    if head.count(b"\n") != len(headers) + 2 + (not cycle.keep_alive):
        raise RuntimeError("Invalid HTTP header value.")
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.transport.write(head + body)
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
    return True
