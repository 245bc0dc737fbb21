"""What a program is: a function of the process that runs it, found by a path in its container."""

import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubelet.fake.process import Process


@dataclass(frozen=True, slots=True)
class Until:
    """What a program leaves behind that has done all it does by itself: its process goes on, and costs no task.

    What it listens on is still served, signals that it handles are still handled; one of ``signals`` ends it with
    ``code``.
    """

    signals: tuple[int, ...] = ()
    code: int = 0


UNTIL_TOLD = Until((signal.SIGTERM, signal.SIGINT))

Program = Callable[["Process"], Awaitable[int | Until]]

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PROGRAM_MARK = "\x7fELF "
"""Begins the content of a program's file, before the program's own path; so a copy of it runs as well."""


class CommandNotFound(Exception):
    """There is no program of that name in the container."""


class NotExecutable(Exception):
    """There is a file of that name, but it cannot be executed."""
