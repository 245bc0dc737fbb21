"""Which port stands in for one that may not be bound."""

import pytest

from componentbase.low_ports import stand_in


@pytest.mark.parametrize(("port", "expected"), [(1, 64001), (80, 64080), (1023, 65023), (1024, 0), (8080, 0), (0, 0)])
def test_stand_ins(port: int, expected: int) -> None:
    assert stand_in(port) == expected
