"""``pause``: stays up and does nothing until it is told to end."""

from kubelet.fake.process import Process
from kubelet.fake.program import UNTIL_TOLD, Until


async def pause(process: Process) -> Until:
    return UNTIL_TOLD
