"""``redis-server``: listens on port 6379, knows its configuration, answers commands."""

import asyncio
import signal
from collections.abc import Sequence

from kubelet.fake.process import Connection, Process
from kubelet.images.redis.protocol import OK, Error, ProtocolError, Reader, Reply, Status, encode
from kubelet.images.redis.store import COMMANDS, Refused, Store

VERSION = "8.2.3"

_DEFAULTS = {
    "port": "6379",
    "bind": "* -::*",
    "requirepass": "",
    "maxmemory": "0",
    "maxmemory-policy": "noeviction",
    "appendonly": "no",
    "save": "3600 1 300 100 60 10000",
    "databases": "16",
    "dir": "/data",
    "timeout": "0",
}
_SIZES = {"kb": 1024, "mb": 1024**2, "gb": 1024**3, "k": 1000, "m": 1000**2, "g": 1000**3}
_BEFORE_AUTH = frozenset({"AUTH", "HELLO", "QUIT"})


async def redis_server(process: Process) -> int:
    """``redis-server [FILE] [--OPTION VALUE]...``."""
    try:
        config = configuration(process)
    except OSError:
        await process.print(f"Fatal error, can't open config file '{process.argv[1]}': No such file or directory")
        return 1
    server = _Server(process, config)
    if {"-v", "--version"} & set(process.argv[1:]):
        await process.print(f"Redis server v={VERSION} sha=00000000:1 malloc=libc bits=64 build=fake")
        return 0
    await process.print(server.line("oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo"))
    await process.print(server.line(f"Redis version={VERSION}, bits=64, pid={process.pid}, just started"))
    port = int(config["port"])
    try:
        await process.listen(port, lambda: _Client(server))
    except OSError:
        await process.print(server.line(f"# Warning: Could not create server TCP listening socket *:{port}: bind", "#"))
        return 1
    await process.print(server.line(f"Running mode=standalone, port={port}."))
    await process.print(server.line("Server initialized"))
    await process.print(server.line("Ready to accept connections tcp"))
    number = await server.wait_for_end()
    name = "SIGTERM" if number == signal.SIGTERM else "SIGINT"
    if number:
        await process.print(server.line(f"Received {name} scheduling shutdown..."))
    await process.print(server.line("User requested shutdown..."))
    await process.print(server.line("Redis is now ready to exit, bye bye...", "#"))
    return 0


def configuration(process: Process) -> dict[str, str]:
    """Return what a file and the options say; raise ``OSError`` when there is no such file."""
    words = process.argv[1:]
    config = dict(_DEFAULTS)
    if words and not words[0].startswith("-"):
        for line in process.fs.read(process.path(words.pop(0))).decode(errors="replace").splitlines():
            name, _, value = line.strip().partition(" ")
            if name and not name.startswith("#"):
                config[name.lower()] = _setting(name.lower(), value.strip().strip('"'))
    option = ""
    for word in words:
        if word.startswith("--"):
            option = word[2:].lower()
            config[option] = ""
        elif option:
            config[option] = _setting(option, f"{config[option]} {word}".strip())
    return config


def _setting(name: str, value: str) -> str:
    """Return a value as it is told: sizes in bytes."""
    if name == "maxmemory":
        for unit, factor in _SIZES.items():
            if value.lower().endswith(unit) and value[: -len(unit)].isdigit():
                return str(int(value[: -len(unit)]) * factor)
    return value


