"""Durations as Go writes them."""

import pytest

from apimachinery.duration import go_duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.012, "12ms"), (1.5, "1.5s"), (10, "10s"), (60, "1m0s"), (160, "2m40s"), (3600, "1h0m0s")],
)
def test_go_duration(seconds: float, text: str) -> None:
    assert go_duration(seconds) == text
