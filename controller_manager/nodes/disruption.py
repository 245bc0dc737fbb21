"""How fast nodes are given up, by how many of their zone are (``handleDisruption`` of nodelifecycle, v1.36).

When most nodes seem to be dead it is more likely that whoever looks at them is cut off.
"""

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass

from apimachinery.labels import ZONE
from apimachinery.types.core import Node

EXCLUDED_LABEL = "node.kubernetes.io/exclude-disruption"

_REGION_LABELS = ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
_ZONE_LABELS = (ZONE, "failure-domain.beta.kubernetes.io/zone")
_FEW = 2


class ZoneState(enum.Enum):
    NORMAL = "Normal"
    PARTIAL_DISRUPTION = "PartialDisruption"
    FULL_DISRUPTION = "FullDisruption"


@dataclass(frozen=True, slots=True)
class Rates:
    """Nodes per second: ``normal``, and ``reduced`` in a disrupted zone of more than ``large`` nodes.

    A zone is disrupted from the share ``threshold`` of nodes that are not ready.
    """

    normal: float
    reduced: float
    large: int
    threshold: float


def zone_of(node: Node) -> str:
    """Return what nodes of one zone have in common; empty for nodes that are nowhere."""
    labels = node.metadata.labels
    region = next((labels[key] for key in _REGION_LABELS if key in labels), "")
    zone = next((labels[key] for key in _ZONE_LABELS if key in labels), "")
    return f"{region}:\x00:{zone}" if region or zone else ""


def zone_state(ready: int, unready: int, threshold: float) -> ZoneState:
    if not ready and unready:
        return ZoneState.FULL_DISRUPTION
    if unready > _FEW and unready / (ready + unready) >= threshold:
        return ZoneState.PARTIAL_DISRUPTION
    return ZoneState.NORMAL


def eviction_rates(zones: Mapping[str, tuple[int, int]], rates: Rates) -> dict[str, float]:
    """Return how many nodes a second may be given up in each zone, from its ready nodes and the others.

    None at all when no node of any zone is ready.
    """
    states = {zone: zone_state(*counts, rates.threshold) for zone, counts in zones.items()}
    if all(state is ZoneState.FULL_DISRUPTION for state in states.values()):
        return dict.fromkeys(zones, 0.0)
    found = {}
    for zone, state in states.items():
        found[zone] = rates.normal
        if state is ZoneState.PARTIAL_DISRUPTION:
            found[zone] = rates.reduced if sum(zones[zone]) > rates.large else 0.0
    return found


class Limiter:
    """Lets one through, and the next when ``rate`` allows (a token bucket that holds one)."""

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._tokens = 1.0
        self._at = now

    def set_rate(self, rate: float, now: float) -> None:
        self._fill(now)
        self._rate = rate

    def take(self, now: float) -> float:
        """Return 0 when one may pass now, else in how many seconds one may; infinity for never at this rate."""
        self._fill(now)
        if not self._rate:
            return math.inf
        if self._tokens >= 1.0:
            self._tokens -= 1.0
            return 0.0
        return (1.0 - self._tokens) / self._rate

    def put_back(self) -> None:
        """The one that was let through did not pass after all."""
        self._tokens = 1.0

    def _fill(self, now: float) -> None:
        self._tokens = min(1.0, self._tokens + (now - self._at) * self._rate)
        self._at = now
