"""A process that is started again when it ends, until it is no longer wanted."""

import asyncio
import ctypes
import logging
import os
import re
import signal
import sys
from collections import deque
from collections.abc import Callable, Sequence

from apimachinery.clock import Clock
from apimachinery.errors import FatalError
from kubeclient.backoff import Backoff
from kubemu.children import SERVING, end
from kubemu.interpreter import same_python

logger = logging.getLogger(__name__)

_TROUBLE = re.compile(r" (WARNING|ERROR|CRITICAL) |^\S+: error: ")
_KEPT_LINES = 20
_LONG_RUN_SECONDS = 30.0
"""A process that has run for so long did not fail to start: the wait after it is a short one again."""
_PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None)


class Supervised:
    """Keeps ``python -m MODULE`` running; ``run()`` does the work until cancelled, and ends the process then.

    ``arguments`` is asked for what to start it with each time. The waits between starts grow from a fifth of a second
    to half a minute. With ``essential`` a process that ends before it has said where it serves is not tried again: it
    is an error that tells what it said.
    """

    def __init__(
        self,
        module: str,
        arguments: Callable[[], Sequence[str]],
        clock: Clock,
        *,
        essential: bool = False,
        verbose: bool = False,
    ) -> None:
        self.url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Where it serves, as it said when it was first ready."""
        self.pid = 0
        """The process that runs, or ran last."""
        self._module = module
        self._arguments = arguments
        self._clock = clock
        self._essential = essential
        self._verbose = verbose
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)

    async def run(self) -> None:
        """Start it, and again whenever it has ended; raise ``FatalError`` as the class says."""
        backoff = Backoff(initial=0.2, limit=30.0)
        while True:
            began = self._clock.monotonic()
            status = await self._run_once()
            if self._essential and not self.url.done():
                said = os.linesep.join(self._lines).removeprefix(f"{self._module}: error: ")
                raise FatalError(said or f"{self._module} ended with status {status}")
            if self._clock.monotonic() - began > _LONG_RUN_SECONDS:
                backoff.reset()
            pause = backoff.next()
            logger.warning("%s ended with status %s and is started again in %.1f s", self._module, status, pause)
            await self._clock.sleep(pause)

    async def _run_once(self) -> int:
        """Run the process to its end and return its status."""
        process = await asyncio.create_subprocess_exec(
            *[*same_python(), "-m", self._module, *self._arguments()],
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            # A Ctrl-C in the terminal is for this process, which then ends the others in order.
            start_new_session=True,
            preexec_fn=_end_with_parent(os.getpid()),
        )
        self.pid = process.pid
        try:
            await self._read(process)
            return await process.wait()
        finally:
            await end(process, self._clock)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        """Take in what it logs until it ends, and pass on what a person should know."""
        assert process.stderr is not None
        async for line in process.stderr:
            text = line.decode(errors="replace").rstrip()
            self._lines.append(text)
            found = SERVING.search(text)
            if found and not self.url.done():
                self.url.set_result(found[1])
            if self._verbose or (_TROUBLE.search(text) and (self.url.done() or not self._essential)):
                sys.stderr.write(f"{self._module}: {text}\n")


def _end_with_parent(parent: int) -> Callable[[], None]:
    """Return what a new process does first, so that it gets SIGTERM when this one has ended, however it did."""

    def prepare() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return prepare
