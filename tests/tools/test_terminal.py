"""Programs on a terminal, and what is seen of them."""

import sys
from pathlib import Path

import pytest

from apimachinery.clock import RealClock
from tools.terminal import Program, Screen, Shot, plain

ERASE_TWO_LINES = "\r\x1b[2K\x1b[1A\x1b[2K"
SECONDS = 30.0


def screen_of(*chunks: str) -> Screen:
    screen = Screen()
    for at, chunk in enumerate(chunks):
        screen.feed(chunk, float(at))
    return screen


@pytest.mark.parametrize(
    ("chunks", "lines"),
    [
        pytest.param(["one\r\ntwo\r\n"], ("one", "two"), id="lines"),
        pytest.param(["one\r\n\r\n", "\x1b[?25lthree"], ("one", "", "three"), id="a line between"),
        pytest.param(["one\r\ntwo" + ERASE_TWO_LINES + "three"], ("three",), id="written anew"),
        pytest.param(["one\r\ntwo\x1b[", "2Kthree"], ("one", "three"), id="a sequence in two pieces"),
        pytest.param(["\x1b[1;31mred\x1b[0m"], ("\x1b[1;31mred\x1b[0m",), id="colours"),
        pytest.param([], (), id="nothing"),
    ],
)
def test_what_a_screen_shows(chunks: list[str], lines: tuple[str, ...]) -> None:
    assert screen_of(*chunks).lines() == lines


def test_what_was_to_be_seen_whole_is_noted_when_it_is_erased() -> None:
    screen = screen_of("head\r\none\r\n", "two", ERASE_TWO_LINES, "three\r\nfour" + ERASE_TWO_LINES, "five")
    assert screen.shots == [Shot(0.0, ("head", "one", "two")), Shot(3.0, ("head", "three", "four"))]


@pytest.mark.parametrize("text", ["\x1b[5;5Hx", "\x1b[Kx", "\x1b]0;title\x07"])
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no sequence that is known here"):
        screen_of(text)


def test_a_program_has_a_terminal_of_the_size_it_is_given(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, lambda *_: sys.exit('interrupted'))\n"
        "print(*os.get_terminal_size(), sys.stdout.isatty(), '\\x1b[2mdim\\x1b[0m', flush=True)\n"
        "while True: signal.pause()\n"
    )
    with Program([sys.executable, "-c", program], {}, tmp_path, RealClock(), rows=7, columns=33) as running:
        running.until("dim", SECONDS)
        assert running.interrupt() == 1
        assert plain(running.screen.lines()) == "33 7 True dim\ninterrupted"


def test_a_program_that_ends_too_early_is_told_with_what_it_said(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "print('cannot')"]
    with (
        Program(argv, {}, tmp_path, RealClock(), rows=7, columns=33) as program,
        pytest.raises(TimeoutError, match="no 'ready' in\ncannot"),
    ):
        program.until("ready", SECONDS)
