"""Components are killed at random moments while a cluster is at work: all comes right, and nothing is left over.

Each round updates a Deployment, runs an indexed Job and drains a node, all at once, while components are killed and
started again. The number of rounds and what is drawn can be chosen:

    KUBEMU_CHAOS_ROUNDS=50 KUBEMU_CHAOS_SEED=7 pytest -m slow tests/live/test_chaos.py
"""

import asyncio
import json
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from apimachinery.clock import RealClock
from apimachinery.errors import NotFound, StatusError
from apimachinery.labels import SERVICE_NAME_LABEL
from apimachinery.types.pod import Pod
from controller_manager.deployment.status import complete
from kubeclient.client import Client
from kubeclient.errors import ConnectionFailed
from kubeclient.resources import (
    DEPLOYMENTS,
    ENDPOINT_SLICES,
    JOBS,
    NODES,
    POD_DISRUPTION_BUDGETS,
    PODS,
    REPLICASETS,
    SERVICES,
)
from tests.live.addresses import address, own_range
from tests.live.processes import Cluster, Kubectl, Process, require_kubectl
from tests.live.waiting import eventually
from tests.live.workloads import nodes_ready, workload

ROUNDS = int(os.environ.get("KUBEMU_CHAOS_ROUNDS", "3"))
SEED = int(os.environ.get("KUBEMU_CHAOS_SEED", "1"))
PATIENCE = 90.0
"""Seconds for everything to come right again after a round, on a machine that is busy with other things."""

NAMESPACE = "default"
REPLICAS = 6
COMPLETIONS = 8
HISTORY = 2
SERVICE_CIDR = own_range(24)
NODE_NAMES = ("node-1", "node-2", "node-3")


@dataclass
class Killable:
    """A component that is started again each time it is killed."""

    cluster: Cluster
    module: str
    args: tuple[str, ...]
    process: Process = field(init=False)

    def __post_init__(self) -> None:
        self.process = self.cluster.start(self.module, *self.args)

    def kill(self) -> None:
        self.process.kill()
        self.cluster.components.remove(self.process)

    def start(self) -> None:
        self.process = self.cluster.start(self.module, *self.args)


