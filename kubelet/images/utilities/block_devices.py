"""Utilities about block devices: blockdev."""

import errno
import os
from collections.abc import Callable, Mapping

from kubelet.fake.process import Process
from kubelet.fake.tree import BlockDevice
from kubelet.images.utilities.command import CommandFault, say

_SECTOR = 512

_ANSWERS: Mapping[str, Callable[[int], int | None]] = {
    "--getro": lambda size: 0,
    "--getss": lambda size: _SECTOR,
    "--getbsz": lambda size: 4096,
    "--getsz": lambda size: size // _SECTOR,
    "--getsize": lambda size: size // _SECTOR,
    "--getsize64": lambda size: size,
    "--flushbufs": lambda size: None,
}
"""What is said of a device with so many bytes. That a container may only read one is its control group's doing."""


async def blockdev(process: Process) -> int:
    """``blockdev OPTION DEVICE``."""
    if len(process.argv) != 3 or process.argv[1] not in _ANSWERS:
        raise CommandFault(f"usage: blockdev {'|'.join(_ANSWERS)} DEVICE")
    _, option, name = process.argv
    try:
        node = process.fs.open(process.path(name))
    except OSError as error:
        raise CommandFault(f"can't open '{name}': {error.strerror}") from error
    if not isinstance(node, BlockDevice):
        raise CommandFault(f"{name}: {os.strerror(errno.ENOTTY)}")
    answer = _ANSWERS[option](node.disk.size)
    if answer is not None:
        await say(process, str(answer))
    return 0
