"""A fake process: what a program sees of the world, and how it is signalled, waited for and ended.

A *program* is ``async def program(process: Process) -> int``; what it returns is the exit code, or :class:`Until` when
there is nothing left to do but to wait for its end. It finds its arguments, environment, files, streams, network, clock
and signals on the :class:`Process`, and touches nothing of the real machine but sockets on its pod's address.

Signals follow Linux where it shows. A signal without a handler ends a process with 128 + its number, except
that the first process of a container (pid 1) ignores every signal it has no handler for but KILL: a shell or
``sleep`` as a container's main process takes the whole grace period, as it does in a real container.
"""

import asyncio
import logging
import posixpath
import signal
import ssl
import traceback
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import cast

from apimachinery.clock import Clock
from kubelet.fake.access import UserFiles
from kubelet.fake.container_world import ContainerWorld
from kubelet.fake.current import enter
from kubelet.fake.filesystem import FileSystem
from kubelet.fake.network import Bound
from kubelet.fake.program import PATH, Program, Until
from kubelet.fake.streams import NO_INPUT, Input, NullOutput, Output, Pipe

logger = logging.getLogger(__name__)


IGNORED_BY_DEFAULT = frozenset({signal.SIGCHLD, signal.SIGURG, signal.SIGWINCH, signal.SIGCONT})
MAX_PROCESSES = 1024
"""How many processes a container may have at once; more is ``EAGAIN``, as under a pids limit."""


class TooManyProcesses(OSError):
    """The container has as many processes as it may."""


def _arrive(arrived: asyncio.Future[int], number: int) -> None:
    if not arrived.done():
        arrived.set_result(number)


async def _exit(code: int) -> int:
    return code


