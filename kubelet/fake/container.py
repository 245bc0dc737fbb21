"""One sandbox and one container of the fake runtime: what they consist of, and how a container runs and ends."""

import signal
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from apimachinery.clock import Clock
from apimachinery.flag import Flag
from kubelet.fake.commands import command_of, find_program
from kubelet.fake.console import Console
from kubelet.fake.container_log import ContainerLog
from kubelet.fake.container_world import ContainerWorld
from kubelet.fake.image import FakeImage
from kubelet.fake.lifetime import Lifetime, delayed
from kubelet.fake.pod_space import PodSpace
from kubelet.fake.process import Process
from kubelet.fake.program import PATH, Program
from kubelet.fake.snapshot import JSONObject, save_container, save_log
from kubelet.fake.usage import Usage
from kubelet.runtime import (
    ContainerState,
    ContainerStatus,
    LinuxContainerUser,
    RuntimeFault,
    SandboxState,
    SandboxStatus,
    StartFailed,
)
from kubelet.wishes import Wishes, read_wishes

TERMINATION_MESSAGE_LIMIT = 4096
TERMINAL_ENV = {"TERM": "xterm"}
"""What runtimes add for a process on a terminal."""

_LOG_SAVED = 1024 * 1024
"""As many bytes of a log, the newest, are kept for a runtime that goes on with the container."""


class ContainerOwner(Protocol):
    """Who has containers, and is told of them."""

    def container_ended(self, container: "FakeContainer") -> None:
        """A container's last process has ended, and its status says so."""
        ...

    def check_memory(self, sandbox: "FakeSandbox") -> None:
        """Kill containers of a sandbox for as long as they use too much."""
        ...


@dataclass(slots=True, eq=False)
class FakeSandbox:
    """A pod's place. ``retired`` says that its address has been given back."""

    status: SandboxStatus
    space: PodSpace
    containers: list["FakeContainer"] = field(default_factory=list)
    retired: bool = False

    @property
    def ready(self) -> bool:
        return self.status.state is SandboxState.READY


