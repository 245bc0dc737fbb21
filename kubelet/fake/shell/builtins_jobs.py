"""The shell's own commands for signals and background jobs."""

import re
import signal

from kubelet.fake.process import Process
from kubelet.fake.shell import formatting
from kubelet.fake.shell.faults import ShellFault
from kubelet.fake.shell.interpreter import Shell
from kubelet.fake.shell.variables import quote


def signal_name(text: str) -> str | None:
    """Return ``TERM`` for ``15``, ``TERM``, ``SIGTERM`` and ``term``; ``EXIT`` for 0."""
    name = text.upper().removeprefix("SIG")
    if name in {"0", "EXIT"}:
        return "EXIT"
    if name.isdigit():
        try:
            return signal.Signals(int(name)).name.removeprefix("SIG")
        except ValueError:
            return None
    return name if f"SIG{name}" in signal.Signals.__members__ else None


async def trap_(shell: Shell, words: list[str]) -> int:
    rest = words[1:]
    if rest[:1] == ["--"]:
        rest = rest[1:]
    if not rest:
        lines = [f"trap -- {quote(action)} {name}\n" for name, action in shell.traps.items()]
        await shell.write(formatting.encode("".join(lines)))
        return 0
    action: str | None = None
    if signal_name(rest[0]) is None or not rest[0].isdigit():
        action = rest[0] if len(rest) > 1 or rest[0] == "-" else None
        names = rest[1:] if action is not None else rest
    else:
        names = rest
    for text in names:
        name = signal_name(text)
        if name is None:
            raise ShellFault(f"trap: {text}: invalid signal specification", 1)
        if action is None or action == "-":
            shell.traps.pop(name, None)
        else:
            shell.traps[name] = action
    shell.install_traps()
    return 0


def find_job(shell: Shell, word: str) -> Process | None:
    """Return the job that a word stands for: ``%2`` by number, ``%%`` the last, ``%-`` the one before, ``%name``."""
    jobs = list(shell.jobs.values())
    match word[1:]:
        case "" | "%" | "+":
            return jobs[-1] if jobs else None
        case "-":
            return jobs[-2] if len(jobs) > 1 else jobs[-1] if jobs else None
        case number if number.isdigit():
            return shell.jobs.get(shell.job_numbers.get(int(number), -1))
        case name:
            return next((job for job in jobs if " ".join(job.argv).startswith(name)), None)


async def jobs_(shell: Shell, words: list[str]) -> int:
    if "-p" in words[1:]:
        await shell.write("".join(f"{pid}\n" for pid in shell.jobs).encode())
        return 0
    lines: list[str] = []
    before, last = [0, 0, *shell.jobs][-2:]
    for number, pid in sorted(shell.job_numbers.items()):
        if (job := shell.jobs.get(pid)) is None:
            continue
        mark = "+" if pid == last else "-" if pid == before else " "
        done = "Done" if not job.exit_code else f"Done({job.exit_code})"
        lines.append(f"[{number}]{mark}  {'Running' if job.exit_code is None else done:<26} {' '.join(job.argv)}\n")
        if job.exit_code is not None:
            del shell.jobs[pid]
    await shell.write(formatting.encode("".join(lines)))
    return 0


async def wait_(shell: Shell, words: list[str]) -> int:
    if len(words) == 1:
        for job in list(shell.jobs.values()):
            status = await shell.wait_for_job(job)
            if job.exit_code is None:
                return status
        shell.jobs.clear()
        return 0
    status = 0
    for word in words[1:]:
        number = int(word) if word.isdigit() else -1
        known = find_job(shell, word) if word.startswith("%") else shell.jobs.get(number)
        status = 127 if known is None else await shell.wait_for_job(known)
    return status


async def kill_(shell: Shell, words: list[str]) -> int:
    rest = words[1:]
    name = "TERM"
    if rest[:1] == ["-l"]:
        names = [entry.name.removeprefix("SIG") for entry in signal.Signals]
        await shell.write(("\n".join(names) + "\n").encode())
        return 0
    if rest[:1] == ["-s"] and len(rest) > 1:
        name, rest = rest[1], rest[2:]
    elif rest and re.fullmatch(r"-\w+", rest[0]):
        name, rest = rest[0][1:], rest[1:]
    number = 0 if name == "0" else _signal_number(name)
    if not rest:
        raise ShellFault("kill: you need to specify whom to kill", 1)
    status = 0
    for word in rest:
        if word.startswith("%"):
            job = find_job(shell, word)
            pid = -1 if job is None or job.exit_code is not None else job.pid
        else:
            pid = int(word) if re.fullmatch(r"\d+", word) else -1
        target = shell.process.world.pids.processes.get(pid)
        if target is None:
            await shell.complain(f"kill: can't kill pid {word}: No such process")
            status = 1
        elif number:
            target.deliver(number)
            # What a signal ends, ends here: the shell itself too.
            await shell.process.sleep(0)
    return status


def _signal_number(name: str) -> int:
    known = signal_name(name)
    if known is None or known == "EXIT":
        raise ShellFault(f"kill: bad signal name '{name}'", 1)
    return int(signal.Signals[f"SIG{known}"])
