"""Utilities that show bytes as text and back: base64, and the sums md5sum, sha1sum, sha256sum, sha512sum."""

import base64 as encoding
import binascii
import hashlib
import re

from kubelet.fake.files import open_input
from kubelet.fake.process import Process
from kubelet.fake.shell.formatting import encode
from kubelet.fake.streams import Input
from kubelet.images.utilities.command import (
    CHUNK,
    CommandFault,
    complain,
    each_input,
    lines,
    name_of,
    number,
    parse_options,
    say,
)

_GROUP = 3 * 16 * 1024
"""How many bytes are encoded at a time; a multiple of three has no padding."""


async def base64(process: Process) -> int:
    """``base64 [-d] [-w COLUMNS] [FILE]``."""
    options = parse_options(process.argv[1:], "dDi", "w", long={"decode": "d", "wrap": "w", "ignore-garbage": "i"})
    failures: list[str] = []
    async for _, source in each_input(process, options.operands[:1], failures):
        if options.flags & {"d", "D"}:
            await _decode(process, source)
        else:
            await _encode(process, source, number(options.values.get("w", "76")))
    return int(bool(failures))


async def _encode(process: Process, source: Input, columns: int) -> None:
    held, line = b"", b""
    while True:
        chunk = await source.read(_GROUP)
        held += chunk
        usable = len(held) - len(held) % 3 if chunk else len(held)
        line += encoding.b64encode(held[:usable])
        held = held[usable:]
        whole = len(line) - len(line) % columns if columns else 0
        if whole:
            rows = [line[start : start + columns] for start in range(0, whole, columns)]
            await process.stdout.write(b"\n".join(rows) + b"\n")
            line = line[whole:]
        elif not columns and line:
            await process.stdout.write(line)
            line = b""
        if not chunk:
            break
    if line:
        await process.stdout.write(line + b"\n")


async def _decode(process: Process, source: Input) -> None:
    held = b""
    while chunk := await source.read(CHUNK):
        held += re.sub(rb"\s", b"", chunk)
        usable = len(held) - len(held) % 4
        await _decoded(process, held[:usable])
        held = held[usable:]
    await _decoded(process, held)


async def _decoded(process: Process, text: bytes) -> None:
    try:
        data = encoding.b64decode(text, validate=True)
    except binascii.Error:
        raise CommandFault("invalid input") from None
    if data:
        await process.stdout.write(data)


async def checksum(process: Process) -> int:
    """``md5sum [-c] [-s] [-w] [FILE]...``, and likewise for the others by their names."""
    options = parse_options(process.argv[1:], "bctsw", long={"check": "c", "status": "s", "quiet": "q", "text": "t"})
    algorithm = name_of(process).removesuffix("sum")
    failures: list[str] = []
    bad = total = 0
    async for name, source in each_input(process, options.operands, failures):
        if "c" not in options.flags:
            await say(process, f"{await _digest(source, algorithm)}  {name}")
            continue
        async for line in lines(source):
            found = re.match(rb"([0-9a-fA-F]+) [ *](.*)", line)
            if found is None:
                continue
            total += 1
            ok = await _verified(process, found[2].decode(errors="surrogateescape"), found[1].decode(), algorithm)
            bad += not ok
            if "s" not in options.flags and not (ok and "q" in options.flags):
                await process.stdout.write(found[2] + encode(f": {'OK' if ok else 'FAILED'}\n"))
    if bad and "s" not in options.flags:
        await complain(process, f"WARNING: {bad} of {total} computed checksums did NOT match")
    return int(bool(failures) or bool(bad))


async def _digest(source: Input, algorithm: str) -> str:
    digest = hashlib.new(algorithm, usedforsecurity=False)
    while chunk := await source.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


async def _verified(process: Process, name: str, wanted: str, algorithm: str) -> bool:
    try:
        source = open_input(process.fs, process.path(name))
    except OSError as error:
        await complain(process, f"can't open '{name}': {error.strerror}")
        return False
    return await _digest(source, algorithm) == wanted.lower()
