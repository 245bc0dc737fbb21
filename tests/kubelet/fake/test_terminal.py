"""Terminals: what is echoed, what the program reads, and which keys do something else."""

import asyncio
import signal

import pytest

from apimachinery.clock import ManualClock
from kubelet.fake.streams import Capture, Pipe
from kubelet.fake.terminal import LONGEST_LINE, MOST_UNREAD, Terminal
from tests.kubelet.fake.world import open_world


def shown(terminal: Terminal) -> Capture:
    """Return what appears on a terminal from now on."""
    view = Capture()
    terminal.show_to(view)
    return view


@pytest.mark.parametrize(
    ("keys", "echo", "line"),
    [
        pytest.param(b"ls -l\r", b"ls -l\r\n", b"ls -l\n", id="return"),
        pytest.param(b"ls\n", b"ls\r\n", b"ls\n", id="newline"),
        pytest.param(b"lx\x7fs\r", b"lx\b \bs\r\n", b"ls\n", id="erase"),
        pytest.param(b"\x7f\x08a\r", b"a\r\n", b"a\n", id="nothing to erase"),
        pytest.param("aä\x7fb\r".encode(), "aä\b \bb\r\n".encode(), b"ab\n", id="erase a character of two bytes"),
        pytest.param(b"\x1b\x7fx\r", b"^[\b \b\b \bx\r\n", b"x\n", id="erase what is shown in two columns"),
        pytest.param(b"abc\x15d\r", b"abc\b \b\b \b\b \bd\r\n", b"d\n", id="erase the line"),
        pytest.param(b"a bc \x17d\r", b"a bc \b \b\b \b\b \bd\r\n", b"a d\n", id="erase a word"),
        pytest.param(b"a\tb\r", b"a\tb\r\n", b"a\tb\n", id="tab"),
        pytest.param(b"\x1b[A\r", b"^[[A\r\n", b"\x1b[A\n", id="arrow"),
        pytest.param(b"ab\x04", b"ab", b"ab", id="end in a line"),
        pytest.param(b"\x04", b"", b"", id="end"),
        pytest.param(b"ab\x03cd\r", b"ab^Ccd\r\n", b"cd\n", id="interrupt forgets the line"),
    ],
)
async def test_typing(keys: bytes, echo: bytes, line: bytes) -> None:
    terminal = Terminal()
    view = shown(terminal)
    await terminal.type(keys)
    assert bytes(view.data) == echo
    assert await terminal.readline() == line


async def test_keys_that_are_signals() -> None:
    terminal, numbers = Terminal(), list[int]()
    terminal.interrupt = numbers.append
    await terminal.type(b"\x03\x1c\x1a")
    terminal.resize(100, 30)
    terminal.resize(100, 30)
    assert numbers == [signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGWINCH]
    assert (terminal.columns, terminal.rows) == (100, 30)


async def test_output_begins_lines_at_the_left() -> None:
    terminal = Terminal()
    view = shown(terminal)
    await terminal.write(b"a\nb\n")
    terminal.hide_from(view)
    await terminal.write(b"c")
    assert bytes(view.data) == b"a\r\nb\r\n"


async def test_a_viewer_that_has_left_disturbs_nobody() -> None:
    terminal, gone = Terminal(), Pipe()
    gone.close_read()
    terminal.show_to(gone)
    view = shown(terminal)
    await terminal.write(b"x")
    assert bytes(view.data) == b"x"


async def test_lines_are_read_one_by_one_and_in_parts() -> None:
    terminal = Terminal()
    await terminal.type(b"one\rtwo\r")
    terminal.hang_up()
    assert [await terminal.read(2), await terminal.read(100), await terminal.read(100)] == [b"on", b"e\n", b"two\n"]
    assert await terminal.read(100) == b""
    assert await terminal.readline() == b""


async def test_input_is_read_to_the_end_that_is_typed() -> None:
    terminal = Terminal()
    await terminal.type(b"a\rb\r\x04c\r")
    assert await terminal.read() == b"a\nb\n"
    assert await terminal.readline() == b"c\n"


async def test_a_line_has_a_bound() -> None:
    terminal = Terminal()
    await terminal.type(b"x" * (LONGEST_LINE + 100) + b"\r")
    assert len(await terminal.readline()) == LONGEST_LINE + 1


async def test_who_types_far_ahead_waits() -> None:
    terminal = Terminal()
    async with asyncio.TaskGroup() as group:
        typing = group.create_task(terminal.type(b"0123456789abcde\r" * (MOST_UNREAD // 16 + 2)))
        await asyncio.wait({typing}, timeout=0)
        assert not typing.done()
        for _ in range(3):
            assert await terminal.readline() == b"0123456789abcde\n"
        await asyncio.wait({typing}, timeout=5)
        assert typing.done()


async def test_settings_of_a_terminal() -> None:
    """``stty`` and ``tty`` act on the terminal that is standard input; without echo nothing typed appears."""
    clock = ManualClock()
    terminal = Terminal()
    terminal.resize(132, 50)
    screen = shown(terminal)
    settings = "tty; stty size; stty -echo; read secret; stty echo"
    async with open_world(clock) as world:
        script = f"{settings}; echo $secret; stty rows 10; stty size; echo x > /dev/tty"
        started = world.start(["sh", "-c", script], stdin=terminal)
        await clock.settle()
        await terminal.type(b"word\r")
        assert await started.done() == ("/dev/pts/0\n50 132\nword\n10 132\n", "", 0)
        assert bytes(screen.data) == b"x\r\n"
