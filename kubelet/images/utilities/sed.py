"""``sed``: edits lines as they come, by a script."""

import errno
import os
import re
import stat as modes
from collections.abc import AsyncIterator

from kubelet.fake.changing import MAX_FILE_SIZE
from kubelet.fake.process import Process
from kubelet.fake.shell.formatting import decode, encode
from kubelet.fake.streams import Capture, Input, Output
from kubelet.images.utilities.command import (
    CHUNK,
    MOST_HELD,
    CommandFault,
    Held,
    create,
    each_input,
    parse_options,
    whole_line,
)
from kubelet.images.utilities.sed_replacement import expanded
from kubelet.images.utilities.sed_script import Command, Script, parse_script

_TURN = 200
"""After how many commands others get their turn."""
_IN_PLACE = re.compile(r"-([nErsz]*)i(.+)")
_SHOWN_WIDTH = 69
_NAMED_BYTES = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 92: "\\\\"}


async def sed(process: Process) -> int:
    """``sed [-nErsz] [-i[SUFFIX]] [-e SCRIPT]... [-f FILE] [SCRIPT] [FILE]...``."""
    arguments, suffix = list(process.argv[1:]), ""
    for place, word in enumerate(arguments):
        if (found := _IN_PLACE.fullmatch(word)) is not None:
            arguments[place], suffix = f"-{found[1]}i", found[2]
    options = parse_options(
        arguments, "nErisz", "ef", long={"quiet": "n", "silent": "n", "regexp-extended": "E", "in-place": "i"}
    )
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
    text = "\n".join(parts)
    script = parse_script(text, extended=bool(options.flags & {"E", "r"}))
    files = {name: _opened(process, name) for name in script.written}
    failures: list[str] = []
    names = [[name] for name in options.operands] if options.flags & {"i", "s"} else [options.operands]
    for group in names:
        edited = Capture(MAX_FILE_SIZE, full=errno.ENOSPC) if "i" in options.flags else None
        editor = _Editor(process, script, each_input(process, group, failures), edited or process.stdout, files)
        editor.quiet, editor.looks_ahead = "n" in options.flags, "$" in text or "n" in text.lower()
        editor.separator = "\0" if "z" in options.flags else "\n"
        await editor.run()
        if edited is not None and group[0] not in failures:
            _replace(process, group[0], suffix, bytes(edited.data))
        if editor.quit:
            return editor.status
    return int(bool(failures))


def _opened(process: Process, name: str) -> Output:
    return {"/dev/stdout": process.stdout, "/dev/stderr": process.stderr}.get(name) or create(process, name)


def _replace(process: Process, name: str, suffix: str, content: bytes) -> None:
    """Put a new file where one was; that goes, or by another name stays, and so do its other names."""
    fs, path = process.fs, process.path(name)
    found = fs.stat(path)
    if suffix:
        fs.rename(path, process.path(f"{name}{suffix}"))
    elif found.nlink > 1:
        fs.unlink(path)
    fs.write(path, content, mode=modes.S_IMODE(found.mode), uid=found.uid, gid=found.gid)


