"""A controller manager beside an API server of the test's own."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from apimachinery.types.apps import ReplicaSet
from apimachinery.types.pod import Pod
from kubeclient.client import Client
from kubeclient.resources import PODS, REPLICASETS
from tests.live.processes import Cluster
from tests.live.waiting import eventually


class World:
    """What the tests ask of the cluster, through the API alone."""

    def __init__(self, cluster: Cluster, client: Client) -> None:
        self.cluster = cluster
        self.client = client

    async def create_replica_set(
        self, name: str, replicas: int, *, namespace: str = "default", **spec: Any
    ) -> ReplicaSet:
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
            namespace=namespace,
        )

    async def create_pod(self, name: str, *, node: str = "", **metadata: Any) -> Pod:
        spec = {"containers": [{"name": "c", "image": "pause"}], **({"nodeName": node} if node else {})}
        return await self.client.create(
            PODS, {"metadata": {"name": name, **metadata}, "spec": spec}, namespace="default"
        )

    async def make_ready(self, pod: Pod) -> None:
        """Say what a kubelet would."""
        condition = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
        patch = {"status": {"phase": "Running", "conditions": [condition]}}
        meta = pod.metadata
        await self.client.patch(PODS, meta.name, patch, namespace=meta.namespace, subresource="status")

    async def pods(self, *, namespace: str = "default") -> list[Pod]:
        return (await self.client.list(PODS, namespace=namespace)).items

    async def wait_for_pods(self, count: int, *, namespace: str = "default") -> list[Pod]:
        """Return the pods that are not being deleted, once there are exactly ``count``."""

        async def check() -> list[Pod] | None:
            found = [pod for pod in await self.pods(namespace=namespace) if not pod.deleting]
            assert len(found) == count, sorted(pod.metadata.name for pod in found)
            return found or [Pod()]

        return [pod for pod in await eventually(check, what=f"{count} pods") if pod.metadata.name]

    async def wait_for_status(self, name: str, **expected: int) -> ReplicaSet:
        """Return the ReplicaSet once its status has these values and is up to date."""

        async def check() -> ReplicaSet:
            found = await self.client.get(REPLICASETS, name, namespace="default")
            shown = {field: getattr(found.status, field) for field in expected}
            assert shown == expected
            assert found.status.observed_generation == found.metadata.generation
            return found

        return await eventually(check, what=f"status of {name}")

    async def scale(self, name: str, replicas: int) -> None:
        patch = {"spec": {"replicas": replicas}}
        await self.client.patch(REPLICASETS, name, patch, namespace="default", subresource="scale")


@pytest.fixture
async def world(cluster: Cluster) -> AsyncIterator[World]:
    """An API server with a controller manager that has started its work."""
    cluster.start("controller_manager").wait_for_line("running")
    async with Client(cluster.url) as client:
        yield World(cluster, client)
