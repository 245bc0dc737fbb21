"""``pause``: stays up and does nothing until it is told to end."""

from kubelet.fake.process import UNTIL_TOLD, Process, Until


async def pause(process: Process) -> Until:
    return UNTIL_TOLD
