"""Cycles per second of the scheduler's decisions, in one process and without HTTP.

    python -m bench.cycles [--pods 3000]

For each number of nodes: pods with requests only, and pods with node affinity and tolerations on nodes with taints.
Every decision is followed by the pod taking its place, as when it is bound. Prints microseconds of processor time
per pod, the share of the decision itself, and the slowest hundredth of the cycles.
"""

import argparse
import random
import time
from collections.abc import Callable

from apimachinery.clock import RealClock
from apimachinery.types.core import Node
from apimachinery.types.pod import Pod
from kubeclient.client import Client
from scheduler.cache import SchedulerCache
from scheduler.decision_log import DecisionLog
from scheduler.framework.interface import Handle
from scheduler.framework.node_info import node_info
from scheduler.framework.pod_info import pod_info
from scheduler.framework.runtime import Framework
from scheduler.plugins.registry import in_tree_registry
from scheduler.profile import default_profile
from scheduler.queue import SchedulingQueue
from scheduler.scheduling import schedule_one
from scheduler.settings import Settings

SIZES = (10, 100, 1000, 5000)


def plain_node(number: int) -> Node:
    return Node.model_validate({
        "metadata": {
            "name": f"node-{number}",
            "labels": {
                "kubernetes.io/hostname": f"node-{number}",
                "kubernetes.io/os": "linux",
                "topology.kubernetes.io/zone": f"zone-{number % 3}",
                "disk": "ssd" if number % 2 else "hdd",
            },
        },
        "status": {"allocatable": {"cpu": "32", "memory": "256Gi", "ephemeral-storage": "100Gi", "pods": "500"}},
    })


def tainted_node(number: int) -> Node:
    node = plain_node(number).model_dump(by_alias=True, exclude_defaults=True)
    if number % 5 == 0:
        node["spec"] = {"taints": [{"key": "dedicated", "value": f"team-{number % 4}", "effect": "NoSchedule"}]}
    elif number % 7 == 0:
        node["spec"] = {"taints": [{"key": "spot", "effect": "PreferNoSchedule"}]}
    return Node.model_validate(node)


def plain_pod(number: int) -> Pod:
    return Pod.model_validate({
        "metadata": {
            "name": f"pod-{number}",
            "namespace": "default",
            "uid": f"uid-{number}",
            "ownerReferences": [
                {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "web", "controller": True}
            ],
        },
        "spec": {
            "containers": [{"name": "c", "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}}}],
            "tolerations": [
                {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"},
                {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute"},
            ],
        },
    })


def choosy_pod(number: int) -> Pod:
    pod = plain_pod(number)
    terms = {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [
                    {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]},
                    {"matchExpressions": [{"key": "kubernetes.io/os", "operator": "Exists"}]},
                ]
            },
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {
                    "weight": 10,
                    "preference": {
                        "matchExpressions": [
                            {"key": "topology.kubernetes.io/zone", "operator": "NotIn", "values": ["zone-1"]}
                        ]
                    },
                }
            ],
        }
    }
    spec = pod.spec.model_dump(by_alias=True, exclude_defaults=True) | {"affinity": terms}
    return Pod.model_validate({"metadata": pod.metadata.model_dump(by_alias=True), "spec": spec})


def best_of(runs: int, size: int, pods: int, make_node: Callable[[int], Node], make_pod: Callable[[int], Pod]) -> str:
    """Return the report of the fastest run: what slows a run down is the machine, not the scheduler."""
    return min(measure(size, pods, make_node, make_pod) for _ in range(runs))[1]


def measure(
    size: int, pods: int, make_node: Callable[[int], Node], make_pod: Callable[[int], Pod]
) -> tuple[float, str]:
    clock, settings, rng = RealClock(), Settings(seed=1), random.Random(1)
    framework = Framework(default_profile(), in_tree_registry(), Handle(Client("http://127.0.0.1:1")))
    cache = SchedulerCache(clock, settings.assumed_pod_seconds)
    queue = SchedulingQueue(clock, {framework.scheduler_name: framework}, settings)
    log = DecisionLog(settings)
    for number in range(size):
        cache.set_node(node_info(make_node(number)))
    waiting = [make_pod(number) for number in range(pods)]
    started = time.process_time()
    for pod in waiting:
        queue.add(pod_info(pod))
    cycles = []
    while (queued := queue.pop_nowait()) is not None:
        begun = time.process_time()
        decision = schedule_one(framework, cache.nodes, queued, rng=rng, clock=clock).decision
        log.add(decision)
        assert decision.winner, decision.message
        cache.assume(queued.pod.on_node(decision.winner))
        queue.done(queued.pod.uid)
        cycles.append(time.process_time() - begun)
    total = time.process_time() - started
    cycles.sort()
    return total, (
        f"{total / pods * 1e6:8.0f} us/pod {pods / total:8.0f} pods/s   cycle "
        f"{sum(cycles) / pods * 1e6:5.0f} us   p99 {cycles[int(pods * 0.99)] * 1e6:5.0f} us   kept {len(log)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pods", type=int, default=3000, help="how many pods to schedule (3000)")
    parser.add_argument("--runs", type=int, default=3, help="how often to try; the fastest counts (3)")
    given = parser.parse_args()
    pods, runs = given.pods, given.runs
    for size in SIZES:
        print(f"{size:5} nodes, requests only       {best_of(runs, size, pods, plain_node, plain_pod)}")
        print(f"{size:5} nodes, affinity and taints {best_of(runs, size, pods, tainted_node, choosy_pod)}")


if __name__ == "__main__":
    main()
