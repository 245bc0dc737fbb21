"""A controller manager beside an API server: one for all tests that keep to a namespace, or one of a test's own."""

import itertools
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from apimachinery.types.apps import ReplicaSet
from apimachinery.types.pod import Pod
from kubeclient.client import Client
from kubeclient.resources import NAMESPACES, PODS, REPLICASETS
from tests.live.processes import Cluster
from tests.live.waiting import eventually


class World:
    """What the tests ask of a namespace of a cluster, through the API alone."""

    def __init__(self, cluster: Cluster, client: Client, namespace: str) -> None:
        self.cluster = cluster
        self.client = client
        self.namespace = namespace

    def start_manager(self) -> None:
        """Start a controller manager that need not wait for the lease of one that was killed.

        It hands out the ranges that it would without options; no pod of these tests runs, so none of them is used.
        """
        options = ("--leader-elect=false", "--cluster-cidr", "127.128.0.0/9")
        self.cluster.start("controller_manager", *options).wait_for_line("running")

    async def create_replica_set(self, name: str, replicas: int, *, namespace: str = "", **spec: Any) -> ReplicaSet:
        return await self.client.create(
            REPLICASETS,
            {
                "metadata": {"name": name},
                "spec": {
                    "replicas": replicas,
                    "selector": {"matchLabels": {"app": name}},
                    "template": {
                        "metadata": {"labels": {"app": name}},
                        "spec": {"containers": [{"name": "c", "image": "pause"}]},
                    },
                    **spec,
                },
            },
            namespace=namespace or self.namespace,
        )

    async def create_pod(self, name: str, *, node: str = "", **metadata: Any) -> Pod:
        spec = {"containers": [{"name": "c", "image": "pause"}], **({"nodeName": node} if node else {})}
        return await self.client.create(
            PODS, {"metadata": {"name": name, **metadata}, "spec": spec}, namespace=self.namespace
        )

    async def make_ready(self, pod: Pod) -> None:
        """Say what a kubelet would."""
        condition = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
        patch = {"status": {"phase": "Running", "conditions": [condition]}}
        meta = pod.metadata
        await self.client.patch(PODS, meta.name, patch, namespace=meta.namespace, subresource="status")

    async def pods(self, *, namespace: str = "") -> list[Pod]:
        return (await self.client.list(PODS, namespace=namespace or self.namespace)).items

    async def wait_for_pods(self, count: int, *, namespace: str = "") -> list[Pod]:
        """Return the pods that are not being deleted, once there are exactly ``count``."""

        found: list[Pod] = []

        async def check() -> bool:
            found[:] = [pod for pod in await self.pods(namespace=namespace) if not pod.deleting]
            assert len(found) == count, sorted(pod.metadata.name for pod in found)
            return True

        await eventually(check, what=f"{count} pods")
        return found

    async def wait_for_status(self, name: str, **expected: int) -> ReplicaSet:
        """Return the ReplicaSet once its status has these values and is up to date."""

        async def check() -> ReplicaSet:
            found = await self.client.get(REPLICASETS, name, namespace=self.namespace)
            shown = {field: getattr(found.status, field) for field in expected}
            assert shown == expected
            assert found.status.observed_generation == found.metadata.generation
            return found

        return await eventually(check, what=f"status of {name}")

    async def scale(self, name: str, replicas: int) -> None:
        patch = {"spec": {"replicas": replicas}}
        await self.client.patch(REPLICASETS, name, patch, namespace=self.namespace, subresource="scale")


_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def controlled_cluster() -> Iterator[Cluster]:
    """An API server and a controller manager for all tests that keep to a namespace of their own."""
    cluster = Cluster()
    cluster.start("controller_manager").wait_for_line("running")
    yield cluster
    cluster.stop()


@pytest.fixture
async def world(controlled_cluster: Cluster) -> AsyncIterator[World]:
    """A new namespace of the shared cluster."""
    async with Client(controlled_cluster.url) as client:
        name = f"test-{next(_numbers)}"
        await client.create(NAMESPACES, {"metadata": {"name": name}})
        yield World(controlled_cluster, client, name)


@pytest.fixture
async def own_world(cluster: Cluster) -> AsyncIterator[World]:
    """A cluster of the test's own, whose processes it may end."""
    async with Client(cluster.url) as client:
        world = World(cluster, client, "default")
        world.start_manager()
        yield world
