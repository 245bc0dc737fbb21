"""Utilities that show bytes as numbers: hexdump, od, xxd."""

import re
from collections.abc import AsyncIterator

from kubelet.fake.process import Process
from kubelet.images.utilities.command import CommandFault, Options, each_input, name_of, number, parse_options, say

_ROW = 16
_NAMED = {0: r"\0", 7: r"\a", 8: r"\b", 9: r"\t", 10: r"\n", 11: r"\v", 12: r"\f", 13: r"\r"}
_BASES = {"A": "d", "d": "d", "o": "o", "x": "x"}


async def _rows(
    process: Process, names: list[str], *, size: int, skip: int = 0, most: int = -1
) -> AsyncIterator[bytes]:
    """Yield the inputs' bytes, one input behind the other, in rows."""
    held, left, failures = b"", most, list[str]()
    async for _, source in each_input(process, names, failures):
        while left and (chunk := await source.read(4096 * size)):
            if skip:
                chunk, skip = chunk[skip:], max(0, skip - len(chunk))
            if left > 0:
                chunk = chunk[:left]
                left -= len(chunk)
            held += chunk
            while len(held) >= size:
                yield held[:size]
                held = held[size:]
    if held:
        yield held
    if failures:
        raise CommandFault("some inputs could not be read")


def _printable(data: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data)


async def hexdump(process: Process) -> int:
    """``hexdump [-C] [-n BYTES] [-s SKIP] [-v] [FILE]...``; ``hd`` is ``hexdump -C``."""
    options = parse_options(process.argv[1:], "Cvx", "ns", long={"canonical": "C"})
    canonical = "C" in options.flags or name_of(process) == "hd"
    skip = number(options.values.get("s", "0"))
    most = number(options.values.get("n", "-1"))
    offset, previous, starred = skip, b"", False
    async for row in _rows(process, options.operands, size=_ROW, skip=skip, most=most):
        if row == previous and "v" not in options.flags:
            if not starred:
                await say(process, "*")
            starred = True
        else:
            starred = False
            await say(process, _canonical(offset, row) if canonical else f"{offset:07x}{_words(row, 2, 'x', 4):<40}")
        previous, offset = row, offset + len(row)
    if offset > skip:
        await say(process, f"{offset:08x}" if canonical else f"{offset:07x}")
    return 0


def _canonical(offset: int, row: bytes) -> str:
    cells = [f"{byte:02x}" for byte in row] + ["  "] * (_ROW - len(row))
    return f"{offset:08x}  {' '.join(cells[:8])}  {' '.join(cells[8:])}  |{_printable(row)}|"


def _words(row: bytes, size: int, kind: str, width: int, *, fill: str = "0") -> str:
    """Return numbers of ``size`` bytes each, lowest byte first, as hexadecimal, octal or decimal."""
    words = [row[start : start + size] for start in range(0, len(row), size)]
    form = f"{fill if fill != ' ' else ''}{width}{kind if kind != 'u' else 'd'}"
    return "".join(" " + format(int.from_bytes(word, "little", signed=kind == "d"), form) for word in words)


_OD_WIDTHS = {
    ("x", 1): 2, ("x", 2): 4, ("x", 4): 8, ("x", 8): 16,
    ("o", 1): 3, ("o", 2): 6, ("o", 4): 11, ("o", 8): 22,
    ("d", 1): 4, ("d", 2): 6, ("d", 4): 11, ("d", 8): 20,
    ("u", 1): 3, ("u", 2): 5, ("u", 4): 10, ("u", 8): 20,
}  # fmt: skip