class _Server:
    def __init__(self, process: Process, config: dict[str, str]) -> None:
        self.process = process
        self.config = config
        self.started = process.clock.monotonic()
        self.clients = 0
        self.processed = 0
        self._databases: dict[int, Store] = {}
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def database(self, number: int) -> Store:
        if number not in self._databases:
            self._databases[number] = Store(self.process.clock.monotonic)
        return self._databases[number]

    def line(self, text: str, mark: str = "*") -> str:
        """Return a line of the log."""
        now = self.process.clock.now()
        return f"{self.process.pid}:M {now:%d %b %Y %H:%M:%S}.{now.microsecond // 1000:03d} {mark} {text}"

    def end(self, number: int = 0) -> None:
        if not self._ended.done():
            self._ended.set_result(number)

    async def wait_for_end(self) -> int:
        """Return the signal that ends it, 0 for a client's order."""
        for number in (signal.SIGTERM, signal.SIGINT):
            self.process.on_signal(number, lambda number=number: self.end(number))  # type: ignore[misc]
        return await self._ended

    def info(self) -> bytes:
        uptime = int(self.process.clock.monotonic() - self.started)
        lines = [
            "# Server",
            f"redis_version:{VERSION}",
            "redis_mode:standalone",
            f"process_id:{self.process.pid}",
            f"tcp_port:{self.config['port']}",
            f"uptime_in_seconds:{uptime}",
            "",
            "# Clients",
            f"connected_clients:{self.clients}",
            "",
            "# Memory",
            f"maxmemory:{self.config['maxmemory']}",
            f"maxmemory_policy:{self.config['maxmemory-policy']}",
            "",
            "# Stats",
            f"total_commands_processed:{self.processed}",
            "",
            "# Replication",
            "role:master",
            "connected_slaves:0",
            "",
            "# Keyspace",
        ]
        for number, store in sorted(self._databases.items()):
            if keys := len(store.keys()):
                lines.append(f"db{number}:keys={keys},expires=0,avg_ttl=0")
        return "\r\n".join([*lines, ""]).encode()


class _Client(Connection):
    def __init__(self, server: _Server) -> None:
        super().__init__(server.process)
        self._server = server
        self._reader = Reader()
        self._database = 0
        self._known = not server.config["requirepass"]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._server.clients += 1

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._server.clients -= 1

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        try:
            while (command := self._reader.command()) is not None:
                if command:
                    self._reply(self._run(command[0].decode(errors="replace").upper(), command[1:]))
        except ProtocolError as error:
            self._reply(Error(f"ERR {error}"))
            self._close()

    def _reply(self, reply: Reply) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(encode(reply))

    def _close(self) -> None:
        if self.transport is not None:
            self.transport.close()

    def _run(self, name: str, arguments: Sequence[bytes]) -> Reply:
        self._server.processed += 1
        if not self._known and name not in _BEFORE_AUTH:
            return Error("NOAUTH Authentication required.")
        try:
            if name in COMMANDS:
                return self._server.database(self._database).run(name, arguments)
            return self._about_the_server(name, [word.decode(errors="replace") for word in arguments])
        except Refused as refusal:
            return Error(str(refusal))

    def _about_the_server(self, name: str, words: Sequence[str]) -> Reply:
        server = self._server
        match name, *words:
            case ["PING"]:
                return Status("PONG")
            case ["PING" | "ECHO", text]:
                return text.encode()
            case ["AUTH", *given] if given:
                return self._authenticate(given[-1])
            case ["SELECT", number] if number.isdigit() and int(number) < int(server.config["databases"]):
                self._database = int(number)
                return OK
            case ["SELECT", _]:
                return Error("ERR DB index is out of range")
            case ["INFO", *_]:
                return server.info()
            case ["CONFIG", verb, *names] if verb.upper() == "GET" and names:
                found = {key: value for key, value in server.config.items() if key in {name.lower() for name in names}}
                found = server.config if "*" in names else found
                return [part.encode() for pair in found.items() for part in pair]
            case ["CONFIG", verb, key, value] if verb.upper() == "SET":
                server.config[key.lower()] = _setting(key.lower(), value)
                return OK
            case ["ROLE"]:
                return [b"master", 0, []]
            case ["COMMAND", *_]:
                return []
            case ["CLIENT" | "SAVE" | "BGSAVE" | "BGREWRITEAOF", *_]:
                return OK
            case ["TIME"]:
                now = server.process.clock.now()
                return [str(int(now.timestamp())).encode(), str(now.microsecond).encode()]
            case ["PUBLISH", _, _]:
                # Nobody can listen.
                return 0
            case ["HELLO", *_]:
                return Error("NOPROTO unsupported protocol version")
            case ["QUIT"]:
                self._reply(OK)
                self._close()
                return OK
            case ["SHUTDOWN", *_]:
                server.end()
                self._close()
                return OK
        shown = " ".join(f"'{word}'" for word in words)
        return Error(f"ERR unknown command '{name.lower()}', with args beginning with: {shown}")

    def _authenticate(self, password: str) -> Reply:
        wanted = self._server.config["requirepass"]
        if not wanted:
            return Error(
                "ERR AUTH <password> called without any password configured for the default user. "
                "Are you sure your configuration is correct?"
            )
        if password != wanted:
            return Error("WRONGPASS invalid username-password pair or user is disabled.")
        self._known = True
        return OK
