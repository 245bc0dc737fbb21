"""Two of each: one works, the other takes over."""

import signal
from collections import Counter

import pytest

from kubeclient.client import Client
from kubeclient.resources import DEPLOYMENTS, EVENTS, LEASES, PODS
from tests.live.addresses import own_range
from tests.live.processes import Cluster, Process
from tests.live.waiting import eventually
from tests.live.workloads import workload

RANGE = own_range(20)
"""Of this module alone: other clusters on the machine have nodes in the default range."""

LEASE_TIMES = (
    "--leader-elect-lease-duration=6s",
    "--leader-elect-renew-deadline=5s",
    "--leader-elect-retry-period=200ms",
)
ACQUIRED = "successfully acquired lease kube-system/"
PATIENCE = 60.0


def start_two(cluster: Cluster, name: str, *args: str) -> tuple[Process, Process]:
    """Start two, and return them once one leads: that one first."""
    leader, other = cluster.start(name, *LEASE_TIMES, *args), cluster.start(name, *LEASE_TIMES, *args)
    other.wait_for_line(rf"new leader elected|{ACQUIRED}")
    leader.wait_for_line(rf"new leader elected|{ACQUIRED}")
    if any(ACQUIRED in line for line in other.stderr):
        leader, other = other, leader
    return leader, other


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_leaders_that_are_killed_have_successors(cluster: Cluster) -> None:
    """S10, S13: pods go on being made and bound, each once."""
    schedulers = start_two(cluster, "scheduler")
    managers = start_two(cluster, "controller_manager", "--cluster-cidr", RANGE, "--node-cidr-mask-size", "24")
    cluster.start("kubelet", "--node-name", "n1", "--cpu", "32")
    async with Client(cluster.url) as client:

        async def ready(count: int) -> bool:
            pods = (await client.list(PODS, namespace="default")).items
            assert (len(pods), sum(pod.ready for pod in pods)) == (count, count)
            return True

        await client.create(DEPLOYMENTS, workload("Deployment", "web", replicas=10), namespace="default")
        await eventually(lambda: ready(10), timeout=PATIENCE)
        for leader in (schedulers[0], managers[0]):
            leader.kill()
        await client.patch(DEPLOYMENTS, "web", {"spec": {"replicas": 30}}, namespace="default")
        await eventually(lambda: ready(30), timeout=PATIENCE)
        for name, successor in (("kube-scheduler", schedulers[1]), ("kube-controller-manager", managers[1])):
            successor.wait_for_line(ACQUIRED + name)
            assert (await client.get(LEASES, name, namespace="kube-system")).spec.lease_transitions == 1

        async def told() -> bool:
            events = (await client.list(EVENTS, namespace="default", field_selector="reason=Scheduled")).items
            bound: Counter[str] = Counter()
            for event in events:
                bound[event.involved_object.name] += event.count
            assert set(bound.values()) == {1}
            # A scheduler that is killed may take the last of its events with it.
            return len(bound) >= 20

        await eventually(told, timeout=PATIENCE)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_leader_that_was_away_for_too_long_ends(cluster: Cluster) -> None:
    leader, other = start_two(cluster, "scheduler")
    leader.send_signal(signal.SIGSTOP)
    other.wait_for_line(ACQUIRED, timeout=PATIENCE)
    leader.send_signal(signal.SIGCONT)
    assert leader.wait(PATIENCE) == 1
    assert leader.stderr[-1] == "scheduler: error: leaderelection lost"
    # It ended by itself, as it has to.
    cluster.components.remove(leader)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_leader_that_is_stopped_leaves_at_once(cluster: Cluster) -> None:
    leader, other = start_two(cluster, "scheduler", "--leader-elect-resource-name=mine")
    assert leader.stop() == 0
    other.wait_for_line(ACQUIRED + "mine", timeout=PATIENCE)
