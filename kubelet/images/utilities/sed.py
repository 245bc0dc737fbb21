"""``sed``: edits lines as they come, by a script."""

import errno
import os
import re
from collections.abc import AsyncIterator

from kubelet.fake.filesystem import MAX_FILE_SIZE
from kubelet.fake.process import Process
from kubelet.fake.shell.formatting import decode, encode
from kubelet.fake.streams import Capture, Input, Output
from kubelet.images.utilities.command import MOST_HELD, CommandFault, each_input, parse_options
from kubelet.images.utilities.sed_script import Command, parse_script


async def sed(process: Process) -> int:
    """``sed [-nEri] [-e SCRIPT]... [-f FILE] [SCRIPT] [FILE]...``."""
    options = parse_options(process.argv[1:], "nErisz", "ef", long={"quiet": "n", "regexp-extended": "E"})
    parts: list[str] = []
    for letter, value in options.given:
        if letter == "f":
            parts.append(decode(process.fs.read(process.path(value))).removesuffix("\n"))
        else:
            parts.append(value)
    if not parts:
        if not options.operands:
            raise CommandFault("usage: sed [-nEri] SCRIPT [FILE]...")
        parts.append(options.operands.pop(0))
    script = "\n".join(parts)
    commands = parse_script(script, extended=bool(options.flags & {"E", "r"}))
    quiet, looks_ahead = "n" in options.flags, "$" in script
    failures: list[str] = []
    if "i" not in options.flags:
        inputs = each_input(process, options.operands, failures)
        editor = _Editor(commands, inputs, process.stdout, quiet=quiet, looks_ahead=looks_ahead)
        await editor.run()
        return editor.status or int(bool(failures))
    for name in options.operands:
        edited = Capture(MAX_FILE_SIZE)
        inputs = each_input(process, [name], failures)
        await _Editor(commands, inputs, edited, quiet=quiet, looks_ahead=looks_ahead).run()
        if name not in failures:
            process.fs.write(process.path(name), bytes(edited.data))
    return int(bool(failures))


class _Editor:
    """Runs commands over lines as they come; ``looks_ahead`` is for scripts that ask which line is the last."""

    def __init__(
        self,
        commands: list[Command],
        inputs: AsyncIterator[tuple[str, Input]],
        output: Output,
        *,
        quiet: bool,
        looks_ahead: bool,
    ) -> None:
        self._commands = commands
        self._inputs = inputs
        self._source: Input | None = None
        self._output = output
        self._quiet = quiet
        self._looks_ahead = looks_ahead
        self._ahead: str | None = None
        self._index = 0
        self._space = ""
        self._ended = True
        self._hold = ""
        self._quit = False
        self._written: list[str] = []
        self._after: list[str] = []
        self.status = 0

    async def run(self) -> None:
        while not self._quit and await self._advance():
            deleted = await self._apply(self._commands)
            if not deleted and not self._quiet:
                self._print_space()
            self._written += self._after
            self._after.clear()
            await self._output.write(encode("".join(self._written)))
            self._written.clear()

    async def _advance(self, *, joined: bool = False) -> bool:
        """Take the next line into the pattern space, or add it there; false when there is none."""
        row, self._ahead = self._ahead or await self._row(), None
        if not row:
            return False
        if not row.endswith("\n") and (following := await self._row()):
            # The next file begins a line of its own.
            row, self._ahead = row + "\n", following
        self._index += 1
        self._ended = row.endswith("\n")
        text = row.removesuffix("\n")
        self._space = f"{self._space}\n{text}" if joined else text
        return True

    async def _row(self) -> str:
        """Return the next line of all inputs, empty at the end."""
        while True:
            if self._source is None:
                following = await anext(self._inputs, None)
                if following is None:
                    return ""
                self._source = following[1]
            line = await self._source.readline()
            # A pipe hands out long lines in pieces.
            while line and not line.endswith(b"\n") and (more := await self._source.readline()):
                line += more
                if len(line) > MOST_HELD:
                    raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
            if line:
                return decode(line)
            self._source = None

    async def _is_last(self) -> bool:
        if self._ahead is None and self._looks_ahead:
            self._ahead = await self._row()
        return self._looks_ahead and not self._ahead

    def _print_space(self) -> None:
        self._written.append(f"{self._space}\n" if self._ended or self._after else self._space)

    async def _selected(self, command: Command) -> bool:
        return self._in_range(command, await self._is_last()) != command.negated

    def _in_range(self, command: Command, last: bool) -> bool:
        if command.first is None:
            return True
        if command.second is None:
            return command.first(self._space, self._index, last)
        if command.active:
            if command.second_line:
                command.active = self._index < command.second_line
                return self._index <= command.second_line
            command.active = not command.second(self._space, self._index, last)
            return True
        if command.first(self._space, self._index, last):
            command.active = not command.second_line or command.second_line > self._index
            return True
        return False

    async def _apply(self, commands: list[Command]) -> bool:
        """Do what the commands say; return whether the line is deleted."""
        for command in commands:
            if not await self._selected(command):
                continue
            match command.name:
                case "{":
                    if await self._apply(command.block):
                        return True
                    if self._quit:
                        return False
                case "s":
                    if self._substitute(command) and command.printed:
                        self._written.append(f"{self._space}\n")
                case "p":
                    self._written.append(f"{self._space}\n")
                case "=":
                    self._written.append(f"{self._index}\n")
                case "i":
                    self._written.append(f"{command.text}\n")
                case "a":
                    self._after.append(f"{command.text}\n")
                case "c":
                    if not command.active or command.negated:
                        self._written.append(f"{command.text}\n")
                    return True
                case "d":
                    return True
                case "y":
                    self._space = self._space.translate(command.table)
                case "q" | "Q":
                    self._quit = True
                    self.status = int(command.text or 0)
                    return command.name == "Q"
                case "n":
                    if not self._quiet:
                        self._print_space()
                    if not await self._advance():
                        self._quit = True
                        return True
                case "N":
                    await self._advance(joined=True)
                case _:
                    self._spaces(command.name)
        return False

    def _spaces(self, name: str) -> None:
        """``h H g G x``: the hold space."""
        match name:
            case "h":
                self._hold = self._space
            case "H":
                self._hold += "\n" + self._space
            case "g":
                self._space = self._hold
            case "G":
                self._space += "\n" + self._hold
            case "x":
                self._space, self._hold = self._hold, self._space

    def _substitute(self, command: Command) -> bool:
        assert command.expression is not None
        count = 0
        changed = False

        def replace(found: re.Match[str]) -> str:
            nonlocal count, changed
            count += 1
            if count < command.nth or (count > command.nth and not command.everywhere):
                return found[0]
            changed = True
            return _expanded(command.replacement, found)

        self._space = command.expression.sub(replace, self._space)
        return changed


def _expanded(replacement: str, found: re.Match[str]) -> str:
    def one(part: re.Match[str]) -> str:
        if part[0] == "&":
            return found[0]
        code = part[1]
        if code.isdigit():
            if int(code) > (found.re.groups or 0):
                raise CommandFault(f"invalid reference \\{code} on s command's RHS")
            return found[int(code)] or ""
        return {"n": "\n", "t": "\t"}.get(code, code)

    return re.sub(r"\\(.)|&", one, replacement, flags=re.DOTALL)
