"""Delays between tries."""

import random

import pytest

from kubeclient.backoff import Backoff


def test_grows_to_its_limit_and_starts_over() -> None:
    backoff = Backoff(initial=1, limit=5)
    assert [backoff.next() for _ in range(4)] == [1, 2, 4, 5]
    backoff.reset()
    assert backoff.next() == 1


def test_jitter_adds_up_to_its_fraction() -> None:
    backoff = Backoff(initial=1, limit=1, jitter=0.5, rng=random.Random(1))
    delays = [backoff.next() for _ in range(100)]
    assert 1 <= min(delays) < 1.1
    assert 1.4 < max(delays) <= 1.5


def test_jitter_needs_randomness() -> None:
    with pytest.raises(ValueError, match=r"random\.Random"):
        Backoff(initial=1, limit=1, jitter=0.5)
