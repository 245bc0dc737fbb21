from controller_manager.daemonset.failures import LONGEST_SECONDS, FailureBackoff


def test_each_failure_is_acted_on_later_than_the_one_before() -> None:
    failures = FailureBackoff()
    assert failures.wait("a", 0) == 0
    assert failures.wait("a", 0.25) == 0.75
    assert failures.wait("b", 0.25) == 0
    assert failures.wait("a", 1) == 0
    assert failures.wait("a", 2) == 1
    assert failures.wait("a", 3) == 0
    assert failures.wait("a", 3) == 4


def test_no_delay_grows_for_ever_and_a_long_peace_starts_anew() -> None:
    failures, now = FailureBackoff(), 0.0
    for _ in range(20):
        now += failures.wait("a", now)
        assert failures.wait("a", now) in {0, *(2.0**power for power in range(11)), LONGEST_SECONDS}
        now += LONGEST_SECONDS
    assert failures.wait("a", now) == 0
    assert failures.wait("a", now) == LONGEST_SECONDS
    now += 2 * LONGEST_SECONDS + 1
    assert failures.wait("a", now) == 0
    assert failures.wait("a", now) == 1
