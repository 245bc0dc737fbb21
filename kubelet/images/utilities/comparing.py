"""Utilities that compare files: cmp, comm, diff."""

import difflib
import posixpath
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from kubelet.fake.files import open_input
from kubelet.fake.process import Process
from kubelet.fake.shell.formatting import decode, encode
from kubelet.fake.streams import Input
from kubelet.images.utilities.command import CHUNK, CommandFault, Options, number, parse_options, say

_MOST = 4 * 1024 * 1024
"""Files are compared line by line up to this size in bytes."""

_LONG = {"unified": "u", "brief": "q", "recursive": "r", "report-identical-files": "s", "ignore-case": "i",
         "ignore-all-space": "w", "ignore-space-change": "b", "new-file": "N", "text": "a"}  # fmt: skip


def _open(process: Process, name: str) -> Input:
    try:
        return process.stdin if name == "-" else open_input(process.fs, process.path(name))
    except OSError as error:
        raise CommandFault(f"{name}: {error.strerror}", 2) from error


async def cmp(process: Process) -> int:
    """``cmp [-l] [-s] FILE1 [FILE2]``: 1 where they differ."""
    options = parse_options(process.argv[1:], "sl", "n")
    if not options.operands:
        raise CommandFault("missing operand", 2)
    first, second = [*options.operands, "-"][:2]
    left, right = _open(process, first), _open(process, second)
    position, line, status = 0, 1, 0
    a = b = b""
    while True:
        a = a or await left.read(CHUNK)
        b = b or await right.read(CHUNK)
        size = min(len(a), len(b))
        if not size:
            break
        for at in range(size) if a[:size] != b[:size] else ():
            if a[at] == b[at]:
                continue
            status = 1
            if "s" in options.flags:
                return 1
            if "l" not in options.flags:
                line += a[:at].count(b"\n")
                await say(process, f"{first} {second} differ: char {position + at + 1}, line {line}")
                return 1
            await say(process, f"{position + at + 1} {a[at]:3o} {b[at]:3o}")
        line += a[:size].count(b"\n")
        position += size
        a, b = a[size:], b[size:]
    if a or b:
        if "s" not in options.flags:
            await process.complain(f"cmp: EOF on {second if a else first}")
        return 1
    return status


async def comm(process: Process) -> int:
    """``comm [-123] FILE1 FILE2``, both sorted."""
    options = parse_options(process.argv[1:], "123")
    if len(options.operands) != 2:
        raise CommandFault("missing operand")
    left, right = (_open(process, name) for name in options.operands)
    a, b = await left.readline(), await right.readline()
    while a or b:
        x, y = a.removesuffix(b"\n"), b.removesuffix(b"\n")
        column = 3 if a and b and x == y else 1 if a and (not b or x < y) else 2
        if str(column) not in options.flags:
            indent = sum(1 for before in range(1, column) if str(before) not in options.flags)
            await process.stdout.write(b"\t" * indent + (y if column == 2 else x) + b"\n")
        if column in {1, 3}:
            a = await left.readline()
        if column in {2, 3}:
            b = await right.readline()
    return 0


async def diff(process: Process) -> int:
    """``diff [-uqrsibwNa] [-U LINES] [-L LABEL]... FILE1 FILE2``: 0 for the same, 1 for different ones.

    What differs is shown in the unified form, which is busybox's only one.
    """
    options = parse_options(process.argv[1:], "uqrsibwNaBTtd", "UL", long=_LONG)
    if len(options.operands) != 2:
        raise CommandFault("missing operand", 2)
    first, second = options.operands
    fs = process.fs
    folders = [name != "-" and fs.is_dir(process.path(name)) for name in (first, second)]
    if all(folders):
        return await _diff_folders(process, options, first, second)
    if folders[0]:
        first = posixpath.join(first, posixpath.basename(second))
    elif folders[1]:
        second = posixpath.join(second, posixpath.basename(first))
    return await _diff_files(process, options, first, second)


async def _diff_folders(process: Process, options: Options, first: str, second: str) -> int:
    fs, status = process.fs, 0
    here, there = set(fs.listdir(process.path(first))), set(fs.listdir(process.path(second)))
    for name in sorted(here | there):
        left, right = posixpath.join(first, name), posixpath.join(second, name)
        if name not in here or name not in there:
            await say(process, f"Only in {first if name in here else second}: {name}")
            status = 1
        elif fs.is_dir(process.path(left)) and fs.is_dir(process.path(right)):
            if "r" in options.flags:
                status = max(status, await _diff_folders(process, options, left, right))
            else:
                await say(process, f"Common subdirectories: {left} and {right}")
        else:
            status = max(status, await _diff_files(process, options, left, right))
    return status


async def _lines(process: Process, name: str) -> list[str]:
    data = b""
    source = _open(process, name)
    while chunk := await source.read(CHUNK):
        data += chunk
        if len(data) > _MOST:
            raise CommandFault(f"{name}: File too large", 2)
    return [decode(line) for line in data.splitlines(keepends=True)] if data else []


def _key(line: str, flags: set[str]) -> str:
    if "w" in flags:
        line = "".join(line.split())
    elif "b" in flags:
        line = " ".join(line.split())
    return line.lower() if "i" in flags else line


async def _diff_files(process: Process, options: Options, first: str, second: str) -> int:
    left, right = await _lines(process, first), await _lines(process, second)
    a, b = [_key(line, options.flags) for line in left], [_key(line, options.flags) for line in right]
    if a == b:
        if "s" in options.flags:
            await say(process, f"Files {first} and {second} are identical")
        return 0
    if "q" in options.flags:
        await say(process, f"Files {first} and {second} differ")
        return 1
    labels = [value for letter, value in options.given if letter == "L"]
    labels += [_label(process, name) for name in (first, second)][len(labels) :]
    await process.stdout.write(encode(f"--- {labels[0]}\n+++ {labels[1]}\n"))
    groups = difflib.SequenceMatcher(None, a, b, autojunk=False).get_grouped_opcodes(
        number(options.values.get("U", "3"))
    )
    for group in groups:
        await process.stdout.write(encode("".join(_hunk(group, left, right))))
        await process.sleep(0)
    return 1


def _label(process: Process, name: str) -> str:
    changed = (
        process.clock.now() if name == "-" else datetime.fromtimestamp(process.fs.stat(process.path(name)).mtime, UTC)
    )
    return f"{name}\t{changed:%Y-%m-%d %H:%M:%S.%f}000 +0000"


def _hunk(group: Sequence[tuple[str, int, int, int, int]], left: Sequence[str], right: Sequence[str]) -> Iterator[str]:
    yield f"@@ -{_span(group[0][1], group[-1][2])} +{_span(group[0][3], group[-1][4])} @@\n"
    for kind, a, b, c, d in group:
        if kind == "equal":
            yield from (_marked(" ", line) for line in left[a:b])
            continue
        yield from (_marked("-", line) for line in left[a:b])
        yield from (_marked("+", line) for line in right[c:d])


def _marked(mark: str, line: str) -> str:
    return f"{mark}{line}" if line.endswith("\n") else f"{mark}{line}\n\\ No newline at end of file\n"


def _span(start: int, end: int) -> str:
    count = end - start
    return str(start + 1) if count == 1 else f"{start + (1 if count else 0)},{count}"