class Chaos:
    """A cluster of three nodes, what may be killed of it, and what is asked of it."""

    def __init__(self, client: Client, cluster: Cluster, folder: Path, rng: random.Random) -> None:
        self.client = client
        self.kubectl = Kubectl(cluster.url, folder, namespace=NAMESPACE)
        self._rng = rng
        self._clock = RealClock()
        self._url = cluster.url
        range_ = ("--cluster-cidr", own_range(20), "--node-cidr-mask-size", "24")
        # Without an election the next one need not wait for the lease of the one that was killed.
        self._parts = [
            Killable(cluster, "scheduler", ("--leader-elect=false",)),
            Killable(cluster, "controller_manager", ("--leader-elect=false", *range_)),
            Killable(
                cluster,
                "kubeproxy",
                ("--iptables-localhost-nodeports", "false", "--cluster-dns", address(SERVICE_CIDR, 10)),
            ),
            *(
                Killable(cluster, "kubelet", ("--node-name", name, "--cpu", "16", "--state-dir", str(folder / name)))
                for name in NODE_NAMES
            ),
        ]
        self.killed: Counter[str] = Counter()

    async def kill_some(self) -> None:
        """Kill one to three components, one after another, each at some moment of the next second."""
        for part in self._rng.sample(self._parts, self._rng.randint(1, 3)):
            await self._clock.sleep(self._rng.random())
            part.kill()
            self.killed[part.module] += 1
            await self._clock.sleep(self._rng.random() / 2)
            part.start()

    async def prepare(self) -> None:
        """Create the Deployment, its Service and its budget."""
        web = workload("Deployment", "web", replicas=REPLICAS, revisionHistoryLimit=HISTORY)
        pod = web["spec"]["template"]["spec"]
        pod["containers"][0] |= {"image": "nginx", "ports": [{"containerPort": 80}]}
        pod["terminationGracePeriodSeconds"] = 1
        selector = {"app": "web"}
        await self.client.create(DEPLOYMENTS, web, namespace=NAMESPACE)
        service = {"metadata": {"name": "web"}, "spec": {"selector": selector, "ports": [{"port": 80}]}}
        await self.client.create(SERVICES, service, namespace=NAMESPACE)
        budget = {"metadata": {"name": "web"}, "spec": {"selector": {"matchLabels": selector}, "minAvailable": 3}}
        await self.client.create(POD_DISRUPTION_BUDGETS, budget, namespace=NAMESPACE)
        await eventually(self.settled, timeout=PATIENCE)

    async def round(self, number: int) -> None:
        """Update, run a job and drain a node while components are killed; then see to it that all is well."""
        job, node = f"job-{number}", self._rng.choice(NODE_NAMES)
        change = {"metadata": {"annotations": {"round": str(number)}}}
        async with asyncio.TaskGroup() as group:
            group.create_task(self.kill_some())
            group.create_task(
                self.client.patch(DEPLOYMENTS, "web", {"spec": {"template": change}}, namespace=NAMESPACE)
            )
            group.create_task(self.client.create(JOBS, indexed_job(job), namespace=NAMESPACE))
            group.create_task(self._drain(node))

        async def finished() -> bool:
            return await self.settled() and await self._job_is_complete(job)

        await eventually(finished, timeout=PATIENCE)
        await self.client.delete(JOBS, job, namespace=NAMESPACE, propagation_policy="Background")
        await asyncio.to_thread(self.kubectl.run, "uncordon", node)
        await eventually(self.nothing_left, timeout=PATIENCE)

    async def _drain(self, node: str) -> None:
        said = await asyncio.to_thread(
            self.kubectl.run,
            "drain",
            node,
            "--ignore-daemonsets",
            "--delete-emptydir-data",
            "--timeout=80s",
            timeout=90,
        )
        assert f"node/{node} drained" in said

    # What has to be so at the end

    async def settled(self) -> bool:
        """The Deployment is up to date, its pods are those that there should be, and its Service leads to them."""
        found = await self.client.get(DEPLOYMENTS, "web", namespace=NAMESPACE)
        assert complete(found, found.status), found.status
        assert found.status.observed_generation == found.metadata.generation
        pods = await self._pods("app=web")
        assert [pod.key for pod in pods if pod.deleting or not pod.ready] == [], [_said(pod) for pod in pods]
        assert {pod.metadata.annotations.get("round") for pod in pods} == {
            found.spec.template.metadata.annotations.get("round")
        }
        addresses = [pod.status.pod_ip for pod in pods]
        assert len(set(addresses)) == REPLICAS, addresses
        selector = f"{SERVICE_NAME_LABEL}=web"
        slices = (await self.client.list(ENDPOINT_SLICES, namespace=NAMESPACE, label_selector=selector)).items
        endpoints = [endpoint for entry in slices for endpoint in entry.endpoints]
        assert all(endpoint.conditions.ready for endpoint in endpoints)
        assert sorted(ip for endpoint in endpoints for ip in endpoint.addresses) == sorted(addresses)
        return await self._answers()

    async def _answers(self) -> bool:
        service = await self.client.get(SERVICES, "web", namespace=NAMESPACE)
        async with httpx.AsyncClient(verify=False, trust_env=False) as http:
            try:
                return (await http.get(f"http://{service.spec.cluster_ip}/")).status_code == 200
            except httpx.HTTPError:
                return False

    async def _job_is_complete(self, name: str) -> bool:
        status = (await self.client.get(JOBS, name, namespace=NAMESPACE)).status
        assert (status.succeeded, status.completed_indexes, status.active) == (COMPLETIONS, f"0-{COMPLETIONS - 1}", 0)
        return any(entry.type == "Complete" and entry.status == "True" for entry in status.conditions)

    async def nothing_left(self) -> bool:
        """There is nothing but the Deployment's, and every kubelet runs what the API shows on its node."""
        pods = (await self.client.list(PODS, namespace=NAMESPACE)).items
        assert len(pods) == REPLICAS, sorted(pod.metadata.name for pod in pods)
        assert len((await self.client.list(REPLICASETS, namespace=NAMESPACE)).items) <= HISTORY + 1
        assert not (await self.client.list(JOBS, namespace=NAMESPACE)).items
        for name in NODE_NAMES:
            node = await self.client.get(NODES, name)
            assert not node.spec.unschedulable
            assert [taint.key for taint in node.spec.taints] == []
            expected = {pod.metadata.uid for pod in pods if pod.spec.node_name == name}
            assert await self._run_by_kubelet(name) == expected
        return True

    async def _run_by_kubelet(self, node: str) -> set[str]:
        try:
            answer = await self.client.request("GET", f"/api/v1/nodes/{node}/proxy/stats/summary")
        except (StatusError, ConnectionFailed, NotFound) as error:
            raise AssertionError(f"the kubelet of {node} does not answer: {error}") from error
        return {entry["podRef"]["uid"] for entry in json.loads(answer).get("pods") or ()}

    async def _pods(self, selector: str) -> list[Pod]:
        return (await self.client.list(PODS, namespace=NAMESPACE, label_selector=selector)).items


def indexed_job(name: str) -> dict[str, Any]:
    container = {"name": "c", "image": "busybox", "command": ["sh", "-c", "sleep 0.2"]}
    return {
        "metadata": {"name": name},
        "spec": {
            "completions": COMPLETIONS,
            "parallelism": 4,
            "completionMode": "Indexed",
            "backoffLimit": 1000,
            "template": {"spec": {"restartPolicy": "Never", "containers": [container]}},
        },
    }


def _said(pod: Pod) -> str:
    """Return what a failure has to tell of a pod."""
    status = pod.status
    conditions = {entry.type: entry.status for entry in status.conditions}
    deleting = pod.metadata.deletion_timestamp
    return f"{pod.key} on {pod.spec.node_name}: {status.phase}, {conditions}, {status.pod_ip}, deleted {deleting}"


@pytest.fixture
async def chaos(tmp_path: Path) -> AsyncIterator[Chaos]:
    require_kubectl()
    cluster = Cluster("--service-cluster-ip-range", SERVICE_CIDR)
    try:
        async with Client(cluster.url) as client:
            found = Chaos(client, cluster, tmp_path, random.Random(SEED))
            await nodes_ready(cluster.url, len(NODE_NAMES))
            await found.prepare()
            yield found
    finally:
        cluster.stop()


@pytest.mark.slow
@pytest.mark.timeout(120 + 200 * ROUNDS)
async def test_components_that_are_killed_at_random(chaos: Chaos) -> None:
    """S17, S28: level-triggered control loops bring everything to where it should be, whatever happens to them."""
    for number in range(1, ROUNDS + 1):
        await chaos.round(number)
    assert chaos.killed.total() >= ROUNDS
