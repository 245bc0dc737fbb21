"""Signals, thresholds, and when they are met (``pkg/kubelet/eviction/helpers.go``, v1.36). Pure functions."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from apimachinery.duration import parse_duration
from apimachinery.quantity import format_quantity, parse_quantity

MEMORY = "memory"
EPHEMERAL_STORAGE = "ephemeral-storage"
INODES = "inodes"
PIDS = "pids"


class Signal(enum.StrEnum):
    """What is watched. All of a node's files are in one place, so the three file systems are the same one."""

    MEMORY = "memory.available"
    NODEFS = "nodefs.available"
    NODEFS_INODES = "nodefs.inodesFree"
    IMAGEFS = "imagefs.available"
    IMAGEFS_INODES = "imagefs.inodesFree"
    PIDS = "pid.available"


RESOURCES = {
    Signal.MEMORY: MEMORY,
    Signal.NODEFS: EPHEMERAL_STORAGE,
    Signal.NODEFS_INODES: INODES,
    Signal.IMAGEFS: EPHEMERAL_STORAGE,
    Signal.IMAGEFS_INODES: INODES,
    Signal.PIDS: PIDS,
}
CONDITIONS = {
    Signal.MEMORY: "MemoryPressure",
    Signal.NODEFS: "DiskPressure",
    Signal.NODEFS_INODES: "DiskPressure",
    Signal.IMAGEFS: "DiskPressure",
    Signal.IMAGEFS_INODES: "DiskPressure",
    Signal.PIDS: "PIDPressure",
}

DEFAULT_HARD = {
    "memory.available": "100Mi",
    "nodefs.available": "10%",
    "nodefs.inodesFree": "5%",
    "imagefs.available": "15%",
    "imagefs.inodesFree": "5%",
}


class BadThreshold(ValueError):
    """An option about thresholds does not say one; the text says why."""


@dataclass(frozen=True, slots=True)
class Amount:
    """So many bytes, inodes or processes, or such a part of all there are."""

    quantity: Fraction | None = None
    part: Fraction | None = None

    def of(self, capacity: Fraction) -> Fraction:
        return self.quantity if self.quantity is not None else capacity * (self.part or 0)


@dataclass(frozen=True, slots=True)
class Threshold:
    """Met while less than ``value`` is available, once for ``grace`` seconds; 0 for a hard one.

    Once met it stays so until ``reclaim`` more than that is available.
    """

    signal: Signal
    value: Amount
    grace: float = 0.0
    reclaim: Amount = Amount(Fraction(0))

    @property
    def hard(self) -> bool:
        return self.grace == 0


@dataclass(frozen=True, slots=True)
class Observation:
    """What there is of something, and what of it is available."""

    capacity: Fraction
    available: Fraction


Observations = Mapping[Signal, Observation]


def parse_thresholds(
    hard: Mapping[str, str],
    soft: Mapping[str, str],
    grace: Mapping[str, str],
    reclaim: Mapping[str, str],
) -> tuple[Threshold, ...]:
    """Return the thresholds that the four options say, hard ones first; raises :class:`BadThreshold`."""
    least = {_signal(name): _amount(text) for name, text in reclaim.items()}
    periods = {_signal(name): _grace(name, text) for name, text in grace.items()}
    found = []
    for name, text in hard.items():
        signal = _signal(name)
        if text in {"0%", "100%"}:
            # How upstream turns a signal off.
            continue
        found.append(Threshold(signal, _amount(text), reclaim=least.get(signal, Amount(Fraction(0)))))
    for name, text in soft.items():
        signal = _signal(name)
        if signal not in periods:
            raise BadThreshold(f"grace period must be specified for the soft eviction threshold {name}")
        found.append(Threshold(signal, _amount(text), periods[signal], least.get(signal, Amount(Fraction(0)))))
    return tuple(found)


def _signal(name: str) -> Signal:
    try:
        return Signal(name)
    except ValueError:
        raise BadThreshold(f"unsupported eviction signal {name}") from None


def _amount(text: str) -> Amount:
    try:
        if text.endswith("%"):
            part = Fraction(text.removesuffix("%")) / 100
            if not 0 <= part <= 1:
                raise BadThreshold(f"eviction percentage threshold must be >= 0% and <= 100%: {text}")
            return Amount(part=part)
        quantity = parse_quantity(text)
    except ValueError as error:
        raise BadThreshold(f"{text!r}: {error}") from None
    if quantity < 0:
        raise BadThreshold(f"eviction threshold cannot be negative: {text}")
    return Amount(quantity=quantity)


def _grace(name: str, text: str) -> float:
    try:
        period = parse_duration(text)
    except ValueError as error:
        raise BadThreshold(f"{name}: {error}") from error
    if period <= 0:
        raise BadThreshold(f"invalid eviction grace period specified: {name}={text}, must be a positive value")
    return period


def met(
    thresholds: Sequence[Threshold], observations: Observations, before: Sequence[Threshold] = ()
) -> list[Threshold]:
    """Return the thresholds that are met, whether or not for long enough; ``before`` are those that were."""
    found = []
    for threshold in thresholds:
        seen = observations.get(threshold.signal)
        if seen is None:
            continue
        bound = threshold.value.of(seen.capacity)
        if threshold in before:
            bound += threshold.reclaim.of(seen.capacity)
        if seen.available < bound:
            found.append(threshold)
    return found


def by_priority(thresholds: Sequence[Threshold]) -> list[Threshold]:
    """Return thresholds in the order in which they are seen to: memory before everything else."""
    return sorted(thresholds, key=lambda threshold: threshold.signal is not Signal.MEMORY)


def kept_back(thresholds: Sequence[Threshold], capacity: Mapping[str, str]) -> dict[str, Fraction]:
    """Return what of memory and disk no pod may use, lest a hard threshold be met at once."""
    kept = {}
    for threshold in thresholds:
        name = {Signal.MEMORY: MEMORY, Signal.NODEFS: EPHEMERAL_STORAGE}.get(threshold.signal)
        if name is not None and threshold.hard:
            # Whole bytes, as upstream counts.
            kept[name] = Fraction(int(threshold.value.of(parse_quantity(capacity[name]))))
    return kept


def shown(number: Fraction | int) -> str:
    """Return a number as messages have it: ``100Mi``."""
    return format_quantity(Fraction(number), "binary")
