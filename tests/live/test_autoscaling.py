"""Workloads that follow what their pods use, as a user meets it."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.live.addresses import own_range
from tests.live.processes import Cluster, require_kubectl
from tests.live.waiting import eventually
from tests.live.workloads import Tools, nodes_ready, workload

RANGE = own_range(20)
"""Of this module alone: other clusters on the machine have nodes in the default range."""

PERIODS = (
    "--horizontal-pod-autoscaler-sync-period=500ms",
    "--horizontal-pod-autoscaler-downscale-stabilization=2s",
    "--horizontal-pod-autoscaler-cpu-initialization-period=0s",
    "--horizontal-pod-autoscaler-initial-readiness-delay=0s",
)
PATIENCE = 40.0
GADGETS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "gadgets.example.com"},
    "spec": {
        "group": "example.com",
        "names": {"kind": "Gadget", "plural": "gadgets"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
                "subresources": {
                    "scale": {
                        "specReplicasPath": ".spec.replicas",
                        "statusReplicasPath": ".status.replicas",
                        "labelSelectorPath": ".status.selector",
                    }
                },
            }
        ],
    },
}


@pytest.fixture(scope="module")
def workloads() -> Iterator[Cluster]:
    require_kubectl()
    cluster = Cluster()
    cluster.start("scheduler")
    cluster.start("controller_manager", "--cluster-cidr", RANGE, "--node-cidr-mask-size", "24", *PERIODS)
    cluster.start("kubelet", "--node-name", "node-1", "--cpu", "32")
    asyncio.run(nodes_ready(cluster.url, 1))
    yield cluster
    cluster.stop()


class Load:
    """Pods of an application, and how much they use."""

    def __init__(self, tools: Tools, app: str) -> None:
        self._tools = tools
        self._selector = f"app={app}"

    def set(self, cpu: str) -> None:
        """Have each pod that there is use so much."""
        self._tools.run("annotate", "pods", "-l", self._selector, f"kubemu.io/cpu={cpu}", "--overwrite")

    async def until_pods(self, count: int) -> None:
        async def there() -> bool:
            pods = await asyncio.to_thread(self._tools.get, "pods", "-l", self._selector)
            alive = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
            assert len(alive) == count
            return all(pod["status"]["phase"] == "Running" for pod in alive)

        await eventually(there, timeout=PATIENCE)


def deployment(cpu: str, **spec: Any) -> dict[str, Any]:
    found = workload("Deployment", "web", **spec)
    found["spec"]["template"]["metadata"]["annotations"] = {"kubemu.io/cpu": cpu}
    found["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "100m"}}
    return found


def conditions(autoscaler: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {entry["type"]: (entry["status"], entry["reason"]) for entry in autoscaler["status"]["conditions"]}


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_a_deployment_follows_its_load(tools: Tools) -> None:
    """``kubectl autoscale``: more pods while they are busy, up to the most; as few as may be once they are idle."""
    tools.create(deployment("20m", replicas=1))
    tools.run("autoscale", "deployment", "web", "--cpu-percent=50", "--min=1", "--max=5")
    load = Load(tools, "web")

    async def shown(expected: str) -> bool:
        rows = (await asyncio.to_thread(tools.run, "get", "hpa", "web")).splitlines()
        assert rows[1].split()[:7] == ["web", "Deployment/web", "cpu:", *expected.split()]
        return True

    await eventually(lambda: shown("20%/50% 1 5 1"), timeout=PATIENCE)
    await load.until_pods(1)
    load.set("150m")
    await load.until_pods(3)
    load.set("150m")
    await load.until_pods(5)

    async def told() -> bool:
        found = await asyncio.to_thread(tools.get, "hpa", "web")
        assert conditions(found)["ScalingLimited"] == ("True", "TooManyReplicas")
        text = await asyncio.to_thread(tools.run, "describe", "hpa", "web")
        assert "New size: 3; reason: cpu resource utilization (percentage of request) above target" in text
        return True

    await eventually(told, timeout=PATIENCE)
    load.set("0m")
    await load.until_pods(1)
    assert "All metrics below target" in tools.run("describe", "hpa", "web")


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_a_custom_resource_is_scaled_too(tools: Tools) -> None:
    """Anything that has a ``scale`` will do; here nobody acts on it, so that only the number is looked at."""
    tools.create(GADGETS)
    tools.run("wait", "--for=condition=Established", "crd/gadgets.example.com", "--timeout=30s")
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "g", "labels": {"app": "g"}, "annotations": {"kubemu.io/memory": "300Mi"}},
        "spec": {"containers": [{"name": "c", "image": "pause"}]},
    }
    gadget = {
        "apiVersion": "example.com/v1",
        "kind": "Gadget",
        "metadata": {"name": "g"},
        "spec": {"replicas": 1},
        "status": {"replicas": 1, "selector": "app=g"},
    }
    target = {"type": "AverageValue", "averageValue": "100Mi"}
    autoscaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "g"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "example.com/v1", "kind": "Gadget", "name": "g"},
            "maxReplicas": 10,
            "metrics": [
                {
                    "type": "ContainerResource",
                    "containerResource": {"name": "memory", "container": "c", "target": target},
                }
            ],
            "behavior": {"scaleUp": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 1800}]}},
        },
    }
    tools.create(pod, gadget, autoscaler)

    async def scaled() -> bool:
        assert (await asyncio.to_thread(tools.get, "gadgets", "g"))["spec"]["replicas"] == 2
        found = await asyncio.to_thread(tools.get, "hpa", "g")
        current = found["status"]["currentMetrics"][0]["containerResource"]["current"]
        assert current == {"averageValue": "314572800"}
        return conditions(found)["ScalingLimited"] == ("True", "ScaleUpLimit")

    await eventually(scaled, timeout=PATIENCE)
