import pytest

from apimachinery.clock import ManualClock
from controller_manager.expectations import EXPECTATIONS_TIMEOUT_SECONDS, Expectations

KEY = "default/web"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def expectations(clock: ManualClock) -> Expectations:
    return Expectations(clock)


def test_nothing_expected_is_satisfied(expectations: Expectations) -> None:
    assert expectations.satisfied(KEY)
    expectations.creation_observed(KEY)
    expectations.deletion_observed(KEY, "a")
    assert expectations.satisfied(KEY)


def test_creations_are_satisfied_when_all_were_seen(expectations: Expectations) -> None:
    expectations.expect_creations(KEY, 3)
    expectations.creation_observed(KEY)
    expectations.creation_observed(KEY)
    assert not expectations.satisfied(KEY)
    expectations.creation_observed(KEY)
    assert expectations.satisfied(KEY)


def test_a_deletion_seen_twice_counts_once(expectations: Expectations) -> None:
    expectations.expect_deletions(KEY, {"a", "b"})
    expectations.deletion_observed(KEY, "a")
    expectations.deletion_observed(KEY, "a")
    expectations.deletion_observed(KEY, "somebody else's")
    assert not expectations.satisfied(KEY)
    expectations.deletion_observed(KEY, "b")
    assert expectations.satisfied(KEY)


def test_keys_are_apart(expectations: Expectations) -> None:
    expectations.expect_creations(KEY, 1)
    expectations.creation_observed("default/other")
    assert not expectations.satisfied(KEY)
    assert expectations.satisfied("default/other")


async def test_what_never_comes_is_given_up(expectations: Expectations, clock: ManualClock) -> None:
    expectations.expect_creations(KEY, 1)
    await clock.advance(EXPECTATIONS_TIMEOUT_SECONDS - 1)
    assert not expectations.satisfied(KEY)
    assert expectations.remaining_seconds(KEY) == 1
    await clock.advance(1)
    assert expectations.satisfied(KEY)


def test_a_forgotten_owner_expects_nothing(expectations: Expectations) -> None:
    expectations.expect_deletions(KEY, {"a"})
    expectations.forget(KEY)
    assert expectations.satisfied(KEY)
