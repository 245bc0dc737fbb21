"""The shell itself: its state, simple commands, and how other programs are found and run.

Builtins run in the shell's own task, other programs as child processes. Subshells and command substitutions run in
the same task on a copy of the state; stages of a pipeline and background commands are processes of their own.
"""

import asyncio
import copy
import errno
import posixpath
import re
import signal
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from types import MappingProxyType

from kubelet.fake.process import Process, TooManyProcesses
from kubelet.fake.program import PATH, CommandNotFound, NotExecutable, Program
from kubelet.fake.shell import formatting
from kubelet.fake.shell.compound import Runner, compound_runners, run_sequence
from kubelet.fake.shell.conditions import Conditions
from kubelet.fake.shell.descriptors import Descriptors, Redirector
from kubelet.fake.shell.expansion import Expander
from kubelet.fake.shell.faults import Exit, Flow, Return, ShellFault
from kubelet.fake.shell.parser import parse
from kubelet.fake.shell.syntax import (
    ArithmeticCommand,
    Command,
    DoubleBracket,
    Literal,
    Pipeline,
    Redirect,
    Sequence,
    Simple,
    Subshell,
)
from kubelet.fake.shell.throttle import Throttle
from kubelet.fake.shell.variables import Variables, quote
from kubelet.fake.shell.words import SyntaxFault
from kubelet.fake.streams import Capture

MAX_NESTING = 40
"""How deep functions may call each other: what Python's own stack allows for, and some room."""

Builtin = Callable[["Shell", list[str]], Awaitable[int]]


