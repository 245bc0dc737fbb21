"""Which pods make way on their node for a critical one."""

import pytest

from apimachinery.types.pod import Pod
from kubelet.preemption import CriticalPods, victims
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import open_rig

CRITICAL = 2_000_000_000


def pod(name: str, qos: str, priority: int = 0, **requests: str) -> Pod:
    return make_pod(container(resources={"requests": requests}), name=name, status={"qosClass": qos}, priority=priority)


PODS = {
    "effort": pod("effort", "BestEffort"),
    "small": pod("small", "Burstable", cpu="100m", memory="100Mi"),
    "middle": pod("middle", "Burstable", cpu="500m", memory="100Mi"),
    "large": pod("large", "Burstable", cpu="1", memory="1Gi"),
    "sure": pod("sure", "Guaranteed", cpu="1", memory="1Gi"),
    "critical": pod("critical", "Guaranteed", CRITICAL, cpu="4", memory="4Gi"),
}


@pytest.mark.parametrize(
    ("running", "missing", "expected"),
    [
        pytest.param("effort small", {"pods": 1}, "effort", id="a place: the worst class goes"),
        pytest.param("small middle large", {"cpu": 400}, "middle", id="the smallest that is enough"),
        pytest.param("small middle", {"cpu": 550}, "middle small", id="two of a class"),
        pytest.param("small middle large sure", {"cpu": 600}, "large", id="guaranteed pods stay when others do"),
        pytest.param("small sure", {"cpu": 600}, "sure", id="a worse class is spared when a better one must go anyway"),
        pytest.param("small large sure", {"cpu": 1500}, "sure large", id="both classes"),
        pytest.param("large", {"cpu": 500, "memory": 2**30}, "large", id="two resources"),
        pytest.param("small middle", {"cpu": 700}, None, id="not enough"),
        pytest.param("critical", {"cpu": 100}, None, id="critical pods do not go for each other"),
        pytest.param("", {"pods": 1}, None, id="nobody there"),
    ],
)
def test_victims(running: str, missing: dict[str, int], expected: str | None) -> None:
    chosen = victims(pod("new", "Burstable", CRITICAL), [PODS[name] for name in running.split()], missing)
    found = None if chosen is None else " ".join(victim.metadata.name for victim in chosen)
    assert found == expected


def test_of_two_critical_pods_the_lesser_goes() -> None:
    chosen = victims(pod("new", "Burstable", CRITICAL + 1000), [PODS["critical"]], {"cpu": 100})
    assert chosen == [PODS["critical"]]


async def test_a_victim_has_failed_and_says_why() -> None:
    async with open_rig() as rig:
        victim = make_pod(name="victim")
        await rig.add(victim)
        assert CriticalPods(rig.workers, rig.events).make_room(pod("new", "BestEffort", CRITICAL), {"pods": 1})
        await rig.settle()
        status = rig.status(victim)
        assert (status.phase, status.reason) == ("Failed", "Preempting")
        assert status.message == "Preempted in order to admit critical pod"
        condition = next(entry for entry in status.conditions if entry.type == "DisruptionTarget")
        assert (condition.status, condition.reason) == ("True", "TerminationByKubelet")
        assert condition.message == "Pod was preempted by Kubelet to accommodate a critical pod."
        assert "Preempting: Preempted in order to admit critical pod" in rig.events.seen
        assert not CriticalPods(rig.workers, rig.events).make_room(pod("new", "BestEffort", CRITICAL), {"pods": 1})
