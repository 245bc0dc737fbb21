"""What is below ``/dev`` beside ``null``: endless zeros and noise, a full disk, the terminal, one's own streams."""

import errno
import os
from collections.abc import Mapping

from kubelet.fake.current import current_process
from kubelet.fake.filesystem import FileSystem
from kubelet.fake.streams import Input, NullInput, NullOutput, Output
from kubelet.fake.terminal import Terminal
from kubelet.fake.tree import (
    Directory,
    FullDevice,
    Layer,
    Node,
    NullDevice,
    RandomDevice,
    Symlink,
    TerminalDevice,
    ZeroDevice,
)

_CHUNK = 64 * 1024
_BURST = 64
"""How many chunks are read at once; after that many it is slowly, for nobody needs them all."""


class StreamDevice(NullDevice):
    """An entry of ``/proc/PID/fd``: what is open there already."""

    __slots__ = ("input", "output")

    def __init__(self, layer: Layer, *, source: Input | None = None, output: Output | None = None) -> None:
        super().__init__(layer, 0o600)
        self.input = source
        self.output = output


class _Endless:
    """Reads ``make(count)`` again and again; lets others run, and past a burst takes its time."""

    def __init__(self, fs: FileSystem, kind: type[NullDevice]) -> None:
        self._fs = fs
        self._random = kind is RandomDevice
        self._reads = 0

    async def read(self, limit: int = -1) -> bytes:
        if limit < 0:
            # All of it is more than there is room for.
            raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
        self._reads += 1
        await self._fs.yield_turn(0.001 if self._reads > _BURST else 0.0)
        count = min(limit, _CHUNK)
        process = current_process()
        return process.world.rng.randbytes(count) if self._random and process is not None else bytes(count)

    async def readline(self) -> bytes:
        line, newline, _ = (await self.read(_CHUNK)).partition(b"\n")
        # A line of zeros has no end.
        return line + newline if newline else await self.read(-1)


class _Full:
    async def write(self, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _terminal(path: str) -> Terminal:
    process = current_process()
    for stream in (process.stdin, process.stdout, process.stderr) if process is not None else ():
        if isinstance(stream, Terminal):
            return stream
    raise OSError(errno.ENXIO, os.strerror(errno.ENXIO), path)


def device_input(fs: FileSystem, node: NullDevice, path: str) -> Input:
    """Return what reading a device gives; raise ``OSError``."""
    match node:
        case ZeroDevice() | FullDevice() | RandomDevice():
            return _Endless(fs, type(node))
        case TerminalDevice():
            return _terminal(path)
        case StreamDevice():
            return node.input or NullInput()
    return NullInput()


def device_output(node: NullDevice, path: str) -> Output:
    """Return what takes what is written to a device; raise ``OSError``."""
    match node:
        case FullDevice():
            return _Full()
        case TerminalDevice():
            return _terminal(path)
        case StreamDevice():
            return node.output or NullOutput()
    return NullOutput()


def add_devices(dev: Directory) -> None:
    """Put everything into an image's ``/dev``."""
    layer = dev.layer
    nodes: Mapping[str, Node] = {
        "fd": Symlink(layer, "/proc/self/fd"),
        "full": FullDevice(layer, 0o666),
        "null": NullDevice(layer, 0o666),
        "random": RandomDevice(layer, 0o666),
        "shm": Directory(layer, 0o1777),
        "stderr": Symlink(layer, "/proc/self/fd/2"),
        "stdin": Symlink(layer, "/proc/self/fd/0"),
        "stdout": Symlink(layer, "/proc/self/fd/1"),
        "tty": TerminalDevice(layer, 0o666),
        "urandom": RandomDevice(layer, 0o666),
        "zero": ZeroDevice(layer, 0o666),
    }
    dev.entries.update(nodes)
