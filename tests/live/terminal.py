"""A person before a terminal: a program that believes it runs on one, what it shows, and keys."""

import os
import selectors
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.terminal import start_on_terminal

SECONDS = 20.0


class Terminal:
    """A program on a pseudo-terminal; use as ``with Terminal(argv) as terminal``."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], *, cwd: str | None = None) -> None:
        self.shown = ""
        folder = None if cwd is None else Path(cwd)
        self._main, self._process = start_on_terminal(argv, {**os.environ, **env}, folder)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *error: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._main)

    def type(self, keys: str) -> None:
        os.write(self._main, keys.encode())

    def until(self, text: str) -> str:
        """Return what is shown up to and with ``text``, from where the last call left off."""
        deadline = time.monotonic() + SECONDS  # noqa: TID251 - another process's terminal knows no other clock
        with selectors.DefaultSelector() as selector:
            selector.register(self._main, selectors.EVENT_READ)
            while text not in self.shown:
                left = deadline - time.monotonic()  # noqa: TID251
                assert left > 0, f"no {text!r} in {self.shown!r}"
                if selector.select(left):
                    self.shown += self._read()
        before, _, self.shown = self.shown.partition(text)
        return before + text

    def _read(self) -> str:
        try:
            return os.read(self._main, 65536).decode()
        except OSError:
            # Linux's way of saying that nobody holds the other side any more.
            raise AssertionError(f"the program has ended: {self.shown!r}") from None

    def wait(self) -> int:
        """Return the exit code."""
        return self._process.wait(SECONDS)
