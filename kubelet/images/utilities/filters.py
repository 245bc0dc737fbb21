"""Utilities that read and write bytes: cat, wc, tee, tr, cut."""

import re
import signal
from collections.abc import Sequence
from typing import TypeVar

from kubelet.fake.files import open_input
from kubelet.fake.process import Process
from kubelet.fake.shell.formatting import decode, encode, unescape
from kubelet.images.utilities.command import (
    CHUNK,
    CommandFault,
    complain,
    create,
    each_input,
    lines,
    parse_options,
)

T = TypeVar("T")


async def cat(process: Process) -> int:
    """``cat [-n] [FILE]...``."""
    options = parse_options(process.argv[1:], "nuvetbA")
    failed = False
    count = 0
    for name in options.operands or ["-"]:
        try:
            source = process.stdin if name == "-" else open_input(process.fs, process.path(name))
            if "n" in options.flags:
                async for line in lines(source):
                    count += 1
                    await process.stdout.write(b"%6d\t%b\n" % (count, line))
                continue
            while chunk := await source.read(CHUNK):
                await process.stdout.write(chunk)
        except BrokenPipeError:
            raise
        except OSError as error:
            what = "read error" if error.errno == 21 else f"can't open '{name}'"
            await complain(process, f"{what}: {error.strerror}")
            failed = True
    return int(failed)


async def wc(process: Process) -> int:
    """``wc [-lwcmL] [FILE]...``."""
    options = parse_options(process.argv[1:], "lwcmL")
    chosen = [letter for letter in "lwmcL" if letter in options.flags] or ["l", "w", "c"]
    failures: list[str] = []
    totals = dict.fromkeys(chosen, 0)
    rows: list[tuple[dict[str, int], str]] = []
    async for name, source in each_input(process, options.operands, failures):
        counts = dict.fromkeys(chosen, 0)
        inside, column = False, 0
        while chunk := await source.read(CHUNK):
            values = {"l": chunk.count(b"\n"), "c": len(chunk), "m": len(decode(chunk))}
            words = chunk.split()
            continued = inside and not chunk[:1].isspace()
            values["w"] = len(words) - (continued and bool(words))
            inside = not chunk[-1:].isspace()
            for letter in set(chosen) - {"L"}:
                counts[letter] += values[letter]
            if "L" in counts:
                lengths = [len(decode(row)) for row in chunk.split(b"\n")]
                lengths[0] += column
                counts["L"], column = max(counts["L"], *lengths), lengths[-1]
        rows.append((counts, name if options.operands else ""))
        for letter in chosen:
            totals[letter] = max(totals["L"], counts["L"]) if letter == "L" else totals[letter] + counts[letter]
    if len(options.operands) > 1:
        rows.append((totals, "total"))
    for counts, name in rows:
        if len(chosen) == 1:
            text = f"{counts[chosen[0]]}{' ' if name else ''}{name}\n"
        else:
            text = " ".join(f"{counts[letter]:9d}" for letter in chosen) + (f" {name}" if name else "") + "\n"
        await process.stdout.write(encode(text))
    return int(bool(failures))


async def tee(process: Process) -> int:
    """``tee [-a] [-i] [FILE]...``."""
    options = parse_options(process.argv[1:], "ai")
    if "i" in options.flags:
        process.on_signal(signal.SIGINT, lambda: None)
    outputs = [process.stdout]
    status = 0
    for name in options.operands:
        try:
            outputs.append(create(process, name, append="a" in options.flags))
        except OSError as error:
            await complain(process, f"{name}: {error.strerror}")
            status = 1
    while chunk := await process.stdin.read(CHUNK):
        for output in outputs:
            await output.write(chunk)
    return status


