"""Logs: lines, files that are rotated, and what readers see of them."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from apimachinery.clock import ManualClock
from kubelet.fake.container_log import ContainerLog, LogStore
from kubelet.fake.log_spool import LogSpool
from kubelet.runtime import LogEntry

WHEN = datetime(2026, 5, 1, 12, 0, 0, 999_000, UTC)


@pytest.fixture
def store() -> Iterator[LogStore]:
    store = LogStore(max_size=100_000, max_files=3)
    yield store
    store.spool.close()


def read_all(log: ContainerLog, position: int) -> tuple[list[bytes], int]:
    """Read page by page as followers do; return the lines and where the next begins."""
    lines: list[bytes] = []
    while (page := log.read(position)).entries:
        lines += [entry.line for entry in page.entries]
        position = page.position
    return lines, position


def write(log: ContainerLog, first: int, last: int) -> None:
    """Write numbered lines of a hundred bytes."""
    for number in range(first, last + 1):
        log.write("stdout", b"%099d\n" % number)


def numbers(lines: list[bytes]) -> list[int]:
    return [int(line) for line in lines]


def test_lines_have_their_time_and_bound(store: LogStore) -> None:
    clock = ManualClock()
    log = ContainerLog(clock, store)
    log.write("stdout", b"one\ntw")
    log.write("stderr", b"other\n")
    log.write("stdout", b"o\n")
    log.write("stdout", b"x" * 20_000)
    shown = [(entry.stream, len(entry.line), entry.partial) for entry in log.entries()]
    assert shown == [
        ("stdout", 3, False),
        ("stderr", 5, False),
        ("stdout", 3, False),
        ("stdout", 16_384, True),
        ("stdout", 3_616, True),
    ]
    # What has no end yet is not to be read.
    assert len(read_all(log, 0)[0]) == 4
    log.finish()
    assert len(read_all(log, 0)[0]) == 5
    assert log.read(5).ended


def test_long_lines_are_split_however_they_are_written(store: LogStore) -> None:
    log = ContainerLog(ManualClock(), store)
    log.write("stdout", b"x" * 40_000 + b"\ny\n")
    assert [(len(entry.line), entry.partial) for entry in log.entries()] == [
        (16_384, True),
        (16_384, True),
        (7_232, False),
        (1, False),
    ]


def test_what_is_spooled_comes_back_as_it_was(store: LogStore) -> None:
    store.max_size = -1
    log = ContainerLog(ManualClock(), store)
    expected = []
    for number in range(2_000):
        stream, line = ("stderr", b"\xff\x00") if number % 3 else ("stdout", b"%d" % number * 9)
        now = WHEN + timedelta(microseconds=number)
        log.write_line(stream, line, now)
        expected.append(LogEntry(now, stream, line))
    assert log.entries() == expected
    assert log.rotated == ()


def test_a_full_file_is_rotated_with_the_next_line(store: LogStore) -> None:
    """Those who begin to read see the current file, those who follow miss nothing."""
    log = ContainerLog(ManualClock(), store)
    write(log, 0, 499)
    followed, position = read_all(log, log.start())
    # 715 lines are the first to reach the size.
    write(log, 500, 714)
    assert numbers(read_all(log, log.start())[0]) == list(range(715))
    write(log, 715, 999)
    assert numbers(read_all(log, log.start())[0]) == list(range(715, 1000))
    followed += read_all(log, position)[0]
    assert numbers(followed) == list(range(1000))
    assert log.size == 285 * 140


def test_only_so_many_files_are_kept(store: LogStore) -> None:
    log = ContainerLog(ManualClock(), store)
    write(log, 0, 715 * 5 - 1)
    assert [(file.start, file.end) for file in log.rotated] == [(1430, 2145), (2145, 2860)]
    older, newer = log.rotated
    assert newer.at - older.at == timedelta(seconds=1)
    # Who has fallen behind goes on with what is there.
    assert numbers(read_all(log, 3)[0])[0] == 1430
    assert numbers(read_all(log, log.start())[0]) == list(range(2860, 3575))


@pytest.mark.parametrize(
    ("tail", "first"),
    [pytest.param(3, 997, id="some"), pytest.param(0, 1000, id="none"), pytest.param(900, 715, id="no-older-file")],
)
def test_tail(store: LogStore, tail: int, first: int) -> None:
    log = ContainerLog(ManualClock(), store)
    write(log, 0, 999)
    assert numbers(read_all(log, log.start(tail))[0]) == list(range(first, 1000))


def test_the_newest_lines(store: LogStore) -> None:
    log = ContainerLog(ManualClock(), store)
    write(log, 0, 699)
    assert len(log.newest(1_000_000)) == 700
    newest = numbers([entry.line for entry in log.newest(50_000)])
    assert newest == list(range(newest[0], 700))
    assert 200 < len(newest) < 500


def test_a_machine_without_room_loses_lines_and_nothing_else() -> None:
    class Full(LogSpool):
        full = False

        def put(self, data: bytes | bytearray) -> int:
            if self.full:
                raise OSError(28, "No space left on device")
            return super().put(data)

    spool = Full()
    store = LogStore(max_size=-1, spool=spool)
    log = ContainerLog(ManualClock(), store)
    try:
        write(log, 0, 299)
        spool.full = True
        write(log, 300, 699)
        spool.full = False
        write(log, 700, 999)
        found = numbers(read_all(log, 0)[0])
        assert found[:200] == list(range(200))
        assert found[-1] == 999
        assert len(found) < 1000
        assert found == sorted(found)
    finally:
        spool.close()


def test_what_is_forgotten_makes_room(store: LogStore) -> None:
    log = ContainerLog(ManualClock(), store)
    write(log, 0, 999)
    log.forget()
    assert store.spool.put(b"x") == 0


def test_a_log_that_nobody_wrote_to_is_next_to_nothing(store: LogStore) -> None:
    log = ContainerLog(ManualClock(), store)
    held = [getattr(log, name) for name in ContainerLog.__slots__ if name not in {"_clock", "_store"}]
    assert sys.getsizeof(log) + sum(sys.getsizeof(value) for value in held if value not in {None, False}) < 128
    assert (log.entries(), log.start(), log.read(0).entries) == ([], 0, ())
