"""The log's levels and its structured messages."""

import logging
from collections.abc import Iterator

import pytest

from componentbase import logs


@pytest.fixture(autouse=True)
def root_logger() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    yield
    root.setLevel(before[0])
    root.handlers[:] = before[1]


@pytest.mark.parametrize(
    ("verbosity", "quiet", "shown"),
    [
        pytest.param(0, False, (True, False, False), id="default"),
        pytest.param(2, False, (True, False, False), id="below requests"),
        pytest.param(3, False, (True, True, False), id="requests"),
        pytest.param(4, False, (True, True, True), id="debug"),
        pytest.param(0, True, (False, False, False), id="quiet"),
    ],
)
def test_what_is_shown(verbosity: int, quiet: bool, shown: tuple[bool, bool, bool]) -> None:
    logs.configure(verbosity, quiet=quiet)
    logger = logging.getLogger("somewhere")
    assert tuple(logger.isEnabledFor(level) for level in (logging.INFO, logs.REQUESTS, logging.DEBUG)) == shown


def test_structured() -> None:
    line = logs.structured("HTTP", verb="GET", audit_ID='a"b', resp=200, ok=True, agent="two\nlines")
    assert line == r'"HTTP" verb="GET" audit-ID="a\"b" resp=200 ok=true agent="two\nlines"'
