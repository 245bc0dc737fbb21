import pytest

from apimachinery.shares import scaled


@pytest.mark.parametrize(
    ("value", "total", "up", "down"),
    [
        pytest.param(7, 3, 7, 7, id="a-number"),
        pytest.param("25%", 10, 3, 2, id="a-share-between-two-numbers"),
        pytest.param("50%", 10, 5, 5, id="a-share-that-is-a-number"),
        pytest.param("150%", 3, 5, 4, id="more-than-all"),
        pytest.param("0%", 10, 0, 0, id="nothing"),
        pytest.param("five", 10, 0, 0, id="no-share"),
    ],
)
def test_scaled(value: int | str, total: int, up: int, down: int) -> None:
    assert (scaled(value, total, round_up=True), scaled(value, total, round_up=False)) == (up, down)
