"""A program on a terminal of its own, and what the terminal's screen shows of it."""

import codecs
import fcntl
import os
import pty
import re
import selectors
import signal
import subprocess
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from apimachinery.clock import Clock

_TOKEN = re.compile(r"\x1b\[([?\d;]*)([A-Za-z])|\x1b\[?[?\d;]*$|[\r\n]|[^\x1b\r\n]+|\x1b")
_CHUNK = 65536


@dataclass(frozen=True, slots=True)
class Shot:
    """What a screen showed, with colours as the control sequences that they are, and when that began, in seconds."""

    at: float
    lines: tuple[str, ...]


class Screen:
    """The screen, for programs that write whole lines and erase a line before they write it anew, as rich's do."""

    def __init__(self) -> None:
        self.shots: list[Shot] = []
        """All that was to be seen whole: each is noted when it begins to be erased."""
        self._lines = [""]
        self._row = 0
        self._rest = ""
        self._drawn_at: float | None = None

    def feed(self, text: str, at: float) -> None:
        """Take in what the program has written by then; raise ``ValueError`` for what such programs do not write."""
        text, self._rest = self._rest + text, ""
        for token in _TOKEN.finditer(text):
            parameters, final = token.groups()
            if final is not None:
                self._control(parameters, final, token[0])
            elif token[0] == "\n":
                self._move(1)
            elif token[0].startswith("\x1b"):
                if token.end() != len(text):
                    raise ValueError(f"{text[token.start() :][:10]!r} is no sequence that is known here")
                self._rest = token[0]
            elif token[0] != "\r":
                self._lines[self._row] += token[0]
                self._drawn_at = at if self._drawn_at is None else self._drawn_at

    def _control(self, parameters: str, final: str, token: str) -> None:
        match parameters, final:
            case _, "m":
                self._lines[self._row] += token
            case "2", "K":
                if self._drawn_at is not None:
                    self.shots.append(Shot(self._drawn_at, self.lines()))
                    self._drawn_at = None
                self._lines[self._row] = ""
            case _, "A" if parameters.isdecimal() or not parameters:
                self._move(-int(parameters or 1))
            case "?25", "l" | "h":
                pass  # The cursor is hidden or shown; here there is none.
            case _:
                raise ValueError(f"{token!r} is no sequence that is known here")

    def _move(self, rows: int) -> None:
        self._row = max(0, self._row + rows)
        self._lines += [""] * (self._row + 1 - len(self._lines))

    def lines(self) -> tuple[str, ...]:
        """Return the lines, without empty ones at the end."""
        last = max((row for row, line in enumerate(self._lines) if line), default=-1)
        return tuple(self._lines[: last + 1])


def start_on_terminal(
    argv: Sequence[str], env: Mapping[str, str], cwd: Path | None, *, size: tuple[int, int] | None = None
) -> tuple[int, subprocess.Popen[bytes]]:
    """Start a program on a new terminal of so many rows and columns; return the terminal's main side, and the program.

    It is the controlling terminal: keys such as Ctrl-C are signals to the program.
    """
    main, side = pty.openpty()
    try:
        if size is not None:
            termios.tcsetwinsize(side, size)
        process = subprocess.Popen(
            argv,
            stdin=side,
            stdout=side,
            stderr=side,
            env=env,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
    except BaseException:
        os.close(main)
        raise
    finally:
        os.close(side)
    return main, process


class Program:
    """A program that believes it runs on a terminal; use as ``with Program(…) as program``."""

    def __init__(
        self, argv: Sequence[str], env: Mapping[str, str], cwd: Path, clock: Clock, *, rows: int, columns: int
    ) -> None:
        self.screen = Screen()
        self._clock = clock
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._main, self._process = start_on_terminal(argv, env, cwd, size=(rows, columns))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._main)

    def until(self, pattern: str, seconds: float) -> None:
        """Return once the pattern is found on the screen; raise ``TimeoutError`` after so many seconds."""
        deadline = self._clock.monotonic() + seconds
        while not re.search(pattern, plain(self.screen.lines())):
            left = deadline - self._clock.monotonic()
            if left <= 0 or not self._read(left):
                raise TimeoutError(f"no {pattern!r} in\n{plain(self.screen.lines())}")

    def watch(self, seconds: float) -> None:
        """Let it go on for so many seconds."""
        deadline = self._clock.monotonic() + seconds
        while (left := deadline - self._clock.monotonic()) > 0:
            self._read(left)

    def interrupt(self) -> int:
        """Interrupt it, as Ctrl-C does; return its status once it has ended."""
        self._process.send_signal(signal.SIGINT)
        while self._read(None):
            pass
        return self._process.wait()

    def _read(self, seconds: float | None) -> bool:
        """Wait for something on the screen; return whether there can be more."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._main, selectors.EVENT_READ)
            if not selector.select(seconds):
                return True
        try:
            written = os.read(self._main, _CHUNK)
        except OSError:
            # Linux's way of saying that nobody holds the other side any more.
            return False
        self.screen.feed(self._decoder.decode(written), self._clock.monotonic())
        return True


def plain(lines: Sequence[str]) -> str:
    """Return the text of lines, without colours."""
    return re.sub(r"\x1b\[[\d;]*m", "", "\n".join(lines))
