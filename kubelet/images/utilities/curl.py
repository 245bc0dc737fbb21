"""``curl``: HTTP over the pod network."""

import posixpath
import re
from dataclasses import dataclass, field
from urllib.parse import quote

from kubelet.fake.process import Process
from kubelet.fake.shell.formatting import decode, encode, unescape
from kubelet.images.utilities.command import CommandFault, create, number, parse_options, seconds
from kubelet.images.utilities.hosts import UnknownHost
from kubelet.images.utilities.http_client import (
    BadReply,
    BadURL,
    EmptyReply,
    Reply,
    Request,
    UnsupportedScheme,
    exchange,
    follow,
    parse_url,
)

VERSION = "8.17.0"
_FLAGS = "sSfLiIvkgqOGN#jJ046n"
_VALUED = "oXHdmwAurebTCtF"
_LONG = {
    "silent": "s",
    "show-error": "S",
    "fail": "f",
    "fail-with-body": "f",
    "location": "L",
    "include": "i",
    "head": "I",
    "verbose": "v",
    "insecure": "k",
    "globoff": "g",
    "disable": "q",
    "remote-name": "O",
    "get": "G",
    "no-buffer": "N",
    "no-progress-meter": "N",
    "output": "o",
    "request": "X",
    "header": "H",
    "data": "d",
    "data-raw": "r",
    "data-binary": "b",
    "data-urlencode": "e",
    "max-time": "m",
    "connect-timeout": "t",
    "write-out": "w",
    "user-agent": "A",
    "user": "u",
    "retry": "C",
    "retry-delay": "T",
    "retry-connrefused": "0",
    "retry-all-errors": "0",
    "interface": "F",
    "ipv4": "4",
    "ipv6": "6",
    "http1.1": "j",
    "version": "V",
}
_INTERFACES = ("eth0", "lo")
"""A pod has one address, and these names of it."""

_WORTH_A_RETRY = frozenset({408, 429, 500, 502, 503, 504})


