"""A pseudo-terminal: what stands between a person who types and a program that reads lines.

It does what the line discipline of Linux does in its usual mode (``termios(3)`` with ``ICANON``, ``ECHO``, ``ISIG``,
``ICRNL`` and ``ONLCR``): keys are echoed and gathered into lines that can be edited, ``^C`` and its like become
signals, and a newline that a program writes begins the next line at its left end.
"""

import asyncio
import signal
from collections.abc import Callable

from kubelet.fake.streams import Output

LONGEST_LINE = 4096
"""As on Linux: what is typed beyond it is dropped."""

MOST_UNREAD = 64 * 1024
"""How much may be typed ahead of a program that does not read; beyond that the one who types has to wait."""

_SIGNALS = {0x03: signal.SIGINT, 0x1C: signal.SIGQUIT, 0x1A: signal.SIGTSTP}
_END, _ERASE, _ERASE_LINE, _ERASE_WORD = 0x04, frozenset({0x7F, 0x08}), 0x15, 0x17
_NEWLINE, _RETURN, _TAB = 0x0A, 0x0D, 0x09


class Terminal:
    """Both sides of one terminal. Programs use it as an input and an output; :meth:`type` is what a person does.

    ``columns`` and ``rows`` are 80 and 24 until :meth:`resize` says otherwise.
    """

    def __init__(self) -> None:
        self.columns, self.rows = 80, 24
        self.echo = True
        """Whether keys that are pressed appear."""
        self.interrupt: Callable[[int], None] = lambda number: None
        """Called with the signal that a key stands for, and with ``SIGWINCH`` when the size changes."""
        self._viewers: list[Output] = []
        self._line = bytearray()
        self._lines: list[bytes] = []
        self._unread = 0
        self._hung_up = False
        self._changed = asyncio.Event()

    # The side of those who look at it

    def show_to(self, viewer: Output) -> None:
        """Send ``viewer`` everything that appears on the terminal from now on."""
        self._viewers.append(viewer)

    def hide_from(self, viewer: Output) -> None:
        """Send ``viewer`` nothing more."""
        if viewer in self._viewers:
            self._viewers.remove(viewer)

    async def type(self, keys: bytes) -> None:
        """Press keys; waits while the program has very much left to read."""
        echo = bytearray()
        for key in keys:
            self._press(_NEWLINE if key == _RETURN else key, echo)
        if echo and self.echo:
            await self._show(bytes(echo))
        while self._unread > MOST_UNREAD and not self._hung_up:
            self._changed.clear()
            await self._changed.wait()

    def resize(self, columns: int, rows: int) -> None:
        """Say how large the window is that the terminal is seen in."""
        if (columns, rows) != (self.columns, self.rows):
            self.columns, self.rows = columns, rows
            self.interrupt(signal.SIGWINCH)

    def hang_up(self) -> None:
        """Nobody types any more: programs read what there is, then the end."""
        self._hung_up = True
        self._changed.set()

    def _press(self, key: int, echo: bytearray) -> None:
        if (number := _SIGNALS.get(key)) is not None:
            echo += _shown(key)
            self._line.clear()
            self.interrupt(number)
        elif key == _NEWLINE:
            echo += b"\r\n"
            self._line.append(key)
            self._give_line()
        elif key == _END:
            self._give_line()
        elif key in _ERASE:
            if self._line:
                echo += b"\b \b" * _erase(self._line)
        elif key == _ERASE_LINE:
            while self._line:
                echo += b"\b \b" * _erase(self._line)
        elif key == _ERASE_WORD:
            while self._line[-1:].isspace():
                echo += b"\b \b" * _erase(self._line)
            while self._line and not self._line[-1:].isspace():
                echo += b"\b \b" * _erase(self._line)
        elif len(self._line) < LONGEST_LINE:
            self._line.append(key)
            echo += _shown(key)

    def _give_line(self) -> None:
        """Let the program read what has been typed; nothing at all is the end of its input."""
        self._lines.append(bytes(self._line))
        self._unread += len(self._line)
        self._line.clear()
        self._changed.set()

    async def _show(self, data: bytes) -> None:
        for viewer in tuple(self._viewers):
            try:
                await viewer.write(data)
            except ConnectionError:
                # Somebody has left; the others go on looking.
                self.hide_from(viewer)

    # The side of programs

    async def write(self, data: bytes) -> None:
        """Show what a program writes."""
        await self._show(data.replace(b"\n", b"\r\n"))

    async def read(self, limit: int = -1) -> bytes:
        """Return a line, or what of it fits into ``limit``; -1 reads on to the end of input."""
        if limit < 0:
            parts = []
            while part := await self.readline():
                parts.append(part)
            return b"".join(parts)
        line = await self.readline()
        if len(line) > limit:
            self._lines.insert(0, line[limit:])
            self._unread += len(line) - limit
        return line[:limit]

    async def readline(self) -> bytes:
        """Return the next line as it was typed, with its newline; empty is the end."""
        while not self._lines:
            if self._hung_up:
                return b""
            self._changed.clear()
            await self._changed.wait()
        line = self._lines.pop(0)
        self._unread -= len(line)
        self._changed.set()
        return line


def _shown(key: int) -> bytes:
    """Return how a key is echoed: control characters as ``^X``, so that they do nothing to the screen."""
    return b"^%c" % (key ^ 0x40) if (key < 0x20 and key != _TAB) or key == 0x7F else bytes((key,))


def _erase(line: bytearray) -> int:
    """Take the last character off a line; return how many columns it had."""
    width = len(_shown(line[-1]))
    while line and line[-1] & 0xC0 == 0x80:
        # The bytes behind the first of a character in UTF-8.
        line.pop()
    if line:
        line.pop()
    return width
