import pytest

from apimachinery.clock import ManualClock
from controller_manager.batches import all_at_once, batch_sizes, slow_start


@pytest.mark.parametrize(
    ("count", "sizes"),
    [
        pytest.param(0, [], id="nothing"),
        pytest.param(1, [1], id="one"),
        pytest.param(7, [1, 2, 4], id="full-batches"),
        pytest.param(10, [1, 2, 4, 3], id="with-a-rest"),
    ],
)
def test_batches_double(count: int, sizes: list[int]) -> None:
    assert list(batch_sizes(count)) == sizes


@pytest.mark.parametrize(
    ("failing", "attempted"),
    [
        pytest.param(set(), 20, id="none-fails"),
        pytest.param({1}, 1, id="the-first-fails"),
        pytest.param({5}, 7, id="the-batch-of-a-failure-is-finished"),
    ],
)
async def test_slow_start_stops_after_a_batch_with_a_failure(failing: set[int], attempted: int) -> None:
    calls = 0

    async def call() -> None:
        nonlocal calls
        calls += 1
        if calls in failing:
            raise ValueError(calls)

    result = await slow_start(call, 20, width=4)

    assert (result.attempted, calls) == (attempted, attempted)
    assert len(result.errors) == len(failing)


async def test_calls_run_side_by_side_up_to_the_width() -> None:
    clock = ManualClock()
    under_way = most = 0

    async def call(_: int) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await clock.sleep(0)
        under_way -= 1

    assert await all_at_once(call, range(10), width=3) == []
    assert most == 3
