"""``agnhost pause``: says so, and waits to be told to end."""

import signal

from kubelet.fake.process import Process


async def pause(process: Process, arguments: list[str]) -> int:
    await process.print("Paused")
    await process.wait_for_signal(signal.SIGTERM, signal.SIGINT)
    return 2
