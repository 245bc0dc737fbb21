"""``sort`` and ``uniq``."""

import re
from collections.abc import Callable
from functools import cmp_to_key
from heapq import merge
from itertools import pairwise

from kubelet.fake.process import Process
from kubelet.images.utilities.command import (
    CommandFault,
    Held,
    all_lines,
    create,
    each_input,
    lines,
    number,
    parse_options,
)

Key = Callable[[bytes], bytes]

_PART = 2000
"""As many lines are sorted in one go."""
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


async def sort(process: Process) -> int:
    """``sort [-nrufbhsc] [-t CHAR] [-k KEY]... [-o FILE] [FILE]...``, by bytes as in the C locale."""
    options = parse_options(process.argv[1:], "nrufbdhscVgM", "tko", long={"reverse": "r", "unique": "u"})
    failures: list[str] = []
    rows: list[bytes] = []
    held = Held()
    async for _, source in each_input(process, options.operands, failures):
        rows += await all_lines(source, held)
    separator = options.values.get("t")
    keys = [_key(value, separator, options.flags) for letter, value in options.given if letter == "k"]
    compare = _comparison(keys or [(lambda line: line, options.flags)], options.flags)
    if "c" in options.flags:
        for before, after in pairwise(rows):
            if compare(before, after) > 0:
                raise CommandFault(f"disorder: {after.decode(errors='replace')}")
        return 0
    rows = await _sorted(process, rows, compare)
    if "u" in options.flags:
        equal = _comparison(keys or [(lambda line: line, options.flags)], options.flags | {"s"})
        rows = [row for place, row in enumerate(rows) if not place or equal(rows[place - 1], row)]
    output = create(process, options.values["o"]) if "o" in options.values else process.stdout
    for start in range(0, len(rows), _PART):
        await output.write(b"".join(row + b"\n" for row in rows[start : start + _PART]))
    return 2 if failures else 0


async def _sorted(process: Process, rows: list[bytes], compare: Callable[[bytes, bytes], int]) -> list[bytes]:
    """Return the rows in order, in parts that are then merged, between which others have their turn."""
    parts: list[list[bytes]] = []
    for start in range(0, len(rows), _PART):
        parts.append(sorted(rows[start : start + _PART], key=cmp_to_key(compare)))
        await process.sleep(0)
    if len(parts) < 2:
        return parts[0] if parts else []
    merged: list[bytes] = []
    for row in merge(*parts, key=cmp_to_key(compare)):
        merged.append(row)
        if len(merged) % _PART == 0:
            await process.sleep(0)
    return merged


def _key(text: str, separator: str | None, flags: set[str]) -> tuple[Key, set[str]]:
    """Read ``FIELD[.CHAR][OPTIONS][,FIELD[.CHAR][OPTIONS]]``."""
    found = re.fullmatch(r"(\d+)(?:\.(\d+))?([a-zA-Z]*)(?:,(\d+)(?:\.(\d+))?([a-zA-Z]*))?", text)
    if found is None or found[1] == "0":
        raise CommandFault(f"bad field specification '{text}'", 2)
    start, char = int(found[1]), int(found[2] or 1)
    end = int(found[4]) if found[4] else None
    end_char = int(found[5] or 0)
    own = set(found[3] + (found[6] or ""))

    def key(line: bytes) -> bytes:
        if separator is not None:
            fields = [part + separator.encode() for part in line.split(separator.encode())]
            fields[-1] = fields[-1].removesuffix(separator.encode())
        else:
            fields = re.findall(rb"\s*\S+|\s+\Z", line)
        first = b"".join(fields[start - 1 :] if end is None else fields[start - 1 : end])
        if end is not None and end_char and end <= len(fields):
            first = b"".join([*fields[start - 1 : end - 1], fields[end - 1][:end_char]])
        if "b" in (own or flags):
            first = first.lstrip()
        value = first[char - 1 :]
        return value.removesuffix(separator.encode()) if separator is not None else value

    return key, own or flags


def _comparison(keys: list[tuple[Key, set[str]]], flags: set[str]) -> Callable[[bytes, bytes], int]:
    prepared = [(key, _converter(own), "r" in own) for key, own in keys]

    def compare(left: bytes, right: bytes) -> int:
        for key, convert, reverse in prepared:
            a, b = convert(key(left)), convert(key(right))
            if a != b:
                return (1 if a > b else -1) * (-1 if reverse else 1)  # type: ignore[operator]
        if "s" in flags or "u" in flags or left == right:
            return 0
        return (1 if left > right else -1) * (-1 if "r" in flags else 1)

    return compare


def _converter(flags: set[str]) -> Callable[[bytes], object]:
    if flags & {"n", "g"}:
        return _leading_number
    if "h" in flags:
        return _human_number
    if "V" in flags:
        return lambda text: [(int(part) if part.isdigit() else -1, part) for part in re.split(rb"(\d+)", text)]
    if "M" in flags:
        return _month
    if "d" in flags:
        return lambda text: re.sub(rb"[^0-9A-Za-z \t]", b"", text.upper() if "f" in flags else text)
    if "f" in flags:
        return bytes.upper
    return lambda text: text


def _leading_number(text: bytes) -> float:
    found = re.match(rb"\s*(-?\d*\.?\d*)", text)
    try:
        return float(found[1]) if found is not None else 0.0
    except ValueError:
        return 0.0


def _month(text: bytes) -> int:
    name = text.strip()[:3].upper().decode(errors="replace")
    return _MONTHS.index(name) + 1 if name in _MONTHS else 0


def _human_number(text: bytes) -> float:
    found = re.match(rb"\s*-?[\d.]+([KMGTP])", text)
    scale = 1024 ** (" KMGTP".index(found[1].decode())) if found is not None else 1
    return _leading_number(text) * scale


async def uniq(process: Process) -> int:
    """``uniq [-cdui] [-f FIELDS] [-s CHARS] [INPUT [OUTPUT]]``."""
    options = parse_options(process.argv[1:], "cdui", "fsw")
    skipped_fields, skipped_chars = number(options.values.get("f", "0")), number(options.values.get("s", "0"))

    def key(line: bytes) -> bytes:
        for _ in range(skipped_fields):
            line = re.sub(rb"^\s*\S+", b"", line)
        line = line[skipped_chars:]
        return line.lower() if "i" in options.flags else line

    output = process.stdout
    if len(options.operands) > 1:
        output = create(process, options.operands[1])

    async def show(line: bytes, count: int) -> None:
        if ("d" in options.flags and count < 2) or ("u" in options.flags and count > 1):
            return
        await output.write((b"%7d " % count if "c" in options.flags else b"") + line + b"\n")

    failures: list[str] = []
    held: tuple[bytes, int] | None = None
    async for _, source in each_input(process, options.operands[:1], failures):
        async for line in lines(source):
            if held is not None and key(held[0]) == key(line):
                held = (held[0], held[1] + 1)
                continue
            if held is not None:
                await show(*held)
            held = (line, 1)
    if held is not None:
        await show(*held)
    return int(bool(failures))
