"""What goes over the wire in an HTTP probe or hook, and how a probe is judged (``pkg/probe/http``, v1.36)."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

import httptools

from apimachinery.types.probes import HTTPHeader
from kubelet.probe_state import Result
from kubelet.prober.outcome import SHOWN_BYTES, SUCCESS, Outcome, host_port

MOST_REQUESTS = 10
"""How many requests one HTTP probe makes at most, redirects within its host followed."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_UNQUOTED = "/%:@!$&'()*+,;=~-._"


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart. ``path`` is what the request line asks for, ``text`` the URL as messages show it."""

    scheme: str
    host: str
    port: int
    path: str
    text: str


def target(scheme: str, host: str, port: int, path: str) -> Target:
    """Return what a probe asks for; ``path`` may have a query, and need not begin with a slash."""
    try:
        parts = urlsplit(path)
        bare, query = parts.path, parts.query
    except ValueError:
        bare, query = path, ""
    bare = quote(bare, safe=_UNQUOTED)
    if bare and not bare.startswith("/"):
        bare = f"/{bare}"
    asked = f"?{query}" if query else ""
    return Target(scheme, host, port, f"{bare or '/'}{asked}", f"{scheme}://{host_port(host, port)}{bare}{asked}")


def redirected(origin: Target, here: Target, location: str) -> Target | None:
    """Return where a redirect leads from ``here``, ``None`` when that is not on ``origin``'s host or cannot be read."""
    try:
        parts = urlsplit(urljoin(here.text, location))
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or parts.hostname != origin.host.lower():
        return None
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return target(parts.scheme, origin.host, port or (443 if parts.scheme == "https" else 80), path)


def header_lines(headers: Iterable[HTTPHeader], user_agent: str) -> tuple[str, str]:
    """Return the value of a ``Host`` header, if one is given, and the lines of all others.

    An empty ``Accept`` leaves that header out, an empty ``User-Agent`` too.
    """
    host, lines, given = "", [], set()
    for header in headers:
        name = header.name.lower()
        if name == "host":
            host = host or header.value
            continue
        if name in {"accept", "user-agent"}:
            given.add(name)
            if not header.value:
                continue
        lines.append(f"{header.name}: {header.value}\r\n")
    if "user-agent" not in given:
        lines.insert(0, f"User-Agent: {user_agent}\r\n")
    if "accept" not in given:
        lines.append("Accept: */*\r\n")
    return host, "".join(lines)


def request(where: Target, headers: tuple[str, str]) -> bytes:
    """Return a request as it goes over the wire; ``headers`` as :func:`header_lines` gives them."""
    host, lines = headers
    named = host or host_port(where.host, where.port)
    return f"GET {where.path} HTTP/1.1\r\nHost: {named}\r\n{lines}Connection: close\r\n\r\n".encode(
        "latin-1", "replace"
    )


class ResponseReader:
    """Takes in a response as it comes, of its body no more than is shown."""

    __slots__ = ("_body", "_parser", "complete", "headers_complete", "location", "status")

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._body = bytearray()
        self.status = 0
        self.location = ""
        self.headers_complete = False
        self.complete = False
        """Whether enough has come to judge by."""

    def feed(self, data: bytes) -> None:
        """Take in what has arrived; raise ``ValueError`` when that is not HTTP."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.complete = True
        except httptools.HttpParserError as error:
            if not self.complete:
                first = data.partition(b"\n")[0].rstrip(b"\r").decode("latin-1")
                raise ValueError(f'malformed HTTP response "{first}"') from error

    def end(self) -> bool:
        """The server has closed the connection; return whether that was a possible end of the response."""
        # Without a length the end of the connection is the end of the body; with one the parser waits for the rest.
        return self.complete or self.headers_complete

    @property
    def body(self) -> str:
        return bytes(self._body[:SHOWN_BYTES]).decode(errors="replace")

    # httptools' callbacks

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"location" and not self.location:
            self.location = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        self.headers_complete = self.status >= 200

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) >= SHOWN_BYTES:
            self.complete = True

    def on_message_complete(self) -> None:
        self.complete = self.headers_complete


def follow(origin: Target, here: Target, response: ResponseReader) -> Target | None:
    """Return where a response sends a probe of ``origin`` next, ``None`` when it is to be judged."""
    if response.status not in _REDIRECTS or not response.location:
        return None
    return redirected(origin, here, response.location)


def verdict(response: ResponseReader) -> Outcome:
    """Judge a response that leads nowhere else."""
    status = response.status
    if 200 <= status < 300:
        return SUCCESS
    if 300 <= status < 400:
        return Outcome(Result.SUCCESS, f"Probe terminated redirects, Response body: {response.body}")
    return Outcome(Result.FAILURE, f"HTTP probe failed with statuscode: {status}")
