"""``redis-cli``: sends a command, or every line of its input, and prints the replies."""

import asyncio
import contextlib
import shlex

from kubelet.fake.process import Process
from kubelet.fake.terminal import Terminal
from kubelet.images.redis.protocol import Error, ProtocolError, Reader, Reply, Status, encode
from kubelet.images.utilities.hosts import UnknownHost, resolve

_CHUNK = 64 * 1024


async def redis_cli(process: Process) -> int:
    """``redis-cli [-h HOST] [-p PORT] [-a PASSWORD] [-n DATABASE] [COMMAND [ARGUMENT]...]``."""
    options = {"-h": "127.0.0.1", "-p": "6379", "-a": process.env.get("REDISCLI_AUTH", ""), "-n": ""}
    words, pretty = process.argv[1:], isinstance(process.stdout, Terminal)
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word in options and words:
            options[word] = words.pop(0)
        elif word == "--raw":
            pretty = False
        elif word == "--no-raw":
            pretty = True
        elif word not in {"--no-auth-warning", "-t"}:
            await process.complain(f"Unrecognized option or bad number of args for: '{word}'")
            return 1
    place = f"{options['-h']}:{options['-p']}"
    try:
        reader, writer = await process.connect(await resolve(process, options["-h"]), int(options["-p"]))
    except UnknownHost:
        await process.complain(f"Could not connect to Redis at {place}: Name or service not known")
        return 1
    except (OSError, ValueError):
        await process.complain(f"Could not connect to Redis at {place}: Connection refused")
        return 1
    session = _Session(process, reader, writer, pretty=pretty)
    try:
        for given in (["AUTH", options["-a"]], ["SELECT", options["-n"]]):
            if given[1] and isinstance(problem := await session.ask(given), Error):
                await process.complain(f"AUTH failed: {problem.text}")
        if words:
            return await session.run(words)
        return await _read_commands(process, session, place)
    except (ConnectionError, ProtocolError):
        await process.complain("Error: Server closed the connection")
        return 1
    finally:
        writer.close()


async def _read_commands(process: Process, session: "_Session", place: str) -> int:
    code = 0
    while True:
        if isinstance(process.stdout, Terminal):
            await process.stdout.write(f"{place}> ".encode())
        line = await process.stdin.readline()
        if not line:
            return code
        with contextlib.suppress(ValueError):
            words = shlex.split(line.decode(errors="replace"))
            if words[:1] in (["quit"], ["exit"]):
                return code
            if words:
                code = await session.run(words)


class _Session:
    def __init__(
        self, process: Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, pretty: bool
    ) -> None:
        self._process = process
        self._source = reader
        self._sink = writer
        self._pretty = pretty
        self._reader = Reader()

    async def ask(self, words: list[str]) -> Reply:
        self._sink.write(encode([word.encode() for word in words]))
        while (reply := self._reader.reply()) is None:
            data = await self._source.read(_CHUNK)
            if not data:
                raise ConnectionResetError
            self._reader.feed(data)
        return reply[0]

    async def run(self, words: list[str]) -> int:
        """Ask, and print the reply; return the exit code."""
        try:
            reply = await self.ask(words)
        except ConnectionResetError:
            if words[0].upper() == "SHUTDOWN":
                return 0
            raise
        await self._process.stdout.write(pretty(reply) if self._pretty else plain(reply))
        return 1 if isinstance(reply, Error) else 0


def plain(reply: Reply) -> bytes:
    """Return a reply as it is printed to what is no terminal."""
    match reply:
        case None:
            return b"\n"
        case Status(text=text) | Error(text=text):
            return f"{text}\n".encode()
        case int():
            return f"{reply}\n".encode()
        case bytes():
            return reply if reply.endswith(b"\n") else reply + b"\n"
    return b"".join(plain(value) for value in reply) or b"\n"


def pretty(reply: Reply, indent: str = "") -> bytes:
    """Return a reply as it is printed to a terminal: ``(integer) 3``, ``1) "a"``."""
    match reply:
        case None:
            return b"(nil)\n"
        case Status(text=text):
            return f"{text}\n".encode()
        case Error(text=text):
            return f"(error) {text}\n".encode()
        case int():
            return f"(integer) {reply}\n".encode()
        case bytes():
            text = reply.decode(errors="backslashreplace").replace("\\", "\\\\").replace('"', '\\"')
            return '"{}"\n'.format(text.replace("\n", "\\n").replace("\r", "\\r")).encode()
    if not reply:
        return b"(empty array)\n"
    width = len(str(len(reply)))
    lines: list[bytes] = []
    for number, value in enumerate(reply, start=1):
        head = f"{number:>{width}}) "
        lines.append((indent if lines else "").encode() + head.encode() + pretty(value, indent + " " * len(head)))
    return b"".join(lines)
