import numpy as np
import pytest

from scheduler.framework.normalize import default_normalize


@pytest.mark.parametrize(
    ("raw", "reverse", "expected"),
    [
        pytest.param([0, 5, 10], False, [0, 50, 100], id="the largest becomes 100"),
        pytest.param([0, 5, 10], True, [100, 50, 0], id="in reverse it becomes 0"),
        pytest.param([1, 2, 3], False, [33, 66, 100], id="rounded down"),
        pytest.param([1, 2, 3], True, [67, 34, 0], id="rounded down before it is turned round"),
        pytest.param([0, 0], False, [0, 0], id="all zero"),
        pytest.param([0, 0], True, [100, 100], id="all zero in reverse"),
        pytest.param([], False, [], id="no nodes"),
    ],
)
def test_default_normalize(raw: list[int], reverse: bool, expected: list[int]) -> None:
    assert default_normalize(np.array(raw, dtype=np.int64), reverse=reverse).tolist() == expected
