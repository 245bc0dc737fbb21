"""Which pod has to go, and what it is told."""

from fractions import Fraction
from typing import Any

import pytest

from kubelet.eviction.thresholds import Amount, Observation, Signal, Threshold
from kubelet.eviction.usage import PodUsage, Used, eviction_message, is_critical, limit_exceeded, ranked
from tests.kubelet.builders import container, make_pod

MI = 2**20


def pod(name: str, *, memory: int = 0, disk: int = 0, request: str = "", priority: int = 0, **more: Any) -> PodUsage:
    resources = {"requests": {"memory": request, "ephemeral-storage": request}} if request else {}
    made = make_pod(container("c", resources=resources), name=name, priority=priority, **more)
    return PodUsage(made, {"c": Used(memory * MI, disk * MI)})


@pytest.mark.parametrize(
    ("pods", "order"),
    [
        pytest.param([pod("a", memory=1), pod("b", memory=2)], "ba", id="the largest"),
        pytest.param([pod("a", memory=9, request="10Mi"), pod("b", memory=1)], "ba", id="beyond its request first"),
        pytest.param([pod("a", memory=9, priority=5), pod("b", memory=1)], "ba", id="low priority first"),
        pytest.param(
            [pod("a", memory=9, request="8Mi"), pod("b", memory=7, request="4Mi")], "ba", id="the most beyond"
        ),
        pytest.param(
            [pod("a", memory=9, request="10Mi", priority=1), pod("b", memory=8, request="10Mi")],
            "ba",
            id="all within their requests",
        ),
    ],
)
def test_order(pods: list[PodUsage], order: str) -> None:
    assert "".join(usage.pod.metadata.name for usage in ranked(pods, "memory")) == order


def test_order_for_disk_and_processes() -> None:
    pods = [pod("a", memory=9, disk=1), pod("b", memory=1, disk=9)]
    assert [usage.pod.metadata.name for usage in ranked(pods, "ephemeral-storage")] == ["b", "a"]
    more = PodUsage(make_pod(name="c"), {"x": Used(), "y": Used()})
    assert next(usage.pod.metadata.name for usage in ranked([*pods, more], "pids")) == "c"


def test_message() -> None:
    threshold = Threshold(Signal.MEMORY, Amount(quantity=Fraction(100 * MI)))
    seen = {Signal.MEMORY: Observation(Fraction(1024 * MI), Fraction(50 * MI))}
    assert eviction_message(pod("a", memory=200), threshold, seen) == (
        "The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. "
        "Container c was using 200Mi, request is 0, has larger consumption of memory. "
    )
    assert eviction_message(pod("a", memory=200, request="300Mi"), threshold, seen) == (
        "The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. "
    )


@pytest.mark.parametrize(
    ("usage", "critical"),
    [
        (pod("a"), False),
        (pod("a", priority=1_000_000_000), False),
        (pod("a", priority=2_000_000_000), True),
        (pod("a", metadata={"annotations": {"kubernetes.io/config.source": "file"}}), True),
        (pod("a", metadata={"annotations": {"kubernetes.io/config.mirror": "x"}}), True),
    ],
)
def test_critical(usage: PodUsage, *, critical: bool) -> None:
    assert is_critical(usage.pod) is critical


def limited(*, volume: int = 0, disk: int = 0, size: str = "10Mi", limit: str = "") -> PodUsage:
    resources = {"limits": {"ephemeral-storage": limit}} if limit else {}
    made = make_pod(container("c", resources=resources), volumes=[{"name": "v", "emptyDir": {"sizeLimit": size}}])
    return PodUsage(made, {"c": Used(disk=disk * MI)}, {"v": volume * MI})


def test_a_volume_in_memory_is_memory() -> None:
    volumes = [{"name": "m", "emptyDir": {"medium": "Memory"}}, {"name": "d", "emptyDir": {}}]
    usage = PodUsage(make_pod(volumes=volumes), {"web": Used(1, 2)}, {"m": 10, "d": 20})
    assert (usage.memory, usage.disk) == (11, 22)


@pytest.mark.parametrize(
    ("usage", "message"),
    [
        pytest.param(limited(volume=10), "", id="within"),
        pytest.param(limited(volume=11), 'Usage of EmptyDir volume "v" exceeds the limit "10Mi". ', id="volume"),
        pytest.param(limited(volume=11, size="0"), "", id="no limit"),
        pytest.param(
            limited(disk=6, volume=1, limit="5Mi"),
            "Pod ephemeral local storage usage exceeds the total limit of containers 5Mi. ",
            id="pod",
        ),
    ],
)
def test_limits(usage: PodUsage, message: str) -> None:
    assert limit_exceeded(usage) == message
