"""A cluster that goes on in the background when the command that started it is over."""

import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from apimachinery.errors import FatalError
from kubemu.up.records import Records


def start_detached(run: Callable[[Callable[[str], None]], None], records: Records) -> dict[str, Any]:
    """Have ``run`` go on in a process of its own; return what it says when it is ready, an object in JSON.

    It is called there with the function that says so, and is expected not to return, and to end if this process does
    before. What it writes goes into a file in the folder of ``records``. Raises
    :class:`~apimachinery.errors.FatalError` with that when it ends before it is ready.
    """
    starter = os.getpid()
    log = records.folder / f".{starter}.log"
    output = records.create(log)
    ours, theirs = os.pipe()
    # Nothing has been started in this process yet: no thread, no loop.
    child = os.fork()
    if not child:
        os.close(ours)
        _become_background(output)
        try:
            run(lambda line: _say(theirs, line, log, records))
        finally:
            if os.getppid() != starter:
                # Otherwise it is read there.
                _discard(log, records)
        os._exit(0)
    os.close(theirs)
    os.close(output)
    try:
        with open(ours, "rb") as pipe:
            said = pipe.readline()
    except KeyboardInterrupt:
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)
        _discard(log, records)
        raise
    if said:
        found: dict[str, Any] = json.loads(said)
        return found
    os.waitpid(child, 0)
    written = log.read_text(errors="replace").strip()
    _discard(log, records)
    raise FatalError(written.removeprefix("kubemu: error: ") or "the cluster ended before it was ready")


def _discard(log: Path, records: Records) -> None:
    log.unlink(missing_ok=True)
    records.tidy()


def _become_background(output: int) -> None:
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    for stream in (sys.stdout, sys.stderr):
        os.dup2(output, stream.fileno())


def _say(pipe: int, line: str, log: Path, records: Records) -> None:
    log.replace(records.log(json.loads(line)["name"]))
    # Whoever waited may be gone; the cluster is there all the same.
    with contextlib.suppress(BrokenPipeError):
        os.write(pipe, f"{line}\n".encode())
    os.close(pipe)