class _Editor:
    """Runs commands over lines as they come; ``looks_ahead`` is for scripts that may ask which line is the last."""

    def __init__(
        self,
        process: Process,
        script: Script,
        inputs: AsyncIterator[tuple[str, Input]],
        output: Output,
        files: dict[str, Output],
    ) -> None:
        self._process = process
        self._script = script
        self._inputs = inputs
        self._source: Input | None = None
        self._name = "-"
        self._output = output
        self._files = files
        self._ahead: str | None = None
        self._held = bytearray()
        self._index = 0
        self._space = ""
        self._hold = ""
        self._ended = True
        self._replaced = False
        self._restarted = False
        self._steps = 0
        self._written: list[str] = []
        self._after: list[str] = []
        self.quiet = False
        self.looks_ahead = True
        self.separator = "\n"
        self.quit = False
        self.status = 0

    async def run(self) -> None:
        while not self.quit and (self._restarted or await self._advance()):
            self._restarted = False
            self._replaced = False
            deleted = await self._apply(self._script.commands)
            if not deleted and not self.quiet:
                self._print_space()
            self._written += self._after
            self._after.clear()
            await self._output.write(encode("".join(self._written)))
            self._written.clear()

    async def _turn(self) -> None:
        """Let others run now and then."""
        self._steps += 1
        # Every expression is asked, so that each begins to count anew.
        tired = [expression.due() for expression in self._script.expressions]
        if self._steps % _TURN == 0 or any(tired):
            await self._process.sleep(0)

    async def _advance(self, *, joined: bool = False) -> bool:
        """Take the next line into the pattern space, or add it there; false when there is none."""
        row, self._ahead = self._ahead or await self._row(), None
        if not row:
            return False
        if not row.endswith(self.separator) and (following := await self._row()):
            # The next file begins a line of its own.
            row, self._ahead = row + self.separator, following
        self._index += 1
        self._ended = row.endswith(self.separator)
        text = row.removesuffix(self.separator)
        self._space = self._bounded(f"{self._space}\n{text}") if joined else text
        return True

    async def _row(self) -> str:
        """Return the next line of all inputs, empty at the end."""
        while True:
            if self._source is None:
                following = await anext(self._inputs, None)
                if following is None:
                    return ""
                self._name, self._source = following
            line = await self._line(self._source)
            if line:
                return decode(line)
            self._source = None

    async def _line(self, source: Input) -> bytes:
        if self.separator == "\n":
            return await whole_line(source)
        held = Held()
        while b"\0" not in self._held and (more := await source.read(CHUNK)):
            held.add(len(more))
            self._held += more
        line, found, self._held = self._held.partition(b"\0")
        return bytes(line + found)

    async def _is_last(self) -> bool:
        if self._ahead is None and self.looks_ahead:
            self._ahead = await self._row()
        return self.looks_ahead and not self._ahead

    def _bounded(self, text: str) -> str:
        if len(text) > MOST_HELD:
            raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
        return text

    def _print_space(self) -> None:
        self._written.append(f"{self._space}{self.separator}" if self._ended or self._after else self._space)

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
        """Do what the commands say; return whether nothing more is to be printed of the line."""
        place = 0
        while place < len(commands):
            await self._turn()
            command = commands[place]
            place += 1
            selected = await self._selected(command)
            match command.name:
                case "{" if not selected:
                    place = command.target
                case "b" | "t" | "T" if selected:
                    if self._branches(command.name):
                        place = command.target
                case "s" if selected:
                    await self._substituted(command)
                case "w" if selected:
                    await self._files[command.text].write(encode(f"{self._space}\n"))
                case "n" | "N" if selected:
                    if command.name == "n" and not self.quiet and not await self._is_last():
                        self._print_space()
                    if not await self._advance(joined=command.name == "N"):
                        self.quit = True
                        return False
                case "D" if selected and "\n" in self._space:
                    self._space = self._space.partition("\n")[2]
                    self._restarted = True
                    return True
                case "c" if selected:
                    if not command.active or command.negated:
                        self._written.append(f"{command.text}\n")
                    return True
                case "d" | "D" if selected:
                    return True
                case "q" | "Q" if selected:
                    self.quit = True
                    self.status = int(command.text or 0)
                    return command.name == "Q"
                case _ if selected:
                    self._simple(command)
        return False

    def _branches(self, name: str) -> bool:
        if name == "b":
            return True
        replaced, self._replaced = self._replaced, False
        return replaced == (name == "t")

    def _simple(self, command: Command) -> None:
        """Do what neither reads nor waits nor ends the cycle."""
        match command.name:
            case "p":
                self._written.append(f"{self._space}{self.separator}")
            case "P":
                self._written.append(f"{self._space.partition(chr(10))[0]}{self.separator}")
            case "=":
                self._written.append(f"{self._index}\n")
            case "l":
                self._written.append(_shown(encode(self._space)))
            case "F":
                self._written.append(f"{self._name}\n")
            case "i":
                self._written.append(f"{command.text}\n")
            case "a":
                self._after.append(f"{command.text}\n")
            case "r":
                path = self._process.path(command.text)
                if self._process.fs.is_file(path):
                    self._after.append(decode(self._process.fs.read(path)))
            case "y":
                self._space = self._space.translate(command.table)
            case "z":
                self._space = ""
            case "h":
                self._hold = self._space
            case "H":
                self._hold = self._bounded(f"{self._hold}\n{self._space}")
            case "g":
                self._space = self._hold
            case "G":
                self._space = self._bounded(f"{self._space}\n{self._hold}")
            case "x":
                self._space, self._hold = self._hold, self._space

    async def _substituted(self, command: Command) -> None:
        if not await self._substitute(command):
            return
        self._replaced = True
        if command.printed:
            self._written.append(f"{self._space}{self.separator}")
        if command.text:
            await self._files[command.text].write(encode(f"{self._space}\n"))

    async def _substitute(self, command: Command) -> bool:
        """Replace matches in the pattern space; return whether there were any."""
        expression, space = command.expression, self._space
        assert expression is not None
        parts: list[str] = []
        held = end = 0
        for count, found in enumerate(expression.each(space), 1):
            await self._turn()
            if count < command.nth:
                continue
            parts += [space[end : found.start()], expanded(command.replacement, found)]
            end = found.end()
            held += len(parts[-2]) + len(parts[-1])
            if held > MOST_HELD:
                raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
            if not command.everywhere:
                break
        if parts:
            self._space = "".join([*parts, space[end:]])
        return bool(parts)


def _shown(data: bytes) -> str:
    """Return what ``l`` prints: every byte readable, in lines of at most 70 characters, with a ``$`` at the end."""
    lines, line = [], ""
    for byte in data:
        shown = _NAMED_BYTES.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}")
        if len(line) + len(shown) > _SHOWN_WIDTH:
            lines.append(f"{line}\\\n")
            line = ""
        line += shown
    return "".join([*lines, f"{line}$\n"])
