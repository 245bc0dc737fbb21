"""What all do who have components as child processes."""

import asyncio
import contextlib
import re

from apimachinery.clock import Clock

SERVING = re.compile(r"serving on (http://\S+)")
"""Where a component says in its log that it serves."""

_STOP_SECONDS = 3.0


async def end(process: asyncio.subprocess.Process, clock: Clock) -> None:
    """Send SIGTERM, and KILL to one that is still there after three seconds; return once it has ended."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with clock.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
