import pytest

from controller_manager.jobs.indexes import Indexes


@pytest.mark.parametrize(
    ("text", "completions", "written"),
    [
        pytest.param("", 5, "", id="none"),
        pytest.param("0", 5, "0", id="one"),
        pytest.param("0,1", 5, "0,1", id="two-neighbours"),
        pytest.param("0,1,2", 5, "0-2", id="three-neighbours"),
        pytest.param("1,3-5,7", 10, "1,3-5,7", id="gaps"),
        pytest.param("1,3-5,7", 5, "1,3,4", id="what-is-past-the-end-is-cut"),
        pytest.param("x,2,3-y,4", 10, "2,4", id="what-is-no-number-is-left-out"),
        pytest.param("4,0-2,3", 10, "0-4", id="in-any-order"),
    ],
)
def test_text(text: str, completions: int, written: str) -> None:
    assert str(Indexes.parse(text, completions)) == written


def test_sets() -> None:
    some = Indexes.parse("1,3-5", 10)
    assert str(some | Indexes.of([2, 9])) == "1-5,9"
    assert len(some) == 4
    assert [number for number in range(7) if number in some] == [1, 3, 4, 5]
    assert some.common(Indexes.parse("4-8", 10)) == 2
    assert not Indexes()


@pytest.mark.parametrize(
    ("taken", "count", "missing"),
    [
        pytest.param("", 2, [0, 1], id="none-taken"),
        pytest.param("0-2", 2, [3, 4], id="behind"),
        pytest.param("1,3", 3, [0, 2, 4], id="between"),
        pytest.param("1,3", 9, [0, 2, 4, 5], id="no-more-than-there-are"),
        pytest.param("0-5", 1, [], id="all-taken"),
        pytest.param("1", 0, [], id="none-wanted"),
    ],
)
def test_missing(taken: str, count: int, missing: list[int]) -> None:
    assert Indexes.parse(taken, 6).missing(count, 6) == missing
