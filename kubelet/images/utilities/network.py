"""``nc`` and ``wget``: real connections from the pod's address."""

import asyncio
import contextlib
import posixpath

from kubelet.fake.process import Process
from kubelet.fake.program import CommandNotFound, NotExecutable
from kubelet.fake.shell.formatting import encode
from kubelet.fake.streams import Pipe
from kubelet.images.arrivals import Streams, listen_for_streams
from kubelet.images.datagrams import DatagramServer, open_datagrams
from kubelet.images.utilities.command import CHUNK, CommandFault, complain, create, number, parse_options, seconds
from kubelet.images.utilities.hosts import UnknownHost, resolve
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

_REDIRECTS = 10


async def wget(process: Process) -> int:
    """``wget [-q] [-S] [-O FILE] [-T SECONDS] [--spider] [--header H]... [--post-data D] URL...``."""
    options = parse_options(
        process.argv[1:],
        "qSscXn",
        "OTUHDPtY",
        long={
            "spider": "X",
            "header": "H",
            "post-data": "D",
            "quiet": "q",
            "output-document": "O",
            "timeout": "T",
            "user-agent": "U",
            "tries": "t",
            "no-verbose": "n",
            "server-response": "S",
            "no-check-certificate": "c",
        },
    )
    if not options.operands:
        raise CommandFault("missing URL")
    headers = [_header(value) for letter, value in options.given if letter == "H"]
    body = options.values.get("D")
    for text in options.operands:
        try:
            url = parse_url(text)
        except UnsupportedScheme as error:
            raise CommandFault(f"not an http or ftp url: {error}://") from error
        except BadURL as error:
            raise CommandFault(f"bad address '{text}'") from error
        request = Request(
            url,
            method="POST" if body is not None else "GET",
            headers=headers,
            body=encode(body or ""),
            user_agent=options.values.get("U", "Wget"),
        )
        async with process.clock.timeout(seconds(options.values.get("T", "900"))):
            reply = await _fetch(process, request, quiet="q" in options.flags)
        if "S" in options.flags:
            await process.stderr.write(encode("".join(f"  {line}\n" for line in reply.head().split("\r\n") if line)))
        if "X" not in options.flags:
            await _save(process, request, reply, options.values.get("O"), quiet="q" in options.flags)
    return 0


def _header(text: str) -> tuple[str, str]:
    name, _, value = text.partition(":")
    return name.strip(), value.strip()


async def _fetch(process: Process, request: Request, *, quiet: bool) -> Reply:
    for _ in range(_REDIRECTS):
        host, port = request.url.hostname or "", request.url.port or 80
        try:
            if not quiet:
                address = await resolve(process, host)
                await process.complain(f"Connecting to {host}:{port} ({address}:{port})")
            reply = await exchange(process, request)
        except UnknownHost as error:
            raise CommandFault(f"bad address '{host}'") from error
        except TimeoutError as error:
            raise CommandFault("download timed out") from error
        except OSError as error:
            raise CommandFault(f"can't connect to remote host ({host}): {_reason(error)}") from error
        except (EmptyReply, BadReply) as error:
            raise CommandFault("error getting response") from error
        if reply.status in {301, 302, 303, 307, 308} and (location := reply.header("Location")) is not None:
            request = Request(follow(request.url, location), headers=request.headers, user_agent=request.user_agent)
            continue
        if not 200 <= reply.status < 300:
            raise CommandFault(f"server returned error: HTTP/{reply.version} {reply.status} {reply.reason}".rstrip())
        return reply
    raise CommandFault("too many redirections")


