"""What the processes of one container share: files, network, programs, and one another's numbers."""

import asyncio
import posixpath
import random
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from apimachinery.clock import Clock
from kubelet.fake.filesystem import FileSystem
from kubelet.fake.network import PodNetwork
from kubelet.fake.program import PATH, PROGRAM_MARK, CommandNotFound, NotExecutable, Program, Until
from kubelet.fake.usage import Usage
from kubelet.few import Few
from kubelet.runtime import PortMapping

if TYPE_CHECKING:
    from kubelet.fake.process import Process

NO_SYSCTLS: Mapping[str, str] = MappingProxyType({})


class PidSpace:
    """The processes that see one another, by number: those of a container, or of all containers of a pod."""

    __slots__ = ("next_pid", "processes")

    def __init__(self, next_pid: int = 1) -> None:
        self.processes: MutableMapping[int, Process] = Few()
        self.next_pid = next_pid

    def add(self, process: "Process") -> int:
        """Take a process in and return its number."""
        pid = self.next_pid
        self.next_pid += 1
        self.processes[pid] = process
        return pid

    def opened(self) -> "PidSpace":
        """Return the space for others to join; the list of who was there before stays theirs alone."""
        self.processes = dict(self.processes)
        return self


class WorldKeeper(Protocol):
    """Who wants to know what becomes of a container's processes."""

    def environment(self) -> dict[str, str]:
        """Return the variables that a process of the container begins with."""
        ...

    def emptied(self) -> None:
        """The last process has ended."""
        ...

    def usage_grew(self) -> None:
        """More memory is used than before."""
        ...


@dataclass(slots=True)
class ContainerWorld:
    """What all processes of one container share."""

    fs: FileSystem
    network: PodNetwork
    ip: str
    hostname: str
    clock: Clock
    rng: random.Random
    group: asyncio.TaskGroup
    programs: Mapping[str, Program]
    ports: Sequence[PortMapping] = ()
    processes: MutableMapping[int, "Process"] = field(default_factory=dict)
    """Those of the container itself."""
    pids: PidSpace = field(default_factory=PidSpace)
    """Those that the container's processes see: the same list, unless they share a space with others."""
    pod_uid: str = ""
    image: str = ""
    """The reference that the container was made from."""
    no_new_privs: bool = False
    """Whether files' owners are no way to other rights."""
    main: "Process | None" = None
    """The container's first process, which ends all others by ending; number 1 of its space does so, too."""
    keeper: WorldKeeper | None = None
    usage: Usage | None = None
    """What the container uses; ``None`` where nobody asks."""
    sysctls: Mapping[str, str] = field(default_factory=lambda: NO_SYSCTLS)
    """The pod's own parameters of the kernel."""
    confined: bool = False
    """Whether the root is a folder of the container's, where only such programs are as have a file there."""

    def find_program(self, name: str, path: str = PATH, cwd: str = "/") -> tuple[str, Program]:
        """Return the full path and the program that ``name`` stands for.

        A name with a slash is a path; any other is looked for along ``path``. Executable files run by the
        interpreter their first line names. Raises :class:`CommandNotFound`, or :class:`NotExecutable` when the
        file that was found cannot run.
        """
        if "/" in name:
            candidates: Iterable[str] = [posixpath.normpath(posixpath.join(cwd, name))]
        else:
            candidates = [posixpath.join(folder, name) for folder in path.split(":")]
        refused = False
        for candidate in candidates:
            if not self.confined and (program := self.programs.get(candidate)) is not None:
                return candidate, program
            try:
                found = self.fs.stat(candidate)
            except OSError:
                continue
            if found.is_file and found.mode & 0o111:
                return candidate, self._interpreted(candidate)
            refused = refused or not found.is_dir or "/" in name
        if refused:
            raise NotExecutable(name)
        raise CommandNotFound(name)

    def _interpreted(self, path: str) -> Program:
        """Return the program that runs the script at ``path``, or the one a link or a copy of it stands for."""
        real = self.fs.realpath(path)
        if not self.confined and (program := self.programs.get(real)) is not None:
            return program
        head = self.fs.read(real)[:256].partition(b"\n")[0].decode(errors="replace")
        if head.startswith(PROGRAM_MARK) and (program := self.programs.get(head[len(PROGRAM_MARK) :])) is not None:
            return program
        interpreter = head[2:].split() if head.startswith("#!") else ["/bin/sh"]
        if not interpreter or interpreter[0] == path:
            raise CommandNotFound(path)
        chosen = self.find_program(interpreter[0])[1]

        async def run(process: "Process") -> int | Until:
            process.argv = [*interpreter, path, *process.argv[1:]]
            return await chosen(process)

        return run