class Shell:
    """One shell: its variables, options, traps, jobs and descriptors."""

    def __init__(
        self,
        process: Process,
        builtins: Mapping[str, Builtin],
        *,
        special: frozenset[str],
        name: str,
        arguments: list[str],
    ) -> None:
        self.process = process
        self.name = name
        self.arguments = arguments
        self.cwd = process.cwd
        self.pid = process.pid
        self.variables = Variables({"PATH": PATH, **process.env, "PWD": process.cwd})
        self.variables.values |= {"OPTIND": "1", "IFS": " \t\n", "PPID": str(process.parent)}
        self.functions: dict[str, Command] = {}
        self.options: set[str] = set()
        self.status = 0
        self.descriptors = Descriptors({0: process.stdin}, {1: process.stdout, 2: process.stderr})
        self.traps: dict[str, str] = {}
        self.jobs: dict[int, Process] = {}
        self.job_numbers: dict[int, int] = {}
        """The pids of jobs by the numbers that ``%1`` names them by."""
        self.last_background = ""
        self.loops = 0
        self.expander = Expander(self)
        self.on_interrupt: Callable[[], None] | None = None
        """What INT does where there is no trap for it: a shell that is typed into gives up the command, not itself."""
        self._builtins = builtins
        self._special = special
        self._runners: Mapping[type, Runner] = _RUNNERS
        self._throttle = Throttle(process.clock)
        self._substituted = 0
        self._in_condition = 0
        self._nesting = 0
        self._inline = False
        self._pending: list[str] = []
        self._woken = asyncio.Event()

    def fork(self) -> "Shell":
        """Return a subshell: a copy of the state that runs in the same process until it adopts another."""
        twin = copy.copy(self)
        twin.variables = self.variables.copy()
        twin.functions = dict(self.functions)
        twin.options = set(self.options)
        twin.traps, twin.jobs, twin.job_numbers, twin.loops, twin.on_interrupt = {}, {}, {}, 0, None
        twin.expander = Expander(twin)
        twin._inline = True
        twin._pending, twin._woken = [], asyncio.Event()
        return twin

    def adopt(self, process: Process) -> None:
        """Make a subshell go on in a process of its own."""
        self.process = process
        self._inline = False

    # What expansions and builtins ask for

    def parameter(self, name: str) -> str | None:
        """Return a variable's or special parameter's value; ``None`` when it is unset."""
        if (value := self.variables.get(name)) is not None:
            return value
        if name.isdigit():
            number = int(name)
            if number == 0:
                return self.name
            return self.arguments[number - 1] if number <= len(self.arguments) else None
        match name:
            case "?":
                return str(self.status)
            case "#":
                return str(len(self.arguments))
            case "$":
                return str(self.pid)
            case "!":
                return self.last_background or None
            case "-":
                return "".join(sorted(option for option in self.options if len(option) == 1))
            case "@" | "*":
                return " ".join(self.arguments) if self.arguments else None
        return None

    async def write(self, data: bytes) -> None:
        """Write to standard output."""
        await self.descriptors.stdout.write(data)

    async def complain(self, text: str) -> None:
        """Write a line to standard error, behind the shell's name."""
        await self.descriptors.stderr.write(formatting.encode(f"{self.name}: {text}\n"))

    def path(self, name: str) -> str:
        return posixpath.join(self.cwd, name)

    def conditions(self) -> Conditions:
        return Conditions(self.process.fs, self.cwd, self.process.uid, self.process.groups)

    def builtin(self, name: str) -> Builtin | None:
        return self._builtins.get(name)

    # Running

    async def run_text(self, text: str) -> int:
        """Run a script's text; raise :class:`ShellFault` when it does not parse."""
        try:
            script = parse(text)
        except SyntaxFault as error:
            raise ShellFault(str(error), fatal=True) from error
        return await self.run(script)

    async def main(self, text: str) -> int:
        """Run a whole script and its EXIT trap; return the exit code."""
        try:
            script = parse(text)
        except SyntaxFault as error:
            await self.complain(str(error))
            return 2
        only = script.commands[0] if len(script.commands) == 1 else script
        return await self.finish(self._simple(only, last=True) if isinstance(only, Simple) else self.run(script))

    async def finish(self, work: Coroutine[object, object, int]) -> int:
        """Let ``work`` be everything that this shell still does; return the exit code."""
        try:
            self.status = await work
        except (Exit, Return) as leave:
            self.status = leave.status
        except Flow:
            self.status = 0
        except ShellFault as fault:
            await self.complain(str(fault))
            self.status = fault.status
        except RecursionError:
            await self.complain("nested too deeply")
            self.status = 2
        return await self._run_exit_trap()

    async def run(self, command: Command) -> int:
        """Run one command; the status is kept. Traps that became due meanwhile run behind it."""
        if self._throttle.due():
            await self._throttle.pause()
        if "n" in self.options:
            return self.status
        kind = type(command)
        try:
            if kind is Simple:
                self.status = await self._simple(command)  # type: ignore[arg-type]
            else:
                self.status = await self._runners[kind](self, command)
        except ShellFault as fault:
            if fault.fatal:
                raise
            await self.complain(str(fault))
            self.status = fault.status
        if self._pending:
            await self._run_traps()
        if self.status and "e" in self.options and not self._in_condition and _ends_script(command):
            raise Exit(self.status)
        return self.status

    async def condition(self, command: Command) -> bool:
        """Run a command whose failure is an answer."""
        self._in_condition += 1
        try:
            return await self.run(command) == 0
        finally:
            self._in_condition -= 1

    async def substitute(self, script: Sequence) -> str:
        """Return what a script writes, without the newlines at its end."""
        twin = self.fork()
        output = Capture(full=errno.ENOMEM)
        twin.descriptors = self.descriptors.with_output(1, output)
        self._substituted = await twin.finish(run_sequence(twin, script))
        self.install_traps()
        if output.overflowed:
            raise ShellFault("out of memory", fatal=True)
        return formatting.decode(bytes(output.data).replace(b"\0", b"")).rstrip("\n")

    # Simple commands

    async def _simple(self, command: Simple, *, last: bool = False) -> int:
        """Run a simple command; the ``last`` one of a process takes its place."""
        self._substituted = 0
        words = await self._words(command)
        assignments = [(item.name, await self.expander.text(item.value)) for item in command.assignments]
        if "x" in self.options:
            await self._trace([*(f"{name}={value}" for name, value in assignments), *words])
        if not command.redirects:
            return await self._carry_out(words, assignments, last=last)
        before = self.descriptors
        self.descriptors = await self.redirect(command.redirects)
        try:
            status = await self._carry_out(words, assignments, last=last)
            if words == ["exec"]:
                before = self.descriptors
            return status
        finally:
            self.descriptors = before

    async def _words(self, command: Simple) -> list[str]:
        if not command.declaration:
            return await self.expander.fields(command.words)
        words: list[str] = []
        for word in command.words:
            first = word.parts[0] if word.parts else None
            if isinstance(first, Literal) and not first.quoted and "=" in first.text:
                words.append(await self.expander.text(word))
            else:
                words += await self.expander.fields((word,))
        return words

    async def _trace(self, words: list[str]) -> None:
        shown = " ".join(word if re.fullmatch(r"[\w@%+=:,./-]+", word) else quote(word) for word in words)
        await self.descriptors.stderr.write(formatting.encode(f"+ {shown}\n"))

    async def _carry_out(self, words: list[str], assignments: list[tuple[str, str]], *, last: bool) -> int:
        if not words:
            for name, value in assignments:
                self.variables.set(name, value)
            return self._substituted
        name = words[0]
        function = self.functions.get(name)
        builtin = self._builtins.get(name) if function is None else None
        if function is None and builtin is None:
            return await self.run_program(words, dict(assignments), replace=last)
        if not assignments:
            return await self._in_shell(words, function, builtin)
        values = self.variables
        before = [(variable, values.get(variable), variable in values.exported) for variable, _ in assignments]
        for variable, value in assignments:
            values.set(variable, value)
            values.exported.add(variable)
        try:
            return await self._in_shell(words, function, builtin)
        finally:
            for variable, held, exported in reversed(before):
                if name in self._special:
                    values.restore(variable, values.get(variable), exported=exported)
                else:
                    values.restore(variable, held, exported=exported)

    async def _in_shell(self, words: list[str], function: Command | None, builtin: Builtin | None) -> int:
        if function is not None:
            return await self._call(function, words[1:])
        assert builtin is not None
        try:
            return await builtin(self, words)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise ShellFault(f"{words[0]}: write error: {error.strerror}", 1) from error

    async def _call(self, body: Command, arguments: list[str]) -> int:
        if self._nesting >= MAX_NESTING:
            raise ShellFault("function nesting too deep", fatal=True)
        before, self.arguments = self.arguments, arguments
        loops, self.loops = self.loops, 0
        self._nesting += 1
        self.variables.enter_function()
        try:
            return await self.run(body)
        except Return as leave:
            return leave.status
        finally:
            self.variables.leave_function()
            self._nesting -= 1
            self.arguments, self.loops = before, loops

    async def redirect(self, redirects: tuple[Redirect, ...]) -> Descriptors:
        """Return the present descriptors after redirections; raise :class:`ShellFault`."""
        process = self.process
        redirector = Redirector(
            process.fs, self.cwd, process.uid, process.gid, process.umask, noclobber="C" in self.options
        )
        return await redirector.apply(self.descriptors, redirects, self.expander.text)

    # Programs

    def find(self, name: str) -> tuple[str, Program]:
        """Return a program's path and the program; raise :class:`ShellFault` as shells put it."""
        try:
            return self.process.world.find_program(name, self.variables.get("PATH") or "", self.cwd)
        except CommandNotFound as error:
            raise ShellFault(f"{name}: not found", 127) from error
        except NotExecutable as error:
            raise ShellFault(f"{name}: Permission denied", 126) from error

    async def run_program(
        self, words: list[str], extra: Mapping[str, str] | None = None, *, replace: bool = False
    ) -> int:
        """Run a program and return its status; ``replace`` puts it in this process's place, if it can be."""
        _, program = self.find(words[0])
        environment = self.variables.environment()
        if extra:
            environment |= extra
        table = self.descriptors
        if replace and not self._inline and "EXIT" not in self.traps:
            self.process.become(
                words, env=environment, cwd=self.cwd, stdin=table.stdin, stdout=table.stdout, stderr=table.stderr
            )
            return await self.process.run(program)
        child = self._spawn(words, program, table, environment)
        return await child.wait()

    def start_subshell(self, command: Command, descriptors: Descriptors) -> Process:
        """Run a command in a subshell with a process of its own, which is returned as it starts."""
        self._throttle.fork()
        twin = self.fork()
        twin.descriptors = descriptors

        async def program(process: Process) -> int:
            twin.adopt(process)
            return await twin.finish(
                twin._simple(command, last=True) if isinstance(command, Simple) else twin.run(command)
            )

        return self._spawn([self.name], program, descriptors, self.variables.environment())

    def _spawn(self, words: list[str], program: Program, table: Descriptors, env: Mapping[str, str]) -> Process:
        try:
            return self.process.spawn(
                words,
                program,
                env=env,
                cwd=self.cwd,
                stdin=table.stdin,
                stdout=table.stdout,
                stderr=table.stderr,
                on_exit=self._woken.set,
            )
        except TooManyProcesses as error:
            raise ShellFault(f"can't fork: {error.strerror}", fatal=True) from error

    async def exec_program(self, words: list[str]) -> int:
        """Give the process to a program for good; raises :class:`Exit` with its status."""
        try:
            raise Exit(await self.run_program(words, replace=True))
        except ShellFault as fault:
            raise ShellFault(f"exec: {fault}", fault.status, fatal=True) from fault

    # Signals

    def install_traps(self) -> None:
        """Have the process tell this shell of the signals it has traps for, and no other."""
        self.process.reset_signals()
        if self.on_interrupt is not None:
            self.process.on_signal(signal.SIGINT, self.on_interrupt)
        for name in self.traps:
            if name != "EXIT":
                self.process.on_signal(signal.Signals[f"SIG{name}"], self._noter(name))

    def _noter(self, name: str) -> Callable[[], None]:
        def note() -> None:
            if self.traps.get(name):
                self._pending.append(name)
                self._woken.set()

        return note

    async def _run_traps(self) -> None:
        while self._pending:
            action = self.traps.get(self._pending.pop(0))
            if action:
                before = self.status
                await self.run_text(action)
                self.status = before

    async def _run_exit_trap(self) -> int:
        action = self.traps.pop("EXIT", "")
        if not action:
            return self.status
        status = self.status

        async def act() -> int:
            await self.run_text(action)
            return status

        return await self.finish(act())

    async def wait_for_job(self, job: Process) -> int:
        """Wait for a background job until a trapped signal arrives, which gives 128 and its number."""
        while job.exit_code is None and not self._pending:
            self._woken.clear()
            await self._woken.wait()
        if job.exit_code is None:
            return 128 + signal.Signals[f"SIG{self._pending[0]}"]
        return job.exit_code


_RUNNERS: Mapping[type, Runner] = MappingProxyType(dict(compound_runners()))


def _ends_script(command: Command) -> bool:
    """Say whether the failure of a command ends a script under ``set -e``.

    Compound commands do not: what failed in them would have ended the script by itself.
    """
    if isinstance(command, Pipeline):
        return not command.negated
    return isinstance(command, Simple | Subshell | DoubleBracket | ArithmeticCommand)
