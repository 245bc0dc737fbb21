"""``kubectl drain`` on a whole cluster: a disruption budget holds it up, and lets it go on."""

from pathlib import Path

import pytest

from kubeclient.client import Client
from kubeclient.resources import NODES, POD_DISRUPTION_BUDGETS, REPLICASETS
from tests.live import Cluster
from tests.live.addresses import own_range
from tests.live.node import NAMESPACE, start_kubelet
from tests.live.processes import Kubectl, require_kubectl
from tests.live.waiting import eventually


@pytest.mark.slow
async def test_a_drain_waits_for_a_budget(cluster: Cluster, tmp_path: Path) -> None:
    require_kubectl()
    cluster.start("scheduler")
    cluster.start("controller_manager", "--cluster-cidr", own_range(20), "--node-cidr-mask-size", "24")
    start_kubelet(cluster, "node-1")
    kubectl = Kubectl(cluster.url, tmp_path)
    async with Client(cluster.url) as client:
        container = {"name": "web", "image": "nginx"}
        spec = {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}}
        pod = {"terminationGracePeriodSeconds": 0, "containers": [container]}
        template = {"metadata": {"labels": {"app": "web"}}, "spec": pod}
        body = {"metadata": {"name": "web"}, "spec": {**spec, "template": template}}
        await client.create(REPLICASETS, body, namespace=NAMESPACE)
        budget = {"selector": {"matchLabels": {"app": "web"}}, "minAvailable": 2}
        body = {"metadata": {"name": "web"}, "spec": budget}
        await client.create(POD_DISRUPTION_BUDGETS, body, namespace=NAMESPACE)

        async def healthy() -> bool:
            found = await client.get(POD_DISRUPTION_BUDGETS, "web", namespace=NAMESPACE)
            return found.status.current_healthy == 2

        await eventually(healthy)
        said = kubectl.run("drain", "node-1", "--ignore-daemonsets", "--timeout=1s", status=1)
        assert "Cannot evict pod as it would violate the pod's disruption budget." in said
        assert (await client.get(NODES, "node-1")).spec.unschedulable
        await healthy()

        await client.patch(POD_DISRUPTION_BUDGETS, "web", {"spec": {"minAvailable": 0}}, namespace=NAMESPACE)
        said = kubectl.run("drain", "node-1", "--ignore-daemonsets", "--timeout=20s")
        assert "node/node-1 drained" in said
