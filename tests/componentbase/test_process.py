"""What ends a process: what went wrong, and signals."""

import signal
import sys

import pytest

from apimachinery.errors import FatalError
from componentbase.process import fatal_cause
from tests.live.processes import Process


def chained() -> Exception:
    try:
        try:
            raise FatalError("inner")
        except FatalError as error:
            raise RuntimeError("outer") from error
    except RuntimeError as error:
        return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(FatalError("plain"), "plain", id="itself"),
        pytest.param(
            ExceptionGroup("g", [ValueError(), ExceptionGroup("h", [FatalError("deep")])]), "deep", id="group"
        ),
        pytest.param(chained(), "inner", id="cause"),
        pytest.param(ExceptionGroup("g", [ValueError()]), None, id="none"),
    ],
)
def test_fatal_cause(error: BaseException, expected: str | None) -> None:
    found = fatal_cause(error)
    assert (None if found is None else str(found)) == expected


MANY = """
import resource
from componentbase.process import run_component
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 128))
async def main():
    print(*resource.getrlimit(resource.RLIMIT_NOFILE), flush=True)
run_component("test", main, quiet=True)
"""


def test_as_many_files_can_be_open_as_the_system_allows() -> None:
    """The limit that a login has is for programs that are used by one person."""
    process = Process([sys.executable, "-c", MANY])
    assert process.wait(30) == 0
    assert process.stdout == ["128 128"]


RUNNING = """
import asyncio, signal, sys
from componentbase.process import run_component
if "nohup" in sys.argv:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, lambda: print("still there", flush=True))
    print("running", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        print("ended", flush=True)
run_component("test", main, quiet=True)
"""


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_end_a_process_cleanly(sent: signal.Signals) -> None:
    process = Process([sys.executable, "-c", RUNNING])
    process.wait_for_line("running", stream="stdout")
    process.send_signal(sent)
    assert process.wait(30) == 0
    assert process.stdout == ["running", "ended"]


def test_the_end_of_its_terminal_is_nothing_to_a_process_that_ignores_it() -> None:
    process = Process([sys.executable, "-c", RUNNING, "nohup"])
    process.wait_for_line("running", stream="stdout")
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGUSR1)
    process.wait_for_line("still there", stream="stdout")
    assert process.stop(30) == 0