class Process:
    """One running program. Made by the runtime, or by another process with :meth:`spawn`.

    ``env`` is by default what every process of its container begins with.
    """

    __slots__ = (
        "__weakref__",
        "_background",
        "_bound",
        "_connections",
        "_env",
        "_exited",
        "_files",
        "_handlers",
        "_killed_by",
        "_on_exit",
        "_pipes",
        "_resting",
        "_task",
        "argv",
        "cwd",
        "exit_code",
        "exit_signal",
        "gid",
        "groups",
        "parent",
        "pid",
        "stderr",
        "stdin",
        "stdout",
        "uid",
        "umask",
        "world",
    )

    def __init__(
        self,
        world: ContainerWorld,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: str = "/",
        uid: int = 0,
        gid: int = 0,
        groups: Sequence[int] = (),
        umask: int = 0o022,
        stdin: Input | None = None,
        stdout: Output | None = None,
        stderr: Output | None = None,
        parent: int = 0,
    ) -> None:
        self.world = world
        self.argv = list(argv)
        self._env: dict[str, str] | None = dict(env) if env is not None else None
        self.cwd = cwd
        self.uid = uid
        self.gid = gid
        self.groups = groups or (gid,)
        """All groups, the first being the process's own."""
        self.umask = umask
        self.stdin: Input = stdin if stdin is not None else NO_INPUT
        self.stdout: Output = stdout if stdout is not None else NullOutput()
        self.stderr: Output = stderr if stderr is not None else NullOutput()
        self.parent = parent
        self.pid = 0
        self.exit_code: int | None = None
        self.exit_signal = 0
        # Most of what follows most processes never have, and there are very many.
        self._handlers: dict[int, Callable[[], None]] | None = None
        self._task: asyncio.Task[int | Until] | None = None
        self._resting: Until | None = None
        self._exited: asyncio.Future[int] | None = None
        self._killed_by = 0
        self._files: FileSystem | None = None
        self._on_exit: Callable[[], None] | None = None
        self._bound: list[Bound] | None = None
        self._pipes: list[tuple[Pipe, bool]] | None = None
        self._background: set[asyncio.Task[None]] | None = None
        self._connections: set[asyncio.BaseTransport] | None = None

    # The world

    @property
    def env(self) -> dict[str, str]:
        """The variables; they may be changed."""
        if self._env is None:
            assert self.world.keeper is not None
            self._env = self.world.keeper.environment()
        return self._env

    @env.setter
    def env(self, env: dict[str, str]) -> None:
        self._env = env

    @property
    def fs(self) -> FileSystem:
        """The container's files, with the rights of the process's user."""
        if self.uid == 0:
            return self.world.fs
        if self._files is None:
            self._files = UserFiles(self.world.fs, self.uid, self.groups)
        return self._files

    @property
    def clock(self) -> Clock:
        return self.world.clock

    @property
    def hostname(self) -> str:
        return self.world.hostname

    @property
    def ip(self) -> str:
        return self.world.ip

    def path(self, name: str) -> str:
        """Return ``name`` as an absolute path, relative to the working folder."""
        return posixpath.join(self.cwd, name)

    async def sleep(self, seconds: float) -> None:
        await self.clock.sleep(seconds)

    def use_memory(self, amount: int) -> None:
        """Use that many bytes of memory from now on; past the container's limit that is its end (``OOMKilled``)."""
        if self.world.usage is not None:
            self.world.usage.declare_memory(self.pid, amount)
        if self.world.keeper is not None:
            self.world.keeper.usage_grew()

    def use_cpu(self, cores: float) -> None:
        """Use that many processors from now on, as far as the container's limit lets it."""
        if self.world.usage is not None:
            self.world.usage.declare_cpu(self.pid, cores)

    async def print(self, text: str) -> None:
        """Write a line to standard output."""
        await self.stdout.write(text.encode() + b"\n")

    async def complain(self, text: str) -> None:
        """Write a line to standard error."""
        await self.stderr.write(text.encode() + b"\n")

    # The network

    @property
    def connections(self) -> set[asyncio.BaseTransport]:
        """Open connections that end with the process; servers keep them here (see :class:`Connection`)."""
        if self._connections is None:
            self._connections = set()
        return self._connections

    async def listen(
        self,
        port: int,
        protocol: Callable[[], asyncio.BaseProtocol],
        *,
        host: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> Bound:
        """Listen for connections until the process ends; raise ``OSError`` when the port is taken.

        ``host`` is empty for all addresses of the pod, ``127.0.0.1`` for its loopback, or the pod's own address.
        """
        world = self.world
        bound = await world.network.listen(self.ip, port, protocol, host=host, owner=world.pod_uid, tls=tls)
        self._bound = [*(self._bound or ()), bound]
        return bound

    async def listen_udp(self, port: int, protocol: Callable[[], asyncio.DatagramProtocol], *, host: str = "") -> Bound:
        """Take datagrams until the process ends; otherwise like :meth:`listen`."""
        world = self.world
        bound = await world.network.listen_udp(self.ip, port, protocol, host=host, owner=world.pod_uid)
        self._bound = [*(self._bound or ()), bound]
        return bound

    async def connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection from the pod's address; raise ``OSError``."""
        reader, writer = await self.world.network.connect(host, port, source=self.ip)
        self.connections.add(writer.transport)
        return reader, writer

    async def connect_udp(
        self, host: str, port: int, protocol: Callable[[], asyncio.DatagramProtocol]
    ) -> asyncio.DatagramTransport:
        """Open a socket for datagrams to one place and from there; raise ``OSError``."""
        transport = await self.world.network.connect_udp(host, port, protocol, source=self.ip)
        self.connections.add(transport)
        return transport

    def background(self, work: Coroutine[object, object, None], name: str) -> None:
        """Do something beside the program, as its threads would, for as long as the process lives."""
        task = self.world.group.create_task(work, name=name)
        if self._background is None:
            self._background = set()
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    # Signals

    def on_signal(self, number: int, handler: Callable[[], None] | None) -> None:
        """Call ``handler`` when the signal arrives; ``None`` goes back to the default. KILL has no handler."""
        if self._handlers is None:
            self._handlers = {}
        if handler is None:
            self._handlers.pop(number, None)
        elif number != signal.SIGKILL:
            self._handlers[number] = handler

    async def wait_for_signal(self, *numbers: int) -> int:
        """Wait for one of these signals and return it: how a program waits that has more to do after it."""
        arrived: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        for number in numbers:
            self.on_signal(number, partial(_arrive, arrived, number))
        try:
            return await arrived
        finally:
            for number in numbers:
                self.on_signal(number, None)

    def deliver(self, number: int) -> None:
        """Send the process a signal; nothing happens when it has ended."""
        if self.exit_code is not None:
            return
        if number == signal.SIGKILL:
            self._end_by(number)
        elif self._resting is not None and number in self._resting.signals:
            self._end_rest(self._resting.code)
        elif self._handlers is not None and (handler := self._handlers.get(number)) is not None:
            handler()
        elif self.pid != 1 and number not in IGNORED_BY_DEFAULT:
            self._end_by(number)

    def reset_signals(self) -> None:
        """Forget all handlers."""
        self._handlers = None

    def _end_by(self, number: int) -> None:
        self._killed_by = number
        if self._resting is not None:
            self._end_rest(0)
        if self._task is not None:
            self._task.cancel()

    def _end_rest(self, code: int) -> None:
        """Have a process that only waits for its end come to it, as all others do: with the end of a task."""
        self._resting = None
        self._task = self.world.group.create_task(_exit(code), name=f"process-{self.argv[0]}-{self.pid}")
        self._task.add_done_callback(self._finish)

    # Life

    def start(self, program: Program, on_exit: Callable[[], None] | None = None) -> None:
        """Run ``program`` in a task of the container's group; raise :class:`TooManyProcesses`.

        ``on_exit`` is called once :attr:`exit_code` is known.
        """
        world = self.world
        if len(world.processes) >= MAX_PROCESSES:
            raise TooManyProcesses(11, "Resource temporarily unavailable")
        self._on_exit = on_exit
        if world.usage is not None:
            world.usage.settle()
        self.pid = world.pids.add(self)
        world.processes[self.pid] = self
        for stream, reading in ((self.stdin, True), (self.stdout, False), (self.stderr, False)):
            if isinstance(stream, Pipe):
                stream.opened(reading=reading)
                self._pipes = [*(self._pipes or ()), (stream, reading)]
        self._task = world.group.create_task(self._run(program), name=f"process-{self.argv[0]}-{self.pid}")
        # A callback, because a task that is cancelled before its first step runs none of its own code.
        self._task.add_done_callback(self._finish)

    async def _run(self, program: Program) -> int | Until:
        enter(self)
        try:
            result = await program(self)
            if not isinstance(result, Until):
                return result & 0xFF
            # From here on, not from the end of the task on: a signal may come in between.
            self._resting = result
            keeper = self.world.keeper
            if self._env is not None and keeper is not None and keeper.environment() == self._env:
                # Hardly anybody will ask for them again.
                self._env = None
            return result
        except BrokenPipeError:
            return 128 + signal.SIGPIPE
        except Exception:
            # A program that fails is its container's trouble and nobody else's.
            logger.debug("program %s failed", self.argv[0], exc_info=True)
            await self.stderr.write(traceback.format_exc().encode())
            return 1

    def _finish(self, task: "asyncio.Task[int | Until]") -> None:
        if self._task is task:
            self._task = None
        if task.cancelled() or task.exception() is not None:
            self.exit_signal = self._killed_by or signal.SIGKILL
            code = 128 + self.exit_signal
        else:
            result = task.result()
            if isinstance(result, Until):
                return
            code = result
        self.exit_code = code
        for bound in self._bound or ():
            bound.close()
        self._bound = None
        for work in self._background or ():
            work.cancel()
        for transport in list(self._connections or ()):
            transport.close()
        for pipe, reading in self._pipes or ():
            pipe.closed(reading=reading)
        world = self.world
        if world.usage is not None:
            world.usage.forget(self.pid)
        world.processes.pop(self.pid, None)
        world.pids.processes.pop(self.pid, None)
        if self._exited is not None and not self._exited.done():
            self._exited.set_result(code)
        if self._on_exit is not None:
            self._on_exit()
        if self.pid == 1 or self is world.main:
            for other in list(world.processes.values()):
                other.deliver(signal.SIGKILL)
        if not world.processes and world.keeper is not None:
            world.keeper.emptied()

    @property
    def exited(self) -> "asyncio.Future[int]":
        """The exit code, once there is one; to be waited for, never to be cancelled."""
        if self._exited is None:
            self._exited = asyncio.get_running_loop().create_future()
            if self.exit_code is not None:
                self._exited.set_result(self.exit_code)
        return self._exited

    async def wait(self) -> int:
        """Return the exit code once the process has ended."""
        return await asyncio.shield(self.exited)

    def deliver_to_all(self, number: int) -> None:
        """Send a signal to the process and to everything it started that still runs."""
        family = {self.pid}
        for pid, other in sorted(self.world.processes.items()):
            if other.parent in family:
                family.add(pid)
                other.deliver(number)
        self.deliver(number)

    async def run(self, program: Program) -> int:
        """Run another program in the place of the one that calls this, to its end; return its exit code."""
        result = await program(self)
        if isinstance(result, Until):
            await self.wait_for_signal(*result.signals)
            return result.code
        return result

    def become(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: str,
        stdin: Input,
        stdout: Output,
        stderr: Output,
    ) -> None:
        """Take on what another program is run with, as ``execve`` does; the caller then :meth:`runs <run>` it."""
        self.reset_signals()
        self.argv, self.env, self.cwd = list(argv), dict(env), cwd
        self.stdin, self.stdout, self.stderr = stdin, stdout, stderr

    def spawn(
        self,
        argv: Sequence[str],
        program: Program | None = None,
        *,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        stdin: Input | None = None,
        stdout: Output | None = None,
        stderr: Output | None = None,
        on_exit: Callable[[], None] | None = None,
    ) -> "Process":
        """Start a child with this process's surroundings, or those given.

        Without ``program``, ``argv[0]`` is looked up in the container, as :meth:`ContainerWorld.find_program`
        does and with the errors it raises; ``on_exit`` is called once the child has ended.
        """
        env = self.env if env is None else env
        if program is None:
            program = self.world.find_program(argv[0], env.get("PATH", PATH), self.cwd)[1]
        child = Process(
            self.world,
            argv,
            env=env,
            cwd=self.cwd if cwd is None else cwd,
            uid=self.uid,
            gid=self.gid,
            groups=self.groups,
            umask=self.umask,
            stdin=self.stdin if stdin is None else stdin,
            stdout=self.stdout if stdout is None else stdout,
            stderr=self.stderr if stderr is None else stderr,
            parent=self.pid,
        )
        child.start(program, on_exit)
        return child


class Connection(asyncio.Protocol):
    """Base of a server's protocol: the connection is closed when its process ends."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self.transport = cast(asyncio.Transport, transport)
        self.process.connections.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.transport is not None:
            self.process.connections.discard(self.transport)