def _reason(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "Connection refused"
    return error.strerror or str(error)


async def _save(process: Process, request: Request, reply: Reply, name: str | None, *, quiet: bool) -> None:
    if name == "-":
        if not quiet:
            await process.complain("writing to stdout")
        await process.stdout.write(bytes(reply.body))
        if not quiet:
            await process.complain("written to stdout")
        return
    name = name or posixpath.basename(request.url.path) or "index.html"
    if not quiet:
        await process.complain(f"saving to '{name}'")
    await create(process, name).write(bytes(reply.body))
    if not quiet:
        await process.complain(f"'{name}' saved")


async def nc(process: Process) -> int:
    """``nc [-u] [-v] [-z] [-n] [-t] [-w SECONDS] HOST PORT`` and ``nc -l [-u] [-k] [-p PORT] [-e PROGRAM] [PORT]``."""
    options = parse_options(process.argv[1:], "lkvzntuN", "pwei")
    if "l" in options.flags:
        port = options.values.get("p") or (options.operands[-1] if options.operands else "")
        if "u" in options.flags:
            return await _serve_udp(process, number(port))
        return await _serve(process, number(port), options.flags, options.values.get("e"))
    if len(options.operands) != 2:
        raise CommandFault("usage: nc [-vz] [-w SECONDS] HOST PORT")
    host, port = options.operands
    limit = seconds(options.values["w"]) if "w" in options.values else None
    if "u" in options.flags:
        return await _talk_udp(process, host, number(port), limit, verbose="v" in options.flags)
    try:
        async with process.clock.timeout(limit):
            streams = await process.connect(await resolve(process, host), number(port))
    except UnknownHost as error:
        raise CommandFault(f"bad address '{host}'") from error
    except TimeoutError as error:
        raise CommandFault(f"{host} ({host}:{port}): Connection timed out") from error
    except OSError as error:
        if "z" in options.flags and "v" not in options.flags:
            return 1
        raise CommandFault(f"{host} ({host}:{port}): {_reason(error)}") from error
    if "v" in options.flags:
        await process.complain(f"{host} ({host}:{port}) open")
    if "z" in options.flags:
        streams[1].close()
        return 0
    await _talk(process, streams, limit)
    return 0


async def _talk(process: Process, streams: Streams, limit: float | None = None) -> None:
    """Send standard input, then wait for the end of what comes back, or ``limit`` seconds of silence."""
    reader, writer = streams

    async def send() -> None:
        with contextlib.suppress(ConnectionError):
            while chunk := await process.stdin.read(CHUNK):
                writer.write(chunk)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()

    async with asyncio.TaskGroup() as group:
        sending = group.create_task(send(), name="nc-send")
        try:
            while True:
                async with process.clock.timeout(limit):
                    chunk = await reader.read(CHUNK)
                if not chunk:
                    break
                await process.stdout.write(chunk)
        except (TimeoutError, ConnectionError):
            # The other side has said all it will.
            pass
        finally:
            sending.cancel()
            writer.close()


async def _talk_udp(process: Process, host: str, port: int, limit: float | None, *, verbose: bool) -> int:
    """Send standard input as datagrams, and print what comes back until there is ``limit`` seconds of silence."""
    try:
        client = await open_datagrams(process, await resolve(process, host), port)
    except UnknownHost as error:
        raise CommandFault(f"bad address '{host}'") from error
    if verbose:
        await process.complain(f"{host} ({host}:{port}) open")

    async def send() -> None:
        while chunk := await process.stdin.read(CHUNK):
            client.send(chunk)

    async with asyncio.TaskGroup() as group:
        sending = group.create_task(send(), name="nc-send")
        try:
            while True:
                async with process.clock.timeout(limit):
                    received = await client.receive()
                await process.stdout.write(received)
        except TimeoutError:
            return 0
        except OSError:
            # Nobody takes what is sent, which a datagram socket is told of only afterwards.
            return 1
        finally:
            sending.cancel()
            client.close()


async def _serve_udp(process: Process, port: int) -> int:
    arrived: asyncio.Queue[bytes] = asyncio.Queue()

    def note(data: bytes, client: tuple[str, int]) -> None:
        arrived.put_nowait(data)

    try:
        await process.listen_udp(port, lambda: DatagramServer(note))
    except OSError as error:
        raise CommandFault(f"bind: {error.strerror}") from error
    while True:
        await process.stdout.write(await arrived.get())


async def _serve(process: Process, port: int, flags: set[str], program: str | None) -> int:
    try:
        arrivals = await listen_for_streams(process, port)
    except OSError as error:
        raise CommandFault(f"bind: {error.strerror}") from error
    if "v" in flags:
        await process.complain(f"listening on [::]:{port} ...")
    while True:
        streams = await arrivals.get()
        if program is not None:
            await _hand_over(process, streams, program)
        else:
            await _talk(process, streams)
        process.connections.discard(streams[1].transport)
        if "k" not in flags:
            return 0


async def _hand_over(process: Process, streams: Streams, program: str) -> None:
    """Run a program whose standard streams are the connection."""
    reader, writer = streams
    incoming, outgoing = Pipe(), Pipe()
    incoming.opened(reading=False)
    try:
        child = process.spawn(program.split(), stdin=incoming, stdout=outgoing)
    except (CommandNotFound, NotExecutable):
        await complain(process, f"can't execute '{program}': No such file or directory")
        writer.close()
        return

    async def receive() -> None:
        while chunk := await reader.read(CHUNK):
            await incoming.write(chunk)
        incoming.closed(reading=False)

    async with asyncio.TaskGroup() as group:
        receiving = group.create_task(receive(), name="nc-receive")
        try:
            while chunk := await outgoing.read(CHUNK):
                writer.write(chunk)
                await writer.drain()
            await child.wait()
        finally:
            receiving.cancel()
            writer.close()
