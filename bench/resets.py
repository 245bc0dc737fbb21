"""How long a reset takes, as a user's fixture waits for it.

    python -m bench.resets [--rounds 5] [--case configmaps] [--case mix]

A cluster with ten nodes in one process is filled again and again, with 1,000 ConfigMaps or with something of all that
tests make, and led back to its start each time by the request that :meth:`kubemu.testing.Cluster.reset` sends. Beside
its wall time are that of the first request after it, which comes while watchers are still hearing of what has gone, and
the processor time of the cluster until half a second later, which has what they do about it, and that of a loop in
Python in the same minute.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Mapping

from bench.starts import CONFIG_MAPS, DEPLOYMENTS, Cluster, cluster

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
THINGS = "/apis/example.com/v1/namespaces/default/things"
_LOOP = 2_000_000


def reference() -> float:
    """Return the processor milliseconds of a fixed loop."""
    began = time.process_time()
    total = 0
    for number in range(_LOOP):
        total += number & 7
    return (time.process_time() - began) * 1000


def config_maps(of: Cluster, number: int = 1000) -> None:
    for index in range(number):
        of.ask("POST", CONFIG_MAPS, {"metadata": {"name": f"c{index}"}, "data": {"a": "x" * 100}})


def mix(of: Cluster) -> None:
    """Make 300 pods of a Deployment, 300 ConfigMaps, 100 Services, 100 custom resources and 100 namespaces."""
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}
    spec = {"replicas": 300, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    of.ask("POST", DEPLOYMENTS, {"metadata": {"name": "web"}, "spec": spec})
    config_maps(of, 300)
    names = {"plural": "things", "kind": "Thing"}
    schema = {"openAPIV3Schema": {"type": "object"}}
    versions = [{"name": "v1", "served": True, "storage": True, "schema": schema}]
    of.ask(
        "POST",
        CRDS,
        {
            "metadata": {"name": "things.example.com"},
            "spec": {"group": "example.com", "scope": "Namespaced", "names": names, "versions": versions},
        },
    )
    while True:
        found = of.ask("GET", f"{CRDS}/things.example.com").get("status", {}).get("conditions", [])
        if any((entry["type"], entry["status"]) == ("Established", "True") for entry in found):
            break
        time.sleep(0.01)
    for index in range(100):
        # One in ten leads to the pods, the others' slices are empty.
        service = {"selector": {"app": "none" if index % 10 else "web"}, "ports": [{"port": 80}]}
        of.ask("POST", "/api/v1/namespaces/default/services", {"metadata": {"name": f"s{index}"}, "spec": service})
        of.ask("POST", "/api/v1/namespaces", {"metadata": {"name": f"n{index}"}})
        thing = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": f"t{index}"}}
        of.ask("POST", THINGS, thing)
    while of.ask("GET", f"{DEPLOYMENTS}/web").get("status", {}).get("readyReplicas", 0) < 300:
        time.sleep(0.05)


CASES: Mapping[str, Callable[[Cluster], None]] = {"configmaps": config_maps, "mix": mix}


def settle(of: Cluster) -> None:
    """Return when the cluster has nothing more to do."""
    before = of.cpu()
    while True:
        time.sleep(0.5)
        now = of.cpu()
        if now - before < 0.05:
            return
        before = now


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--case", action="append", choices=list(CASES))
    given = parser.parse_args()
    with cluster("--nodes", "10") as one:
        settle(one)
        for case in given.case or CASES:
            walls, nexts, works, loops, removed = [], [], [], [], 0
            for _ in range(given.rounds):
                CASES[case](one)
                settle(one)
                loops.append(reference())
                began, cpu = time.monotonic(), one.cpu()
                removed = one.ask("POST", "/debug/reset")["removed"]
                walls.append((time.monotonic() - began) * 1000)
                began = time.monotonic()
                one.ask("POST", CONFIG_MAPS, {"metadata": {"name": "next"}})
                nexts.append((time.monotonic() - began) * 1000)
                time.sleep(0.5)
                works.append((one.cpu() - cpu) * 1000)
                loops.append(reference())
                settle(one)
            print(
                f"{case:12} {removed} objects: median {statistics.median(walls):.1f} ms, "
                f"least {min(walls):.1f} ms, most {max(walls):.1f} ms; next {statistics.median(nexts):.1f} ms; "
                f"processor {statistics.median(works):.0f} ms; "
                f"loop {statistics.median(loops):.0f} ms",
                flush=True,
            )


if __name__ == "__main__":
    main()
