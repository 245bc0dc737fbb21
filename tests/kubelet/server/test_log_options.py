"""Which part of a log is shown, as tables."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from kubelet.runtime import LogEntry
from kubelet.server.log_options import InvalidOptions, LogOptions, LogWriter, UndecodableQuery, parse

NOW = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({}, LogOptions(), id="nothing"),
        pytest.param({"follow": "true", "previous": "", "timestamps": "1"}, LogOptions(True, True, True), id="flags"),
        pytest.param({"follow": "false", "previous": "0"}, LogOptions(), id="flags off"),
        pytest.param({"tailLines": "0"}, LogOptions(tail_lines=0), id="no lines"),
        pytest.param({"tail": "3"}, LogOptions(tail_lines=3), id="old name of tailLines"),
        pytest.param({"tail": "all", "tailLines": "3"}, LogOptions(), id="all lines"),
        pytest.param({"sinceSeconds": "60"}, LogOptions(since=NOW - timedelta(seconds=60)), id="since seconds"),
        pytest.param({"sinceSeconds": "9" * 15}, LogOptions(), id="since before all times"),
        pytest.param({"sinceTime": "2026-05-01T12:00:00Z"}, LogOptions(since=NOW), id="since a time"),
        pytest.param({"limitBytes": "9"}, LogOptions(limit_bytes=9), id="bytes"),
        pytest.param({"stream": "Stderr"}, LogOptions(stream="stderr"), id="one stream"),
        pytest.param({"stream": "All", "tailLines": "1"}, LogOptions(tail_lines=1), id="both streams"),
    ],
)
def test_queries(query: Mapping[str, str], expected: LogOptions) -> None:
    assert parse(query, NOW) == expected


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        pytest.param({"tailLines": "x"}, UndecodableQuery, id="no number"),
        pytest.param({"sinceTime": "yesterday"}, UndecodableQuery, id="no time"),
        pytest.param({"sinceTime": "2026-05-01T12:00:00"}, UndecodableQuery, id="no zone"),
        pytest.param({"tailLines": "-1"}, InvalidOptions, id="negative lines"),
        pytest.param({"limitBytes": "0"}, InvalidOptions, id="no bytes"),
        pytest.param({"sinceSeconds": "0"}, InvalidOptions, id="since now"),
        pytest.param({"sinceSeconds": "1", "sinceTime": "2026-05-01T12:00:00Z"}, InvalidOptions, id="since twice"),
        pytest.param({"stream": "stdout"}, InvalidOptions, id="unknown stream"),
        pytest.param({"stream": "Stdout", "tailLines": "1"}, InvalidOptions, id="lines of one stream"),
    ],
)
def test_bad_queries(query: Mapping[str, str], fault: type[Exception]) -> None:
    with pytest.raises(fault):
        parse(query, NOW)


def entry(second: int, line: str, stream: str = "stdout", *, partial: bool = False) -> LogEntry:
    return LogEntry(NOW + timedelta(seconds=second), stream, line.encode(), partial)


LOG = [entry(0, "a"), entry(1, "b", "stderr"), entry(2, "c", partial=True), entry(3, "d")]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(LogOptions(), "a\nb\ncd\n", id="all"),
        pytest.param(LogOptions(since=NOW + timedelta(seconds=1)), "b\ncd\n", id="what is new"),
        pytest.param(LogOptions(limit_bytes=3), "a\nb", id="bytes"),
        pytest.param(LogOptions(stream="stderr"), "b\n", id="one stream"),
        pytest.param(
            LogOptions(timestamps=True),
            "2026-05-01T12:00:00.000000000Z a\n2026-05-01T12:00:01.000000000Z b\n2026-05-01T12:00:02.000000000Z cd\n",
            id="times where lines begin",
        ),
    ],
)
def test_what_is_shown(options: LogOptions, expected: str) -> None:
    writer = LogWriter(options)
    assert writer.write(LOG).decode() == expected
    assert writer.full == (options.limit_bytes is not None)
