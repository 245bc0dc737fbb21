import math

import pytest

from controller_manager.nodes.disruption import Limiter, Rates, ZoneState, eviction_rates, zone_of, zone_state
from tests.controller_manager.nodes.objects import node

RATES = Rates(normal=0.1, reduced=0.01, large=50, threshold=0.55)


@pytest.mark.parametrize(
    ("ready", "unready", "state"),
    [
        (0, 0, ZoneState.NORMAL),
        (3, 0, ZoneState.NORMAL),
        (0, 1, ZoneState.FULL_DISRUPTION),
        (1, 2, ZoneState.NORMAL),
        (2, 3, ZoneState.PARTIAL_DISRUPTION),
        (3, 3, ZoneState.NORMAL),
    ],
)
def test_zone_state(ready: int, unready: int, state: ZoneState) -> None:
    assert zone_state(ready, unready, 0.55) is state


@pytest.mark.parametrize(
    ("zones", "rates"),
    [
        pytest.param({"a": (2, 1)}, {"a": 0.1}, id="normal"),
        pytest.param({"a": (0, 3)}, {"a": 0.0}, id="all of the only zone"),
        pytest.param({"a": (0, 3), "b": (0, 1)}, {"a": 0.0, "b": 0.0}, id="all of all zones"),
        pytest.param({"a": (0, 3), "b": (1, 0)}, {"a": 0.1, "b": 0.1}, id="all of one zone"),
        pytest.param({"a": (2, 8)}, {"a": 0.0}, id="most of a small zone"),
        pytest.param({"a": (20, 40)}, {"a": 0.01}, id="most of a large zone"),
        pytest.param({}, {}, id="no nodes"),
    ],
)
def test_rates(zones: dict[str, tuple[int, int]], rates: dict[str, float]) -> None:
    assert eviction_rates(zones, RATES) == rates


def test_zone() -> None:
    region, zone = "topology.kubernetes.io/region", "topology.kubernetes.io/zone"
    assert zone_of(node()) == ""
    keys = {zone_of(node(labels=labels)) for labels in ({region: "a"}, {zone: "a"}, {region: "a", zone: "a"})}
    assert len(keys) == 3
    assert zone_of(node(labels={"failure-domain.beta.kubernetes.io/zone": "a"})) in keys


def test_limiter() -> None:
    limiter = Limiter(0.5, 0)
    assert limiter.take(0) == 0
    assert limiter.take(0) == 2
    assert limiter.take(1) == 1
    assert limiter.take(2) == 0
    limiter.put_back()
    assert limiter.take(2) == 0
    limiter.set_rate(0, 2)
    assert limiter.take(100) == math.inf
    limiter.set_rate(2, 100)
    assert limiter.take(100) == 0.5
    assert limiter.take(1000) == 0
    assert limiter.take(1000) == 0.5, "what is not used is not saved up"
