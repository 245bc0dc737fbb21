"""``agnhost pause``: says so, and waits to be told to end."""

import signal

from kubelet.fake.process import Process
from kubelet.fake.program import Until


async def pause(process: Process, arguments: list[str]) -> Until:
    await process.print("Paused")
    return Until((signal.SIGTERM, signal.SIGINT), code=2)
