"""The message a container leaves."""

from collections.abc import Sequence

import pytest

from kubelet.runtime import LogEntry
from kubelet.termination import LOG_BYTES, log_tail
from tests.kubelet.builders import START


def log(*lines: bytes, partial: bool = False) -> Sequence[LogEntry]:
    whole = [LogEntry(START, "stdout", line) for line in lines]
    return [*whole[:-1], LogEntry(START, "stdout", lines[-1], partial)] if lines else []


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        pytest.param(log(), "", id="nothing"),
        pytest.param(log(b"one", b"two"), "one\ntwo\n", id="lines"),
        pytest.param(log(b"DONE", partial=True), "DONE", id="no newline at the end"),
        pytest.param(log(*[b"x"] * 100), "x\n" * 80, id="the last 80 lines"),
        pytest.param(log(b"a" * 3000, b"end"), "a" * (LOG_BYTES - 5) + "\nend\n", id="the last 2048 bytes"),
    ],
)
def test_log_tail(entries: Sequence[LogEntry], message: str) -> None:
    assert log_tail(entries) == message