@dataclass(slots=True, eq=False)
class FakeContainer:
    """A container: its world, and once it has been started its program."""

    owner: ContainerOwner
    status: ContainerStatus
    sandbox: FakeSandbox
    image: FakeImage
    world: ContainerWorld
    user: LinuxContainerUser
    usage: Usage
    log: ContainerLog
    exited: Flag
    cwd: str
    clock: Clock
    wishes: Wishes = field(default_factory=Wishes)
    lifetime: Lifetime | None = None
    main: Process | None = None
    console: Console | None = None
    oom_killed: bool = False
    forced_exit_code: int | None = None
    """What it is reported to have ended with, whatever its program says."""

    @property
    def running(self) -> bool:
        return self.status.state is ContainerState.RUNNING

    def environment(self) -> dict[str, str]:
        """Return the variables that a process of the container begins with."""
        config = self.status.config
        terminal = TERMINAL_ENV if config.tty else {}
        own = {"PATH": PATH, "HOSTNAME": self.world.hostname, "HOME": "/root"}
        return {**own, **terminal, **self.image.env, **config.env}

    def kill(self) -> None:
        """End every process of the container."""
        for process in list(self.world.processes.values()):
            process.deliver(signal.SIGKILL)

    def read_wishes(self) -> None:
        """Follow what the container's image and its pod's annotations ask for."""
        config, before = self.status.config, self.wishes
        now = self.wishes = read_wishes(config.name, {**self.image.annotations, **config.annotations})
        self.usage.force(now.memory, now.cpu)
        if now.run_for != before.run_for:
            self._limit_lifetime()

    def _limit_lifetime(self) -> None:
        """Have a container that runs end as long after its start as is wished."""
        if self.main is None or self.status.started_at is None:
            return
        if self.lifetime is None:
            self.lifetime = Lifetime(self.main, self.status.started_at, self._time_is_over)
        self.lifetime.limit(self.wishes.run_for)

    def usage_grew(self) -> None:
        self.owner.check_memory(self.sandbox)

    def emptied(self) -> None:
        if self.main is not None:
            self._note_exit(self.main)
            self.owner.container_ended(self)

    def launch(self, started_at: datetime) -> None:
        """Run the container's program; its owner is told once it has ended.

        Raises :class:`StartFailed` when there is none that can be run; the container has then ended by that.
        """
        config, user = self.status.config, self.user
        argv = command_of(self.image, config)
        program = self._main_program(argv, self.environment()["PATH"])
        console = Console(self.log, stdin=config.stdin, once=config.stdin_once, tty=config.tty)
        process = Process(
            self.world,
            argv,
            cwd=self.cwd,
            uid=user.uid,
            gid=user.gid,
            groups=user.supplemental_groups,
            stdin=console.stdin,
            stdout=console.stdout,
            stderr=console.stderr,
        )
        console.belongs_to(process)
        if not self.world.fs.exists(self.cwd):
            self.world.fs.mkdir(self.cwd, parents=True)
        self.main = self.world.main = process
        self.console = console
        self.status = replace(self.status, state=ContainerState.RUNNING, started_at=started_at)

        process.start(delayed(program, self.wishes.start_delay) if self.wishes.start_delay else program)
        if self.wishes.run_for is not None:
            self._limit_lifetime()

    def _main_program(self, argv: Sequence[str], path: str) -> Program:
        if not argv:
            raise self._start_failure("no command specified")
        try:
            return find_program(self.world, argv, path, self.cwd)
        except StartFailed as failure:
            if self.image.default_program is not None:
                return self.image.default_program
            raise self._start_failure(f"error during container init: {failure}") from failure

    def _start_failure(self, reason: str) -> StartFailed:
        """Note that the container could not be started, and return what is to be raised."""
        message = (
            "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create "
            f"failed: unable to start container process: {reason}"
        )
        self._end(self.status, code=128, reason="StartError", message=message)
        return StartFailed(message)

    def _note_exit(self, process: Process) -> None:
        code, number = process.exit_code if process.exit_code is not None else 1, process.exit_signal
        if self.forced_exit_code is not None:
            code, number = self.forced_exit_code, 0
        elif self.wishes.exit_code is not None and number == 0:
            code = self.wishes.exit_code
        reason = "OOMKilled" if self.oom_killed else "Completed" if code == 0 else "Error"
        self._end(replace(self.status, signal=number), code=code, reason=reason, message=self._termination_message())

    def _end(self, status: ContainerStatus, *, code: int, reason: str, message: str) -> None:
        self.log.finish()
        self.status = replace(
            status,
            state=ContainerState.EXITED,
            finished_at=self.clock.now(),
            exit_code=code,
            reason=reason,
            message=message,
        )
        self.exited.set()

    def _termination_message(self) -> str:
        try:
            content = self.world.fs.read(self.status.config.termination_message_path)
        except OSError:
            return ""
        return content[-TERMINATION_MESSAGE_LIMIT:].decode(errors="replace")

    def _time_is_over(self) -> None:
        """The time that the container was to run for has passed."""
        self.forced_exit_code = self.wishes.exit_code or 0
        self.kill()

    def beside(self, command: Sequence[str]) -> tuple[Process, Program]:
        """Return a process that is to run beside the container's own, and its program.

        Raises :class:`RuntimeFault` when the container does not run, :class:`StartFailed` for what is no program.
        """
        main = self.main
        if main is None or main.exit_code is not None:
            raise RuntimeFault(f"container {self.status.id} is not running")
        env = self.environment()
        try:
            program = find_program(self.world, command, env["PATH"], self.cwd)
        except StartFailed as failure:
            raise StartFailed(
                f"OCI runtime exec failed: exec failed: unable to start container process: {failure}"
            ) from failure
        process = Process(self.world, command, env=env, cwd=self.cwd, uid=main.uid, gid=main.gid, groups=main.groups)
        return process, program

    def saved(self) -> JSONObject:
        """Return the container as JSON, for another process's runtime to go on with."""
        return {
            "status": save_container(self.status),
            "files": self.world.fs.saved(self.image.root),
            "log": save_log(self.log.newest(_LOG_SAVED)),
        }