class _Failure(Exception):
    """curl ends with ``code``; the text is shown unless it is to be silent."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(slots=True)
class _Wish:
    """What the command line asks for."""

    flags: set[str]
    values: dict[str, str]
    urls: list[str]
    method: str = "GET"
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | None = None
    limit: float | None = None
    """Seconds that one attempt may take."""
    retries: int = 0
    retry_delay: float = 0.0


async def curl(process: Process) -> int:
    """``curl [-sSfLiIvkGOgq] [-o FILE] [-X METHOD] [-H H]... [-d DATA]... [-m SECONDS] [-w FORMAT] URL...``."""
    try:
        wish = await _read(process)
    except CommandFault as fault:
        await process.complain(f"curl: {fault}")
        return 2
    if "V" in wish.flags:
        await process.print(f"curl {VERSION} (fake)\nProtocols: http")
        return 0
    if not wish.urls:
        await process.complain("curl: (2) no URL specified")
        return 2
    if wish.values.get("F", process.ip) not in {process.ip, process.hostname, *_INTERFACES}:
        await process.complain("curl: (45) bind failed with errno 99: Cannot assign requested address")
        return 45
    code = 0
    for text in wish.urls:
        try:
            code = 0
            await _with_retries(process, wish, text)
        except _Failure as failure:
            code = failure.code
            if "s" not in wish.flags or "S" in wish.flags:
                await process.complain(f"curl: ({code}) {failure}")
            if code != 22:
                await _write_out(process, wish, Reply(), text)
    return code


async def _read(process: Process) -> _Wish:
    options = parse_options(process.argv[1:], _FLAGS + "V", _VALUED, long=_LONG)
    wish = _Wish(options.flags, options.values, options.operands)
    data: list[bytes] = []
    for letter, value in options.given:
        if letter == "H":
            name, _, text = value.partition(":")
            wish.headers.append((name.strip(), text.strip()))
        elif letter == "d":
            content = await _content(process, value)
            data.append(content.replace(b"\n", b"").replace(b"\r", b"") if value.startswith("@") else content)
        elif letter == "b":
            data.append(await _content(process, value))
        elif letter == "r":
            data.append(encode(value))
        elif letter == "e":
            name, equals, text = value.partition("=")
            data.append(encode(f"{name}={quote(text)}" if equals and name else quote(text or name)))
    if data:
        wish.body = b"&".join(data)
        wish.method = "POST"
    if "G" in wish.flags and wish.body is not None:
        query = decode(wish.body)
        wish.urls = [f"{url}{'&' if '?' in url else '?'}{query}" for url in wish.urls]
        wish.body, wish.method = None, "GET"
    if "I" in wish.flags:
        wish.method = "HEAD"
    wish.method = wish.values.get("X", wish.method)
    limits = [seconds(wish.values[letter]) for letter in "mt" if letter in wish.values]
    wish.limit = min(limits) if limits else None
    wish.retries = number(wish.values.get("C", "0"))
    wish.retry_delay = seconds(wish.values.get("T", "0"))
    return wish


async def _content(process: Process, value: str) -> bytes:
    if not value.startswith("@"):
        return encode(value)
    if value == "@-":
        return await process.stdin.read()
    try:
        return process.fs.read(process.path(value[1:]))
    except OSError as error:
        raise CommandFault(f"option -d: error encountered when reading a file: {value[1:]}") from error


async def _with_retries(process: Process, wish: _Wish, text: str) -> None:
    left = wish.retries
    delay = 1.0
    while True:
        try:
            reply = await _attempt(process, wish, text)
            if reply.status not in _WORTH_A_RETRY or not left:
                return await _show(process, wish, text, reply)
        except _Failure as failure:
            again = failure.code == 28 or (failure.code == 7 and "0" in wish.flags) or "0" in wish.flags
            if not left or not again:
                raise
        left -= 1
        await process.sleep(wish.retry_delay or delay)
        delay = min(delay * 2, 600.0)


async def _attempt(process: Process, wish: _Wish, text: str) -> Reply:
    try:
        async with process.clock.timeout(wish.limit):
            return await _fetch(process, wish, text)
    except TimeoutError as error:
        waited = f"{(wish.limit or 0) * 1000:.0f} milliseconds"
        raise _Failure(28, f"Operation timed out after {waited} with 0 bytes received") from error


async def _fetch(process: Process, wish: _Wish, text: str) -> Reply:
    try:
        url = parse_url(text)
    except UnsupportedScheme as error:
        raise _Failure(1, f'Protocol "{error}" not supported') from error
    except BadURL as error:
        raise _Failure(3, f"URL rejected: {error}") from error
    request = Request(
        url,
        method=wish.method,
        headers=wish.headers,
        body=wish.body or b"",
        user_agent=wish.values.get("A", f"curl/{VERSION}"),
    )
    for _ in range(50):
        reply = await _one(process, wish, request)
        location = reply.header("Location")
        if "L" not in wish.flags or location is None or not 300 <= reply.status < 400:
            return reply
        request.url = follow(request.url, location)
        if reply.status in {301, 302, 303} and request.method == "POST":
            request.method, request.body = "GET", b""
    raise _Failure(47, "Maximum (50) redirects followed")


async def _one(process: Process, wish: _Wish, request: Request) -> Reply:
    host, port = request.url.hostname or "", request.url.port or 80
    verbose = "v" in wish.flags
    try:
        reply = await exchange(process, request)
    except UnknownHost as error:
        raise _Failure(6, f"Could not resolve host: {host}") from error
    except TimeoutError:
        raise
    except OSError as error:
        reason = "Connection refused" if isinstance(error, ConnectionRefusedError) else "Could not connect to server"
        raise _Failure(7, f"Failed to connect to {host} port {port} after 0 ms: {reason}") from error
    except EmptyReply as error:
        raise _Failure(52, "Empty reply from server") from error
    except BadReply as error:
        raise _Failure(1, f"Received HTTP/0.9 when not allowed ({error})") from error
    if verbose:
        target = (request.url.path or "/") + (f"?{request.url.query}" if request.url.query else "")
        lines = [
            f"*   Trying {reply.address}:{port}...",
            f"* Connected to {host} ({reply.address}) port {port}",
            f"> {request.method} {target} HTTP/1.1",
            f"> Host: {host}:{port}",
            "> ",
            *(f"< {line}" for line in reply.head().split("\r\n")[:-1]),
        ]
        await process.complain("\n".join(lines))
    return reply


async def _show(process: Process, wish: _Wish, text: str, reply: Reply) -> None:
    if "f" in wish.flags and reply.status >= 400:
        await _write_out(process, wish, reply, text)
        raise _Failure(22, f"The requested URL returned error: {reply.status}")
    data = encode(reply.head()) if wish.flags & {"i", "I"} else b""
    data += bytes(reply.body)
    name = wish.values.get("o")
    if "O" in wish.flags:
        name = posixpath.basename(parse_url(text).path) or "curl_response"
    if name is None or name == "-":
        await process.stdout.write(data)
    else:
        try:
            await create(process, name).write(data)
        except OSError as error:
            raise _Failure(23, f"Failure writing output to destination, {error.strerror}") from error
    await _write_out(process, wish, reply, text)


async def _write_out(process: Process, wish: _Wish, reply: Reply, text: str) -> None:
    if "w" not in wish.values:
        return
    known = {
        "http_code": f"{reply.status:03d}",
        "response_code": f"{reply.status:03d}",
        "size_download": str(len(reply.body)),
        "content_type": reply.header("Content-Type") or "",
        "remote_ip": reply.address,
        "url_effective": text,
        "time_total": "0.000000",
        "exitcode": "0",
    }
    template = wish.values["w"].replace("%%", "\0")
    shown = re.sub(r"%\{(\w+)\}", lambda found: known.get(found[1], ""), template).replace("\0", "%")
    await process.stdout.write(unescape(encode(shown)))
