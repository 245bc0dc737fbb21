"""``gzip``, ``gunzip``, ``zcat``, and the same of bzip2 and xz."""

from kubelet.fake.files import open_input
from kubelet.fake.process import Process
from kubelet.fake.streams import Output
from kubelet.images.utilities.command import CHUNK, CommandFault, complain, create, name_of, parse_options
from kubelet.images.utilities.compression import CompressingOutput, DecompressingInput

_SUFFIXES = {"z": ".gz", "j": ".bz2", "J": ".xz"}
_NAMES = {
    **dict.fromkeys(("gzip", "gunzip", "zcat"), "z"),
    **dict.fromkeys(("bzip2", "bunzip2", "bzcat"), "j"),
    **dict.fromkeys(("xz", "unxz", "xzcat"), "J"),
}
_LONG = {
    "stdout": "c",
    "decompress": "d",
    "force": "f",
    "keep": "k",
    "test": "t",
    "quiet": "q",
    "best": "9",
    "fast": "1",
}


async def pack(process: Process) -> int:
    """``gzip [-cdfkt] [-1..9] [FILE]...``: files are replaced, standard input goes to standard output."""
    name = name_of(process)
    letter = _NAMES.get(name, "z")
    options = parse_options(process.argv[1:], "cdfktvqn123456789", long=_LONG)
    flags = options.flags | ({"c", "d"} if name.endswith("cat") else {"d"} if "un" in name else set())
    status = 0
    for operand in options.operands or ["-"]:
        try:
            await (_unpack if flags & {"d", "t"} else _pack)(process, operand, letter, flags)
        except BrokenPipeError:
            raise
        except (CommandFault, OSError) as fault:
            reason = fault.strerror if isinstance(fault, OSError) else str(fault)
            await complain(process, f"{'(standard input)' if operand == '-' else operand}: {reason}")
            status = 1
    return status


async def _pack(process: Process, operand: str, letter: str, flags: set[str]) -> None:
    shown = operand == "-" or "c" in flags
    raw = process.stdout if shown else _created(process, operand + _SUFFIXES[letter], flags)
    source = process.stdin if operand == "-" else open_input(process.fs, process.path(operand))
    output = CompressingOutput(raw, letter)
    while chunk := await source.read(CHUNK):
        await output.write(chunk)
    await output.finish()
    _replaced(process, operand, flags)


async def _unpack(process: Process, operand: str, letter: str, flags: set[str]) -> None:
    raw = process.stdin if operand == "-" else open_input(process.fs, process.path(operand))
    source = DecompressingInput(raw, letter)
    chunk = await source.read(CHUNK)
    if "t" in flags:
        output = None
    elif operand == "-" or "c" in flags:
        output = process.stdout
    else:
        plain = operand.removesuffix(_SUFFIXES[letter])
        if plain == operand:
            plain = operand.removesuffix(".tgz") + ".tar" if operand.endswith(".tgz") else ""
        if not plain:
            raise CommandFault("unknown suffix - ignored")
        output = _created(process, plain, flags)
    while chunk:
        if output is not None:
            await output.write(chunk)
        chunk = await source.read(CHUNK)
        await process.sleep(0)
    if "t" not in flags:
        _replaced(process, operand, flags)


def _created(process: Process, name: str, flags: set[str]) -> Output:
    if "f" not in flags and process.fs.exists(process.path(name)):
        raise CommandFault(f"{name} already exists")
    return create(process, name)


def _replaced(process: Process, operand: str, flags: set[str]) -> None:
    if operand != "-" and not flags & {"c", "k"}:
        process.fs.unlink(process.path(operand))
