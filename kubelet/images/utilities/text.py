"""Utilities that lay out lines anew: tac, rev, nl, fold, paste, expand, shuf, split."""

import re
from collections import deque

from kubelet.fake.process import Process
from kubelet.fake.shell.formatting import decode, encode, unescape
from kubelet.images.utilities.command import (
    CommandFault,
    all_lines,
    create,
    each_input,
    everything,
    lines,
    number,
    parse_options,
    say,
)


async def tac(process: Process) -> int:
    failures: list[str] = []
    async for _, source in each_input(process, process.argv[1:], failures):
        rows: list[bytes] = re.findall(rb"[^\n]*\n|[^\n]+\Z", await everything(source))
        await process.stdout.write(b"".join(reversed(rows)))
    return int(bool(failures))


async def rev(process: Process) -> int:
    failures: list[str] = []
    async for _, source in each_input(process, process.argv[1:], failures):
        while line := await source.readline():
            end = b"\n" if line.endswith(b"\n") else b""
            await process.stdout.write(encode(decode(line.removesuffix(b"\n"))[::-1]) + end)
    return int(bool(failures))


async def nl(process: Process) -> int:
    """``nl [-b a|t|n] [-w WIDTH] [-s SEPARATOR] [-v START] [-i STEP] [-n ln|rn|rz] [FILE]...``."""
    options = parse_options(process.argv[1:], "p", "bwsvin")
    width = number(options.values.get("w", "6"))
    separator, style = options.values.get("s", "\t"), options.values.get("b", "t")
    count, step = number(options.values.get("v", "1")), number(options.values.get("i", "1"))
    form = {"ln": "<", "rz": "0>"}.get(options.values.get("n", "rn"), ">")
    failures: list[str] = []
    async for _, source in each_input(process, options.operands, failures):
        async for line in lines(source):
            if style == "a" or (style == "t" and line):
                await process.stdout.write(encode(f"{count:{form}{width}}{separator}") + line + b"\n")
                count += step
            else:
                await process.stdout.write(b" " * (width + len(separator)) + line + b"\n")
    return int(bool(failures))


async def fold(process: Process) -> int:
    """``fold [-b] [-s] [-w WIDTH] [FILE]...``."""
    arguments = [re.sub(r"^-(\d+)$", r"-w\1", word) for word in process.argv[1:]]
    options = parse_options(arguments, "bs", "w", long={"width": "w", "spaces": "s"})
    width = max(1, number(options.values.get("w", "80")))
    failures: list[str] = []
    async for _, source in each_input(process, options.operands, failures):
        while line := await source.readline():
            end = "\n" if line.endswith(b"\n") else ""
            text = decode(line.removesuffix(b"\n"))
            rows: list[str] = []
            while len(text) > width:
                at = text.rfind(" ", 0, width) + 1 if "s" in options.flags else width
                at = at or width
                rows.append(text[:at])
                text = text[at:]
            await process.stdout.write(encode("\n".join([*rows, text]) + end))
    return int(bool(failures))


async def paste(process: Process) -> int:
    """``paste [-s] [-d LIST] [FILE]...``."""
    options = parse_options(process.argv[1:], "s", "d", long={"delimiters": "d", "serial": "s"})
    marks = [*decode(unescape(encode(options.values.get("d", "\t")), zero=False))] or [""]
    failures: list[str] = []
    sources = [source async for _, source in each_input(process, options.operands, failures)]
    if "s" in options.flags:
        for source in sources:
            output, at = "", 0
            async for line in lines(source):
                output += (marks[(at - 1) % len(marks)] if at else "") + decode(line)
                at += 1
            await say(process, output)
        return int(bool(failures))
    while True:
        row = [await source.readline() for source in sources]
        if not any(row):
            return int(bool(failures))
        cells = [decode(cell.removesuffix(b"\n")) for cell in row]
        joined = cells[0] + "".join(marks[at % len(marks)] + cell for at, cell in enumerate(cells[1:]))
        await say(process, joined)


async def expand(process: Process) -> int:
    """``expand [-t COLUMNS] [FILE]...``: spaces for tabs."""
    options = parse_options(process.argv[1:], "i", "t")
    size = max(1, number(options.values.get("t", "8")))
    failures: list[str] = []
    async for _, source in each_input(process, options.operands, failures):
        while line := await source.readline():
            await process.stdout.write(line.expandtabs(size))
    return int(bool(failures))


async def shuf(process: Process) -> int:
    """``shuf [-n COUNT] [-e WORD...] [-i FIRST-LAST] [FILE]``."""
    options = parse_options(process.argv[1:], "e", "ni", long={"head-count": "n", "input-range": "i", "echo": "e"})
    items: list[str]
    if "i" in options.values:
        first, _, last = options.values["i"].partition("-")
        if number(last) - number(first) > 1_000_000:
            raise CommandFault("memory exhausted")
        items = [str(value) for value in range(number(first), number(last) + 1)]
    elif "e" in options.flags:
        items = options.operands
    else:
        failures: list[str] = []
        items = [
            decode(line)
            async for _, source in each_input(process, options.operands, failures)
            for line in await all_lines(source)
        ]
        if failures:
            return 1
    process.world.rng.shuffle(items)
    most = number(options.values.get("n", str(len(items))))
    await process.stdout.write(encode("".join(f"{item}\n" for item in items[:most])))
    return 0


async def split(process: Process) -> int:
    """``split [-l LINES | -b BYTES] [-a LENGTH] [-d] [FILE [PREFIX]]``."""
    options = parse_options(process.argv[1:], "d", "lba")
    if len(options.operands) > 2:
        raise CommandFault("extra operand")
    prefix = options.operands[1] if len(options.operands) > 1 else "x"
    length = max(1, number(options.values.get("a", "2")))
    names = _names(prefix, length, digits="d" in options.flags)
    failures: list[str] = []
    async for _, source in each_input(process, options.operands[:1], failures):
        if "b" in options.values:
            size = max(1, number(options.values["b"]))
            held = await source.read(size)
            while held:
                while len(held) < size and (more := await source.read(size - len(held))):
                    held += more
                await create(process, _next_name(names)).write(held)
                held = await source.read(size)
            continue
        most, count, output = max(1, number(options.values.get("l", "1000"))), 0, None
        while line := await source.readline():
            if count % most == 0:
                output = create(process, _next_name(names))
            count += 1
            assert output is not None
            await output.write(line)
    return int(bool(failures))


def _names(prefix: str, length: int, *, digits: bool) -> deque[str]:
    letters = "0123456789" if digits else "abcdefghijklmnopqrstuvwxyz"
    count = min(len(letters) ** length, 10_000)
    names: deque[str] = deque()
    for index in range(count):
        name = ""
        for _ in range(length):
            index, place = divmod(index, len(letters))
            name = letters[place] + name
        names.append(prefix + name)
    return names


def _next_name(names: deque[str]) -> str:
    if not names:
        raise CommandFault("suffixes exhausted")
    return names.popleft()
