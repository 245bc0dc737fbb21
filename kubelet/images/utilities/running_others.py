"""Utilities that run other commands: timeout, nohup, nice, setsid, time, watch; and stress."""

import asyncio
import re
import signal

from kubelet.fake.process import Process
from kubelet.fake.program import CommandNotFound, NotExecutable
from kubelet.fake.streams import NullInput
from kubelet.images.utilities.command import CommandFault, complain, parse_options, say
from kubelet.images.utilities.environment import duration
from kubelet.images.utilities.identity import signal_of

_NOT_FOUND, _NOT_EXECUTABLE, _TIMED_OUT = 127, 126, 124


def _start(process: Process, words: list[str], stdin: NullInput | None = None) -> Process:
    try:
        return process.spawn(words, stdin=stdin)
    except CommandNotFound:
        raise CommandFault(f"can't execute '{words[0]}': No such file or directory", _NOT_FOUND) from None
    except NotExecutable:
        raise CommandFault(f"can't execute '{words[0]}': Permission denied", _NOT_EXECUTABLE) from None


async def timeout(process: Process) -> int:
    """``timeout [-s SIGNAL] [-k SECONDS] [--preserve-status] SECONDS COMMAND [ARG]...``: 124 when time is up."""
    long = {"signal": "s", "kill-after": "k", "foreground": "f", "preserve-status": "p"}
    options = parse_options(process.argv[1:], "fpv", "sk", long=long, permute=False)
    if len(options.operands) < 2:
        raise CommandFault("usage: timeout [-s SIG] [-k KILL_SECS] SECS PROG ARGS", 125)
    limit = duration(options.operands[0])
    number = signal_of(options.values.get("s", "TERM"))
    child = _start(process, options.operands[1:])
    process.on_signal(signal.SIGTERM, lambda: child.deliver_to_all(signal.SIGTERM))
    try:
        async with process.clock.timeout(limit or None):
            return await child.wait()
    except TimeoutError:
        pass
    child.deliver_to_all(number)
    if "k" in options.values:
        try:
            async with process.clock.timeout(duration(options.values["k"])):
                await child.wait()
        except TimeoutError:
            child.deliver_to_all(signal.SIGKILL)
    code = await child.wait()
    return code if "p" in options.flags or child.exit_signal == signal.SIGKILL else _TIMED_OUT


async def nohup(process: Process) -> int:
    """``nohup COMMAND [ARG]...``: hanging up does not end it."""
    return await _instead(process, process.argv[1:], ignored=(signal.SIGHUP,))


async def setsid(process: Process) -> int:
    """``setsid COMMAND [ARG]...``: there are no sessions, so it just runs."""
    return await _instead(process, [word for word in process.argv[1:] if word not in {"-c", "-w"}])


async def nice(process: Process) -> int:
    """``nice [-n ADJUSTMENT] [COMMAND [ARG]...]``: there are no priorities, so it just runs."""
    options = parse_options([re.sub(r"^-(\d+)$", r"-n\1", word) for word in process.argv[1:]], "", "n", permute=False)
    if not options.operands:
        await say(process, "0")
        return 0
    return await _instead(process, options.operands)


async def _instead(process: Process, words: list[str], ignored: tuple[int, ...] = ()) -> int:
    """Run a command in this process's place, which goes on ignoring some signals."""
    if not words:
        raise CommandFault("missing operand")
    try:
        program = process.world.find_program(words[0], process.env.get("PATH", ""), process.cwd)[1]
    except CommandNotFound:
        raise CommandFault(f"can't execute '{words[0]}': No such file or directory", _NOT_FOUND) from None
    except NotExecutable:
        raise CommandFault(f"can't execute '{words[0]}': Permission denied", _NOT_EXECUTABLE) from None
    process.become(
        words, env=process.env, cwd=process.cwd, stdin=process.stdin, stdout=process.stdout, stderr=process.stderr
    )
    for number in ignored:
        process.on_signal(number, lambda: None)
    return await process.run(program)


async def time(process: Process) -> int:
    """``time [-p] COMMAND [ARG]...``."""
    options = parse_options(process.argv[1:], "pv", permute=False)
    if not options.operands:
        raise CommandFault("missing operand")
    began = process.clock.monotonic()
    code = await _start(process, options.operands).wait()
    took = process.clock.monotonic() - began
    if "p" in options.flags:
        await process.complain(f"real {took:.2f}\nuser 0.00\nsys 0.00")
    else:
        await process.complain(f"real\t{int(took // 60)}m {took % 60:.2f}s\nuser\t0m 0.00s\nsys\t0m 0.00s")
    return code


async def watch(process: Process) -> int:
    """``watch [-n SECONDS] [-t] COMMAND [ARG]...``: shows what a command says, again and again."""
    options = parse_options(process.argv[1:], "tdebgx", "n", permute=False)
    if not options.operands:
        raise CommandFault("missing operand")
    every = duration(options.values.get("n", "2"))
    words = " ".join(options.operands)
    while True:
        await process.stdout.write(b"\x1b[H\x1b[J")
        if "t" not in options.flags:
            await say(process, f"Every {every:.1f}s: {words:<40} {process.clock.now():%Y-%m-%d %H:%M:%S}\n")
        await _start(process, ["sh", "-c", words], stdin=NullInput()).wait()
        await process.sleep(max(0.1, every))


async def stress(process: Process) -> int:
    """``stress [-c N] [-m N] [--vm-bytes SIZE] [-t SECONDS]``, and ``stress-ng``: burns processors and memory.

    What it uses is declared, not burnt: the machine itself is spared.
    """
    options = parse_options(
        process.argv[1:],
        "vqk",
        "cmidtBHL",
        long={
            "cpu": "c", "vm": "m", "io": "i", "hdd": "d", "timeout": "t", "vm-bytes": "B", "vm-hang": "H",
            "verbose": "v", "quiet": "q", "vm-keep": "k", "cpu-load": "L",
        },
    )  # fmt: skip
    cores, vms = (_workers(options.values.get(letter, "0")) for letter in "cm")
    if not any(letter in options.values for letter in "cmid"):
        raise CommandFault("no workers were asked for")
    load = _workers(options.values.get("L", "100")) / 100
    size = _size(options.values.get("B", "256M"))
    await process.complain(
        f"{process.argv[0]}: info: [{process.pid}] dispatching hogs: {cores} cpu, "
        f"{options.values.get('i', '0')} io, {vms} vm, {options.values.get('d', '0')} hdd"
    )
    process.use_cpu(cores * load + vms)
    process.use_memory(vms * size)
    if "t" in options.values:
        limit = duration(options.values["t"])
        await process.sleep(limit)
        await process.complain(f"{process.argv[0]}: info: [{process.pid}] successful run completed in {limit:.0f}s")
        return 0
    await asyncio.get_running_loop().create_future()
    return 0


def _workers(text: str) -> int:
    if not text.isdecimal():
        raise CommandFault(f"invalid number '{text}'")
    return int(text)


def _size(text: str) -> int:
    found = re.fullmatch(r"(\d+)([BbKkMmGg]?)[Bb]?", text)
    if found is None:
        raise CommandFault(f"invalid size '{text}'")
    return int(found[1]) << {"k": 10, "m": 20, "g": 30}.get(found[2].lower(), 0)


async def usleep(process: Process) -> int:
    """``usleep MICROSECONDS``."""
    if len(process.argv) != 2 or not process.argv[1].isdecimal():
        await complain(process, "invalid number" if len(process.argv) > 1 else "missing operand")
        return 1
    await process.sleep(int(process.argv[1]) / 1_000_000)
    return 0
