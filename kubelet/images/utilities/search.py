"""``grep``, ``egrep`` and ``fgrep``."""

import posixpath

from kubelet.fake.files import open_input
from kubelet.fake.process import Process
from kubelet.fake.regex.expression import Expression
from kubelet.fake.regex.syntax import BASIC, EXTENDED
from kubelet.fake.shell.formatting import decode, encode
from kubelet.fake.streams import Input
from kubelet.images.utilities.command import CommandFault, complain, lines, name_of, number, parse_options
from kubelet.images.utilities.regex import compile_regex

_LONG = {
    "ignore-case": "i",
    "invert-match": "v",
    "count": "c",
    "quiet": "q",
    "silent": "q",
    "extended-regexp": "E",
    "fixed-strings": "F",
    "line-number": "n",
    "regexp": "e",
    "only-matching": "o",
    "word-regexp": "w",
    "files-with-matches": "l",
    "recursive": "r",
    "max-count": "m",
    "no-messages": "s",
}


async def grep(process: Process) -> int:
    """``grep [-EFivcqnohHlLwxsr] [-m MAX] [-A N] [-B N] [-C N] [-e PATTERN]... [PATTERN] [FILE]...``."""
    try:
        options = parse_options(process.argv[1:], "EFGPivcqnohHlLwxsra", "emABC", long=_LONG)
        flags, operands = options.flags, options.operands
        patterns = [value for letter, value in options.given if letter == "e"]
        if not patterns:
            if not operands:
                raise CommandFault("usage: grep [-EFivcqnohHlLwxsr] PATTERN [FILE]...")
            patterns = [operands.pop(0)]
        if name_of(process) in {"egrep", "fgrep"}:
            flags.add(name_of(process)[0].upper())
        search = _Search(process, flags, _expression(patterns, flags), options.values)
    except CommandFault as fault:
        raise CommandFault(str(fault), 2) from fault
    names = operands or (["."] if "r" in flags else ["-"])
    if "r" in flags:
        names = [path for name in names for path in _files_below(process, name)]
    search.named = ("H" in flags or len(names) > 1 or "r" in flags) and "h" not in flags
    failed = False
    for name in names:
        try:
            source = process.stdin if name == "-" else open_input(process.fs, process.path(name))
        except OSError as error:
            failed = True
            if "s" not in flags:
                await complain(process, f"{name}: {error.strerror}")
            continue
        await search.one(name, source)
        if search.found and "q" in flags:
            return 0
    return 2 if failed else int(not search.found)


def _files_below(process: Process, name: str) -> list[str]:
    path = process.path(name)
    if not process.fs.is_dir(path):
        return [name]
    below = [found for found in process.fs.walk(path) if process.fs.is_file(found)]
    return [name.rstrip("/") + found[len(posixpath.normpath(path).rstrip("/")) :] for found in below]


def _expression(patterns: list[str], flags: set[str]) -> Expression:
    return compile_regex(
        [line for pattern in patterns for line in pattern.split("\n")],
        EXTENDED if "E" in flags else BASIC,
        literal="F" in flags,
        ignore_case="i" in flags,
        whole="x" in flags,
        word="w" in flags,
    )


class _Search:
    """Goes through inputs; ``found`` once any line was selected."""

    def __init__(self, process: Process, flags: set[str], expression: Expression, values: dict[str, str]) -> None:
        self._process = process
        self._flags = flags
        self._expression = expression
        context = number(values.get("C", "0"))
        self._before = number(values.get("B", str(context)))
        self._after = number(values.get("A", str(context)))
        self._most = number(values["m"]) if "m" in values else -1
        self._last_shown = 0
        self.named = False
        self.found = False

    async def one(self, name: str, source: Input) -> None:
        flags = self._flags
        selected, index, trailing = 0, 0, 0
        held: list[tuple[int, str]] = []
        self._last_shown = 0
        shown_name = "(standard input)" if name == "-" else name
        silent = bool(flags & {"q", "c", "l", "L"})
        async for data in lines(source):
            index += 1
            line = decode(data)
            match = self._expression.search(line)
            if self._expression.due():
                await self._process.sleep(0)
            if (match is not None) == ("v" not in flags):
                selected += 1
                self.found = self.found or "L" not in flags
                if flags & {"q", "l", "L"}:
                    break
                if not silent:
                    for number_before, text in held:
                        await self._show(shown_name, number_before, text, "-")
                    held.clear()
                    await self._selected(shown_name, index, line)
                    trailing = self._after
                if selected == self._most:
                    break
            elif trailing and not silent:
                trailing -= 1
                await self._show(shown_name, index, line, "-")
            elif self._before:
                held = [*held, (index, line)][-self._before :]
        if "c" in flags:
            await self._write(f"{f'{shown_name}:' if self.named else ''}{selected}\n")
        elif ("l" in flags and selected) or ("L" in flags and not selected):
            self.found = True
            await self._write(f"{shown_name}\n")

    async def _selected(self, name: str, index: int, line: str) -> None:
        if "o" not in self._flags:
            await self._show(name, index, line, ":")
            return
        for match in self._expression.each(line):
            if match.text and "v" not in self._flags:
                await self._show(name, index, match.text, ":")
            if self._expression.due():
                await self._process.sleep(0)

    async def _show(self, name: str, index: int, text: str, mark: str) -> None:
        if (self._before or self._after) and self._last_shown and index > self._last_shown + 1:
            await self._write("--\n")
        self._last_shown = index
        prefix = f"{name}{mark}" if self.named else ""
        if "n" in self._flags:
            prefix += f"{index}{mark}"
        await self._write(f"{prefix}{text}\n")

    async def _write(self, text: str) -> None:
        await self._process.stdout.write(encode(text))
