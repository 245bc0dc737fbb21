"""Utilities that make files, or copy bits of them: dd, truncate, mktemp, install; and realpath, sync."""

import posixpath
import re

from kubelet.fake.files import open_input, open_output
from kubelet.fake.process import Process
from kubelet.fake.streams import Input, Output
from kubelet.images.utilities.command import CHUNK, CommandFault, complain, create, number, parse_options, say
from kubelet.images.utilities.files import changed_mode
from kubelet.images.utilities.users import group_id, user_id

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class _WriteFault(Exception):
    """A block could be read and not be written; the text says why."""


async def dd(process: Process) -> int:
    """``dd [if=FILE] [of=FILE] [bs=N] [count=N] [skip=N] [seek=N] [conv=notrunc] [status=none]``."""
    given = dict(word.partition("=")[::2] for word in process.argv[1:])
    if unknown := given.keys() - {
        "if",
        "of",
        "bs",
        "ibs",
        "obs",
        "count",
        "skip",
        "seek",
        "conv",
        "status",
        "iflag",
        "oflag",
    }:
        raise CommandFault(f"invalid argument '{min(unknown)}'")
    size = number(given.get("bs") or given.get("ibs") or "512")
    if size <= 0:
        raise CommandFault("invalid number '0'")
    left = number(given["count"]) if "count" in given else -1
    seek = number(given.get("seek", "0")) * size
    began = process.clock.monotonic()
    source, output = _dd_streams(process, given, seek)
    for _ in range(number(given.get("skip", "0"))):
        await _block(source, size, output=None)
    whole = part = copied = 0
    try:
        while left and (count := await _block(source, size, output=output)):
            whole, part = (whole + 1, part) if count == size else (whole, part + 1)
            copied += count
            left -= 1
    except _WriteFault as fault:
        raise CommandFault(f"error writing '{given.get('of', 'standard output')}': {fault}") from fault
    finally:
        if given.get("status") != "none":
            took = process.clock.monotonic() - began
            await process.complain(f"{whole}+{part} records in\n{whole}+{part} records out")
            if given.get("status") != "noxfer":
                rate = copied / took if took > 0 else 0.0
                await process.complain(f"{copied} bytes copied, {took:.6f} seconds, {rate / 2**20:.1f}MB/s")
    return 0


def _dd_streams(process: Process, given: dict[str, str], seek: int) -> tuple[Input, Output]:
    source = process.stdin
    if "if" in given:
        try:
            source = open_input(process.fs, process.path(given["if"]))
        except OSError as error:
            raise CommandFault(f"can't open '{given['if']}': {error.strerror}") from error
    if "of" not in given:
        return source, process.stdout
    truncate = "notrunc" not in given.get("conv", "") and not seek
    try:
        output = open_output(
            process.fs,
            process.path(given["of"]),
            truncate=truncate,
            mode=0o666 & ~process.umask,
            uid=process.uid,
            gid=process.gid,
            position=seek,
        )
    except OSError as error:
        raise CommandFault(f"can't open '{given['of']}': {error.strerror}") from error
    return source, output


async def _block(source: Input, size: int, *, output: Output | None) -> int:
    """Copy a block in pieces that memory can bear; return how many bytes it had. Raises :class:`_WriteFault`."""
    done = 0
    while done < size and (chunk := await source.read(min(size - done, CHUNK))):
        if output is not None:
            try:
                await output.write(chunk)
            except BrokenPipeError:
                raise
            except OSError as error:
                raise _WriteFault(error.strerror) from error
        done += len(chunk)
    return done


async def truncate(process: Process) -> int:
    """``truncate [-c] -s [+-]SIZE FILE...``."""
    options = parse_options(process.argv[1:], "c", "s", long={"size": "s", "no-create": "c"})
    wanted = options.values.get("s")
    if wanted is None or not options.operands:
        raise CommandFault("missing operand")
    for name in options.operands:
        path = process.path(name)
        if "c" in options.flags and not process.fs.exists(path):
            continue
        old = process.fs.read(path) if process.fs.exists(path) else b""
        amount = number(wanted.lstrip("+-"))
        size = max(0, len(old) + amount if wanted[0] == "+" else len(old) - amount if wanted[0] == "-" else amount)
        output = create(process, name)
        await output.write(old[:size])
        missing = size - len(old)
        while missing > 0:
            await output.write(bytes(min(missing, CHUNK)))
            missing -= CHUNK
    return 0


async def mktemp(process: Process) -> int:
    """``mktemp [-dqtu] [-p FOLDER] [TEMPLATE]``."""
    options = parse_options(process.argv[1:], "dqtu", "p")
    template = options.operands[0] if options.operands else "tmp.XXXXXX"
    folder = options.values.get("p", "")
    if not options.operands or "t" in options.flags:
        folder = folder or process.env.get("TMPDIR", "/tmp")
    filled = re.search(r"X{3,}$", template)
    if filled is None:
        raise CommandFault(f"{template}: Invalid argument")
    name = template[: filled.start()] + "".join(process.world.rng.choice(_LETTERS) for _ in filled[0])
    path = posixpath.join(folder, name)
    if "u" not in options.flags:
        if "d" in options.flags:
            process.fs.mkdir(process.path(path), mode=0o700, uid=process.uid, gid=process.gid)
        else:
            process.fs.write(process.path(path), b"", mode=0o600, uid=process.uid, gid=process.gid)
    await say(process, path)
    return 0


async def install(process: Process) -> int:
    """``install [-dD] [-m MODE] [-o USER] [-g GROUP] SOURCE... TARGET``."""
    options = parse_options(process.argv[1:], "dDcpsv", "mogt")
    mode = changed_mode(options.values.get("m", "755"), 0, directory="d" in options.flags)
    uid = user_id(process, options.values["o"]) if "o" in options.values else process.uid
    gid = group_id(process, options.values["g"]) if "g" in options.values else process.gid
    fs, operands = process.fs, options.operands
    if "d" in options.flags:
        for name in operands:
            fs.mkdir(process.path(name), mode=mode, parents=True, exist_ok=True, uid=uid, gid=gid)
        return 0
    if len(operands) < 2:
        raise CommandFault("missing operand")
    *sources, last = operands
    into = fs.is_dir(process.path(last))
    if len(sources) > 1 and not into:
        raise CommandFault(f"target '{last}' is not a directory")
    for name in sources:
        target = process.path(posixpath.join(last, posixpath.basename(name)) if into else last)
        if "D" in options.flags:
            fs.mkdir(posixpath.dirname(target), parents=True, exist_ok=True)
        fs.write(target, fs.read(process.path(name)), uid=uid, gid=gid)
        fs.chmod(target, mode)
    return 0


async def realpath(process: Process) -> int:
    """``realpath FILE...``."""
    options = parse_options(process.argv[1:], "emsz")
    if not options.operands:
        raise CommandFault("missing operand")
    status = 0
    for name in options.operands:
        try:
            await say(process, process.fs.realpath(process.path(name)))
        except OSError as error:
            await complain(process, f"{name}: {error.strerror}")
            status = 1
    return status


async def sync(process: Process) -> int:
    return 0