_TR_CLASSES = {
    "alpha": "A-Za-z",
    "digit": "0-9",
    "alnum": "0-9A-Za-z",
    "upper": "A-Z",
    "lower": "a-z",
    "space": "\t\n\v\f\r ",
    "blank": "\t ",
    "punct": "!-/:-@[-`{-~",
    "cntrl": "\x00-\x1f\x7f",
    "xdigit": "0-9A-Fa-f",
}


def _tr_set(text: str) -> bytes:
    expanded = re.sub(r"\[:(\w+):\]", lambda found: _TR_CLASSES.get(found[1], found[0]), text)
    data = unescape(encode(expanded))
    output = bytearray()
    position = 0
    while position < len(data):
        if position + 2 < len(data) and data[position + 1] == ord("-"):
            first, last = data[position], data[position + 2]
            if first > last:
                raise CommandFault(f"range-endpoints of '{text}' are in reverse order")
            output += bytes(range(first, last + 1))
            position += 3
        else:
            output.append(data[position])
            position += 1
    return bytes(output)


async def tr(process: Process) -> int:
    """``tr [-cds] SET1 [SET2]``."""
    options = parse_options(process.argv[1:], "cCds", permute=False)
    if not options.operands:
        raise CommandFault("missing operand")
    first = _tr_set(options.operands[0])
    second = _tr_set(options.operands[1]) if len(options.operands) > 1 else b""
    if options.flags & {"c", "C"}:
        first = bytes(byte for byte in range(256) if byte not in first)
    delete = "d" in options.flags
    table = None
    if not delete and second:
        padded = (second + second[-1:] * len(first))[: len(first)]
        # Where a byte stands twice in the first set, its first place counts.
        table = bytearray(range(256))
        for source, target in reversed(list(zip(first, padded, strict=True))):
            table[source] = target
    squeezed = frozenset((second or first) if "s" in options.flags else b"")
    previous = -1
    while chunk := await process.stdin.read(CHUNK):
        data = chunk.translate(None, first) if delete else chunk.translate(bytes(table)) if table else chunk
        if squeezed:
            kept = bytearray()
            for byte in data:
                if byte != previous or byte not in squeezed:
                    kept.append(byte)
                previous = byte
            data = bytes(kept)
        await process.stdout.write(data)
    return 0


async def cut(process: Process) -> int:
    """``cut -b|-c|-f LIST [-d CHAR] [-s] [FILE]...``."""
    options = parse_options(process.argv[1:], "sn", "bcfdO", long={"fields": "f", "delimiter": "d"})
    kind = next((letter for letter in "bcf" if letter in options.values), None)
    if kind is None:
        raise CommandFault("expected a list of bytes, characters, or fields")
    ranges = _ranges(options.values[kind])
    delimiter = encode(options.values.get("d", "\t"))
    failures: list[str] = []
    async for _, source in each_input(process, options.operands, failures):
        async for line in lines(source):
            if kind == "f":
                if delimiter not in line:
                    if "s" in options.flags:
                        continue
                    output = line
                else:
                    fields: list[bytes] = line.split(delimiter)
                    output = delimiter.join(_chosen(fields, ranges))
            elif kind == "c":
                output = encode("".join(_chosen(decode(line), ranges)))
            else:
                output = bytes(_chosen(line, ranges))
            await process.stdout.write(output + b"\n")
    return int(bool(failures))


def _ranges(text: str) -> list[tuple[int, int | None]]:
    ranges: list[tuple[int, int | None]] = []
    for part in text.split(","):
        found = re.fullmatch(r"(\d*)(-?)(\d*)", part)
        if found is None or not (found[1] or found[3]) or found[1] == "0":
            raise CommandFault(f"invalid range '{part}'")
        start = int(found[1] or 1)
        ranges.append((start, int(found[3]) if found[3] else None if found[2] else start))
    return ranges


def _chosen(items: Sequence[T], ranges: list[tuple[int, int | None]]) -> list[T]:
    return [
        item
        for place, item in enumerate(items, 1)
        if any(start <= place and (end is None or place <= end) for start, end in ranges)
    ]
