"""Components as processes."""

import pytest

from kubemu.processes import range_length


@pytest.mark.parametrize(
    ("max_pods", "length"),
    [pytest.param(110, 24, id="default"), (127, 24), (128, 23), (1400, 20), pytest.param(1, 24, id="few")],
)
def test_a_node_has_addresses_for_twice_its_pods(max_pods: int, length: int) -> None:
    assert range_length(max_pods) == length
    assert 2 ** (32 - length) > 2 * max_pods
