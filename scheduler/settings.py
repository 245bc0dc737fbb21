"""What can be set about the scheduler."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Passed whole to whoever needs some of it; the command line fills it."""

    seed: int | None = None
    """Seed of the choice among equally good nodes. With one, the same history gives the same placements."""

    pod_initial_backoff_seconds: float = 1.0
    """How long a pod rests after its first failed try, ``podInitialBackoffSeconds``; doubles with each failure."""

    pod_max_backoff_seconds: float = 10.0
    """Where the doubling ends, ``podMaxBackoffSeconds``."""

    pod_max_in_unschedulable_pods_seconds: float = 300.0
    """After how long a pod that no event has woken is tried again anyway."""

    assumed_pod_seconds: float = 900.0
    """How long a pod that was bound keeps its place in the cache if no watch event confirms it.

    A safety net: every binding is confirmed by an event sooner or later, and giving up a place too early would let
    two pods have it.
    """

    parallel_binds: int = 64
    """How many bindings may be under way at once. Past that, scheduling waits."""

    decisions_kept: int = 2000
    """How many decisions can be read afterwards."""

    decisions_kept_per_pod: int = 10
    """How many of those may be about one pod."""

    decisions_kept_bytes: int = 16 * 1024 * 1024
    """How much memory their vectors may take; with thousands of nodes this is reached first."""
