"""Ending with the process that started this one, however that ends."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator

from apimachinery.errors import FatalError


@contextlib.contextmanager
def ending_with_parent(parent: int) -> Iterator[None]:
    """Send this process SIGTERM once its parent has ended, while the block runs; call it with a running loop.

    ``parent`` is the parent's process id, as whoever reads the options has found it or been told. The kernel's own
    signal for this (``PR_SET_PDEATHSIG``) is not used, since it comes when the *thread* ends that started a process.
    Raises :class:`~apimachinery.errors.FatalError` where the kernel cannot tell, which is before Linux 5.3.
    """
    try:
        watched = os.pidfd_open(parent)
    except ProcessLookupError:
        os.kill(os.getpid(), signal.SIGTERM)
        yield
        return
    except OSError as error:
        raise FatalError(f"--die-with-parent: {error.strerror}") from error
    loop = asyncio.get_running_loop()

    def ended() -> None:
        loop.remove_reader(watched)
        os.kill(os.getpid(), signal.SIGTERM)

    loop.add_reader(watched, ended)
    try:
        if os.getppid() != parent:
            # It ended before it was watched, and its id may be another's by now.
            ended()
        yield
    finally:
        loop.remove_reader(watched)
        os.close(watched)
