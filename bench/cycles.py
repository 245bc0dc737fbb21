"""What the scheduler's decisions cost, in one process and without HTTP.

    python -m bench.cycles [--pods 3000] [--runs 3]

For each number of nodes: pods with requests only, with node affinity on nodes with taints, spread over three zones,
with required anti-affinity, and each of a template of its own with anti-affinity and spreading. Every decision is
followed by the pod taking its place, as when it is bound. Prints microseconds of processor time per pod, the share of
the decision itself, and the slowest hundredth of the cycles.
"""

import argparse
import random
import time
from collections.abc import Callable

from apimachinery.clock import RealClock
from apimachinery.types.core import Node
from bench.scheduler_objects import (
    JSONObject,
    affine_pod,
    lonely_pod,
    node,
    own_pod,
    plain_pod,
    spread_pod,
    tainted_node,
)
from kubeclient.client import Client
from scheduler.cache import SchedulerCache
from scheduler.decision_log import DecisionLog
from scheduler.framework.interface import Handle
from scheduler.framework.node_info import node_info
from scheduler.framework.runtime import Framework
from scheduler.framework.shown_pod import ShownPod
from scheduler.plugins.registry import in_tree_registry
from scheduler.profile import default_profile
from scheduler.queue import SchedulingQueue
from scheduler.scheduling import schedule_one
from scheduler.settings import Settings

SIZES = (10, 100, 1000, 5000)

Make = Callable[[int], JSONObject]

CASES: dict[str, tuple[Make, Make]] = {
    "requests only": (node, plain_pod),
    "affinity and taints": (tainted_node, affine_pod),
    "spread over 3 zones": (node, spread_pod),
    "anti-affinity": (node, lonely_pod),
    "a template each": (node, own_pod),
}


def best_of(runs: int, size: int, pods: int, make_node: Make, make_pod: Make) -> str:
    """Return the report of the fastest run: what slows a run down is the machine, not the scheduler."""
    return min(measure(size, pods, make_node, make_pod) for _ in range(runs))[1]


def shown(number: int, make_pod: Make) -> ShownPod:
    wire = make_pod(number)
    wire["metadata"] |= {"namespace": "default", "uid": f"uid-{number}"}
    return ShownPod.model_validate(wire)


def measure(size: int, pods: int, make_node: Make, make_pod: Make) -> tuple[float, str]:
    clock, settings, rng = RealClock(), Settings(seed=1), random.Random(1)
    profile = default_profile()
    framework = Framework(profile, in_tree_registry(), Handle(Client("http://127.0.0.1:1")))
    cache = SchedulerCache(clock, settings.assumed_pod_seconds)
    queue = SchedulingQueue(clock, {profile.scheduler_name: framework}, settings)
    log = DecisionLog(settings)
    for number in range(size):
        cache.set_node(node_info(Node.model_validate(make_node(number))))
    waiting = [shown(number, make_pod) for number in range(pods)]
    started = time.process_time()
    for pod in waiting:
        queue.add(pod.info)
    cycles, bound = [], 0
    while (queued := queue.pop_nowait()) is not None:
        begun = time.process_time()
        decision = schedule_one(framework, cache.nodes, queued, rng=rng, clock=clock).decision
        log.add(decision)
        if decision.winner:
            cache.assume(queued.pod.on_node(decision.winner))
            bound += 1
        queue.done(queued.pod.uid)
        cycles.append(time.process_time() - begun)
    total = time.process_time() - started
    cycles.sort()
    return total, (
        f"{total / pods * 1e6:8.0f} us/pod {pods / total:8.0f} pods/s   cycle "
        f"{sum(cycles) / pods * 1e6:5.0f} us   p99 {cycles[int(pods * 0.99)] * 1e6:5.0f} us   bound {bound}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pods", type=int, default=3000, help="how many pods to schedule (3000)")
    parser.add_argument("--runs", type=int, default=3, help="how often to try; the fastest counts (3)")
    given = parser.parse_args()
    for size in SIZES:
        for title, (make_node, make_pod) in CASES.items():
            print(f"{size:5} nodes, {title:20} {best_of(given.runs, size, given.pods, make_node, make_pod)}")


if __name__ == "__main__":
    main()