async def od(process: Process) -> int:
    """``od [-A d|o|x|n] [-t TYPE] [-bcdox] [-j SKIP] [-N BYTES] [-v] [-w COUNT] [FILE]...``."""
    options = parse_options(process.argv[1:], "bcdoxXsv", "AtjNw", long={"address-radix": "A", "format": "t"})
    kind, size = _od_type(options)
    radix = options.values.get("A", "o")
    skip = number(options.values.get("j", "0"))
    offset, previous, starred = skip, b"", False
    width = number(options.values.get("w", str(_ROW)))
    rows = _rows(process, options.operands, size=width, skip=skip, most=number(options.values.get("N", "-1")))
    async for row in rows:
        if row == previous and "v" not in options.flags:
            if not starred:
                await say(process, "*")
            starred = True
        else:
            starred = False
            await say(process, _address(offset, radix) + _od_row(row, kind, size))
        previous, offset = row, offset + len(row)
    if radix != "n":
        await say(process, _address(offset, radix))
    return 0


def _od_type(options: Options) -> tuple[str, int]:
    for letter, chosen in {"c": ("c", 1), "b": ("o", 1), "x": ("x", 2), "d": ("u", 2), "X": ("x", 4)}.items():
        if letter in options.flags:
            return chosen
    found = re.fullmatch(r"([acdoux])(\d*|[CSIL])z?", options.values.get("t", "o2"))
    if found is None:
        raise CommandFault(f"invalid type string '{options.values['t']}'")
    size = {"": 4, "C": 1, "S": 2, "I": 4, "L": 8}.get(found[2]) or number(found[2])
    kind = "c" if found[1] in "ac" else found[1]
    if kind == "c":
        return kind, 1
    if (kind, size) not in _OD_WIDTHS:
        raise CommandFault(f"invalid type string '{options.values['t']}'")
    return kind, size


def _address(offset: int, radix: str) -> str:
    if radix == "n":
        return ""
    if radix not in _BASES:
        raise CommandFault(f"invalid output address radix '{radix}'")
    return format(offset, f"0{6 if radix == 'x' else 7}{_BASES[radix]}")


def _od_row(row: bytes, kind: str, size: int) -> str:
    if kind == "c":
        shown = [_NAMED.get(byte) or (chr(byte) if 32 <= byte < 127 else f"{byte:03o}") for byte in row]
        return "".join(f"{text:>4}" for text in shown)
    return _words(row, size, kind, _OD_WIDTHS[kind, size], fill=" " if kind in "du" else "0")


async def xxd(process: Process) -> int:
    """``xxd [-p] [-r] [-l BYTES] [-s SKIP] [-c COLUMNS] [-g GROUP] [-u] [FILE]``."""
    options = parse_options(process.argv[1:], "pru", "lscg", long={"plain": "p"})
    plain = "p" in options.flags
    if "r" in options.flags:
        return await _unhex(process, options.operands, plain=plain)
    columns = number(options.values.get("c", "30" if plain else str(_ROW)))
    group = number(options.values.get("g", "2")) or columns
    skip = number(options.values.get("s", "0"))
    offset, upper = skip, "u" in options.flags
    most = number(options.values.get("l", "-1"))
    async for row in _rows(process, options.operands, size=max(1, columns), skip=skip, most=most):
        text = row.hex().upper() if upper else row.hex()
        if plain:
            await say(process, text)
        else:
            parts = [text[start : start + 2 * group] for start in range(0, len(text), 2 * group)]
            width = 2 * columns + -(-columns // group) - 1
            await say(process, f"{offset:08x}: {' '.join(parts):<{width}}  {_printable(row)}")
        offset += len(row)
    return 0


async def _unhex(process: Process, names: list[str], *, plain: bool) -> int:
    failures: list[str] = []
    async for _, source in each_input(process, names, failures):
        while line := await source.readline():
            text = line.decode(errors="replace").strip()
            if not plain:
                text = re.split(r" {2}", text.partition(":")[2].strip(" "))[0]
            digits = re.sub(r"[^0-9a-fA-F]", "", text)
            await process.stdout.write(bytes.fromhex(digits[: len(digits) // 2 * 2]))
    return int(bool(failures))
