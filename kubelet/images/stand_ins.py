"""Servers that are only seen from outside: they say what they say when they start, listen, and end when told to.

Databases and queues that tutorials deploy beside what they are about. Nothing understands what is sent to them; for
tests of readiness and for those who look whether a port is open that is enough.
"""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kubelet.fake.image import FakeImage
from kubelet.fake.process import Connection, Process
from kubelet.fake.program import Program
from kubelet.images.base import shell_programs, system_tree


@dataclass(frozen=True, slots=True)
class StandIn:
    """A server. ``log`` are its first lines, in which ``{now}`` is the time; ``refusal`` tells what the environment
    lacks, if anything. ``checks`` are programs that ask whether it is there, by their names, with what they then say.
    """

    about: str
    command: str
    ports: tuple[int, ...]
    log: tuple[str, ...]
    refusal: Callable[[Mapping[str, str]], str] = lambda env: ""
    checks: Mapping[str, str] = field(default_factory=dict)
    last_words: tuple[str, ...] = ()
    memory: int = 32 * 1024 * 1024

    def image(self) -> FakeImage:
        """Return the image."""
        folder = "/usr/local/bin"
        programs: dict[str, Program] = {**shell_programs(bash=True), f"{folder}/{self.command}": self._serve}
        for name, words in self.checks.items():
            programs[f"{folder}/{name}"] = _check(self.ports[0], words)
        return FakeImage(system_tree(programs), programs, cmd=(self.command,), size=150_000_000, memory=self.memory)

    async def _serve(self, process: Process) -> int:
        if refusal := self.refusal(process.env):
            await process.complain(refusal)
            return 1
        for port in self.ports:
            try:
                await process.listen(port, lambda: _Listener(process))
            except OSError as error:
                await process.complain(f"could not bind to port {port}: {error.strerror}")
                return 1
        await self._say(process, self.log)
        await process.wait_for_signal(signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
        await self._say(process, self.last_words)
        return 0

    async def _say(self, process: Process, lines: tuple[str, ...]) -> None:
        now = f"{process.clock.now():%Y-%m-%d %H:%M:%S.%f}"[:-3]
        for line in lines:
            await process.print(line.replace("{now}", now))


class _Listener(Connection):
    def data_received(self, data: bytes) -> None:
        """What is sent is understood by the real ones only."""


def _check(port: int, words: str) -> Program:
    """Return a program that connects to ``port`` on the same pod and says so, or ends with 2."""

    async def check(process: Process) -> int:
        try:
            _, writer = await process.connect("127.0.0.1", port)
        except OSError:
            await process.print(f"localhost:{port} - no response")
            return 2
        writer.close()
        await process.print(words)
        return 0

    return check


def _postgres(env: Mapping[str, str]) -> str:
    if env.get("POSTGRES_PASSWORD") or env.get("POSTGRES_HOST_AUTH_METHOD") == "trust":
        return ""
    return (
        "Error: Database is uninitialized and superuser password is not specified.\n"
        "       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser."
    )


def _needs_one_of(*names: str) -> Callable[[Mapping[str, str]], str]:
    def refusal(env: Mapping[str, str]) -> str:
        if any(env.get(name) for name in names):
            return ""
        listed = "\n".join(f"    - {name}" for name in names)
        return (
            "[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n"
            f"    You need to specify one of the following as an environment variable:\n{listed}"
        )

    return refusal


STAND_INS: Mapping[str, StandIn] = {
    "postgres": StandIn(
        "PostgreSQL's port and first lines; wants `POSTGRES_PASSWORD`; `pg_isready`",
        "postgres",
        (5432,),
        (
            "PostgreSQL init process complete; ready for start up.",
            "{now} UTC [1] LOG:  starting PostgreSQL 18.1 (fake)",
            '{now} UTC [1] LOG:  listening on IPv4 address "0.0.0.0", port 5432',
            "{now} UTC [1] LOG:  database system is ready to accept connections",
        ),
        _postgres,
        {"pg_isready": "/var/run/postgresql:5432 - accepting connections"},
        ("{now} UTC [1] LOG:  received smart shutdown request", "{now} UTC [1] LOG:  database system is shut down"),
    ),
    "mysql": StandIn(
        "MySQL's port and first lines; wants `MYSQL_ROOT_PASSWORD` or one of its kin; `mysqladmin`",
        "mysqld",
        (3306, 33060),
        (
            "{now} [Note] [Entrypoint]: Entrypoint script for MySQL Server started.",
            "{now} 0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. "
            "Version: '9.5.0'  socket: '/var/run/mysqld/mysqld.sock'  port: 3306  MySQL Community Server - GPL.",
        ),
        _needs_one_of("MYSQL_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD"),
        {"mysqladmin": "mysqld is alive"},
    ),
    "mariadb": StandIn(
        "MariaDB's port and first lines; wants `MARIADB_ROOT_PASSWORD` or one of its kin; `mariadb-admin`",
        "mariadbd",
        (3306,),
        ("{now} 0 [Note] mariadbd: ready for connections.", "Version: '12.1.2-MariaDB'  port: 3306"),
        _needs_one_of(
            "MARIADB_ROOT_PASSWORD",
            "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD",
            "MARIADB_RANDOM_ROOT_PASSWORD",
            "MYSQL_ROOT_PASSWORD",
        ),
        {"mariadb-admin": "mysqld is alive"},
    ),
    "mongo": StandIn(
        "MongoDB's port and first lines",
        "mongod",
        (27017,),
        (
            '{"s":"I","c":"CONTROL","msg":"MongoDB starting","attr":{"pid":1,"port":27017}}',
            '{"s":"I","c":"NETWORK","msg":"Waiting for connections","attr":{"port":27017,"ssl":"off"}}',
        ),
    ),
    "rabbitmq": StandIn(
        "RabbitMQ's port and first lines; `rabbitmq-diagnostics`",
        "rabbitmq-server",
        (5672, 15672),
        ("{now} [info] <0.9.0> started TCP listener on [::]:5672", "{now} [info] <0.9.0> Server startup complete"),
        checks={"rabbitmq-diagnostics": "Ping succeeded"},
    ),
    "memcached": StandIn("Memcached's port; it is as silent as the real one", "memcached", (11211,), ()),
    "zookeeper": StandIn(
        "ZooKeeper's port and a first line", "zkServer.sh", (2181,), ("{now} - INFO  binding to port 0.0.0.0:2181",)
    ),
    "elasticsearch": StandIn(
        "Elasticsearch's ports and a first line",
        "elasticsearch",
        (9200, 9300),
        ('{"log.level":"INFO","message":"started"}',),
    ),
}
"""Each by the last part of its image's name."""
