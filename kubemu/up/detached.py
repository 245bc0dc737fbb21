"""A cluster that goes on in the background when the command that started it is over."""

import contextlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from apimachinery.errors import FatalError
from kubemu.up.records import Records


def start_detached(run: Callable[[Callable[[str], None]], None], records: Records) -> dict[str, Any]:
    """Have ``run`` go on in a process of its own; return what it says when it is ready, an object in JSON.

    It is called there with the function that says so, and is expected not to return. What it writes goes into a file
    in the folder of ``records``. Raises :class:`~apimachinery.errors.FatalError` with that when it ends before.
    """
    records.open()
    log = records.folder / f".{os.getpid()}.log"
    ours, theirs = os.pipe()
    # Nothing has been started in this process yet: no thread, no loop.
    child = os.fork()
    if not child:
        os.close(ours)
        _become_background(log)
        run(lambda line: _say(theirs, line))
        os._exit(0)
    os.close(theirs)
    with open(ours, "rb") as pipe:
        said = pipe.readline()
    if said:
        found: dict[str, Any] = json.loads(said)
        log.replace(records.log(found["name"]))
        return found
    os.waitpid(child, 0)
    written = log.read_text(errors="replace").strip()
    log.unlink()
    records.tidy()
    raise FatalError(written.removeprefix("kubemu: error: ") or "the cluster ended before it was ready")


def _become_background(log: Path) -> None:
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(output, stream.fileno())


def _say(pipe: int, line: str) -> None:
    # Whoever waited may be gone; the cluster is there all the same.
    with contextlib.suppress(BrokenPipeError):
        os.write(pipe, f"{line}\n".encode())
    os.close(pipe)
