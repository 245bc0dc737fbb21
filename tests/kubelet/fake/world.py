"""One container's world for tests of programs: files, a clock, addresses, and processes that are waited for."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

from apimachinery.clock import Clock, ManualClock
from kubelet.fake.container_world import ContainerWorld, PidSpace
from kubelet.fake.filesystem import FileSystem
from kubelet.fake.network import PodNetwork
from kubelet.fake.process import Process
from kubelet.fake.program import PATH, Program
from kubelet.fake.streams import BytesInput, Capture, Input
from kubelet.images.base import shell_programs, system_tree
from kubelet.images.utilities.curl import curl
from tests.live.addresses import own_range

ENVIRONMENT = {"PATH": PATH, "HOME": "/root", "HOSTNAME": "tester"}


@dataclass(slots=True)
class Started:
    """A process, and what it has written so far."""

    process: Process
    stdout: Capture = field(default_factory=Capture)
    stderr: Capture = field(default_factory=Capture)

    async def done(self) -> tuple[str, str, int]:
        """Wait for its end; return standard output, standard error and exit code."""
        code = await self.process.wait()
        return bytes(self.stdout.data).decode(), bytes(self.stderr.data).decode(), code


class World:
    """A container with a shell and the utilities, in ``/home/me``; made by :func:`open_world`."""

    def __init__(self, group: asyncio.TaskGroup, clock: Clock, network: PodNetwork, ip: str) -> None:
        programs: Mapping[str, Program] = {**shell_programs(), "/bin/curl": curl}
        self.fs = FileSystem(clock, system_tree(programs, files={"/home/me": None}))
        self.container = ContainerWorld(
            self.fs, network, ip, "tester", clock, random.Random(1), group, programs, pids=PidSpace(next_pid=2)
        )

    def start(
        self,
        argv: Sequence[str],
        *,
        program: Program | None = None,
        stdin: bytes | Input = b"",
        env: Mapping[str, str] | None = None,
        uid: int = 0,
        gid: int | None = None,
        groups: Sequence[int] = (),
    ) -> Started:
        """Start a program; its pid is not 1, so signals do what they do by default."""
        process = Process(
            self.container,
            argv,
            env={**ENVIRONMENT, **(env or {})},
            cwd="/home/me",
            uid=uid,
            gid=uid if gid is None else gid,
            groups=groups,
            stdin=BytesInput(stdin) if isinstance(stdin, bytes) else stdin,
        )
        started = Started(process)
        process.stdout, process.stderr = started.stdout, started.stderr
        process.start(program or self.container.find_program(argv[0], PATH, "/home/me")[1])
        return started

    async def run(
        self, *argv: str, stdin: bytes = b"", env: Mapping[str, str] | None = None, uid: int = 0
    ) -> tuple[str, str, int]:
        """Run a program to its end; return standard output, standard error and exit code."""
        return await self.start(argv, stdin=stdin, env=env, uid=uid).done()

    async def sh(self, script: str, *arguments: str) -> tuple[str, str, int]:
        return await self.run("sh", "-c", script, *arguments)

    def kill_all(self) -> None:
        for process in list(self.container.processes.values()):
            process.deliver(9)


CIDR = own_range(24)
"""Where the world's containers are, unless told otherwise."""


@contextlib.asynccontextmanager
async def open_world(clock: Clock | None = None, *, cidr: str = CIDR) -> AsyncIterator[World]:
    """Open a world; everything in it is killed at the end of the block."""
    network = PodNetwork(cidr)
    async with asyncio.TaskGroup() as group:
        world = World(group, clock if clock is not None else ManualClock(), network, network.allocate())
        try:
            yield world
        finally:
            world.kill_all()
