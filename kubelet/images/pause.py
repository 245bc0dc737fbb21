"""``pause``: stays up and does nothing until it is told to end."""

import signal

from kubelet.fake.process import Process


async def pause(process: Process) -> int:
    await process.wait_for_signal(signal.SIGTERM, signal.SIGINT)
    return 0
