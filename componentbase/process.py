"""A component's life as a process: from its entry point to a signal."""

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator

import uvloop

from apimachinery.errors import FatalError
from componentbase import logs
from componentbase.open_files import allow_open_files

logger = logging.getLogger(__name__)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def fatal_cause(error: BaseException) -> FatalError | None:
    """Return the first :class:`FatalError` in an error or group of errors, or among their causes."""
    for leaf in _leaves(error):
        cause: BaseException | None = leaf
        while cause is not None:
            if isinstance(cause, FatalError):
                return cause
            cause = cause.__cause__
    return None


async def _until_signal(main: Callable[[], Awaitable[None]]) -> None:
    """Run ``main`` and cancel it on SIGTERM, SIGINT or the end of its terminal, which is a clean end."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None
    signalled = False

    def stop(number: signal.Signals) -> None:
        nonlocal signalled
        if not signalled:
            signalled = True
            logger.info("%s: stopping", number.name)
            task.cancel()

    ending = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        # Whoever was started with nohup goes on.
        ending.append(signal.SIGHUP)
    for number in ending:
        loop.add_signal_handler(number, stop, number)
    try:
        await main()
    except asyncio.CancelledError:
        if not signalled:
            raise
    finally:
        for number in ending:
            loop.remove_signal_handler(number)


def run_component(name: str, main: Callable[[], Awaitable[None]], *, verbosity: int = 0, quiet: bool = False) -> None:
    """Run a component's ``main`` coroutine function to its end and exit the process.

    Exit status 0 after SIGTERM, SIGINT or SIGHUP (``main`` is cancelled and must unwind within a second); 1 with one
    line on standard error for a :class:`~apimachinery.errors.FatalError`; 1 with a traceback for a bug. ``quiet``
    logs warnings only, for a command that talks to a person. Any component may have as many connections as nodes and
    clients open to it, and so as many files open as the system allows.
    """
    logs.configure(verbosity, quiet=quiet)
    allow_open_files()
    try:
        uvloop.run(_until_signal(main))
        status = 0
    except (KeyboardInterrupt, asyncio.CancelledError):
        status = 0
    except BaseException as error:
        fatal = fatal_cause(error)
        if fatal is None:
            logger.critical("%s failed", name, exc_info=error)
        else:
            sys.stderr.write(f"{name}: error: {fatal}\n")
        status = 1
    # Everything has been given back; looking through all that was imported, as Python does at its end, takes it longer
    # than anything before.
    gc.freeze()
    sys.exit(status)
