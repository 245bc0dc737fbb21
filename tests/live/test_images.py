"""Images people make, and what annotations wish of containers: through the API, with kubelets as processes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from apimachinery.errors import Invalid
from kubeclient.client import Client
from kubeclient.resources import PODS
from kubelet.images.declared.objects import FAKE_IMAGES, FakeImageObject
from tests.live import Cluster, Kubectl, eventually
from tests.live.addresses import own_range
from tests.live.node import NodeRig, start_kubelet

NODE = "node-1"
CIDR = own_range(28)
EXAMPLES = Path(__file__).parents[2] / "examples" / "images"


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    """A cluster with a kubelet that has been told of Python images."""
    cluster = Cluster()
    start_kubelet(cluster, NODE, "--images", str(EXAMPLES / "ticker.py"), "--unpullable-images", "*:gone")
    yield cluster
    cluster.stop()


@pytest.fixture
async def rig(running: Cluster) -> AsyncIterator[NodeRig]:
    async with Client(running.url) as client:
        opened = NodeRig(client, NODE)
        await opened.until_node_ready(CIDR)
        await eventually(lambda: client.list(FAKE_IMAGES))
        yield opened


async def pod(rig: NodeRig, name: str, image: str, annotations: dict[str, str] | None = None, **spec: Any) -> None:
    metadata = {"name": name, "annotations": annotations or {}}
    containers = [{"name": "main", "image": image}]
    await rig.client.create(
        PODS, {"metadata": metadata, "spec": {"nodeName": NODE, "containers": containers, **spec}}, namespace="default"
    )


async def logs(rig: NodeRig, name: str) -> str:
    return (await rig.client.request("GET", f"/api/v1/namespaces/default/pods/{name}/log")).decode()


async def test_an_image_is_an_object(running: Cluster, rig: NodeRig, tmp_path: Path) -> None:
    """Pods made after it was applied get it, and another once it has changed."""
    kubectl = Kubectl(running.url, tmp_path)
    applied = await asyncio.to_thread(kubectl.run, "apply", "-f", str(EXAMPLES / "shop.yaml"))
    assert "fakeimage.fakeimages.kubemu.io/shop created" in applied
    assert "When its probes fail" in await asyncio.to_thread(kubectl.run, "explain", "fakeimage.spec.failProbes")
    await pod(rig, "shop", "example.com/shop:v1")
    await rig.until_ready("shop")
    answer = await rig.client.request("GET", "/api/v1/namespaces/default/pods/shop:8080/proxy/items")
    assert answer == b'["tea", "coffee"]'
    assert await logs(rig, "shop") == "shop is open\nstill open\n"
    await pod(rig, "stocktaking", "example.com/stocktaking:v1", restartPolicy="Never")
    await rig.until_phase("stocktaking", "Failed")
    await pod(rig, "private", "registry.example.com/private/app")
    assert "pull access denied" in (await rig.until_waiting("private", "ErrImagePull")).state.waiting.message
    changed = await rig.client.get(FAKE_IMAGES, "private")
    changed.spec["pull"] = {}
    await rig.client.replace(FAKE_IMAGES, changed)
    await pod(rig, "public", "registry.example.com/private/app")
    await rig.until_ready("public")


async def test_what_an_image_may_not_say_is_refused_by_name(rig: NodeRig) -> None:
    bad = FakeImageObject.model_validate({"metadata": {"name": "bad"}, "spec": {"ports": [{"port": 99999}]}})
    with pytest.raises(Invalid, match=r"spec.ports\[0\].port"):
        await rig.client.create(FAKE_IMAGES, bad)


async def test_an_image_is_python_in_a_file(rig: NodeRig) -> None:
    await pod(rig, "ticker", "example.com/ticker")
    await rig.until_ready("ticker")
    assert await rig.client.request("GET", "/api/v1/namespaces/default/pods/ticker:8080/proxy/") == b"0\n"


async def test_annotations_say_how_a_container_fares(rig: NodeRig) -> None:
    """They may come later; what cannot be read is an event."""
    wishes = {"kubemu.io/exit-code": "7", "kubemu.io/start-delay.main": "soon"}
    await pod(rig, "wished", "pause", wishes, restartPolicy="Never")
    await rig.until_ready("wished")
    told = await rig.until_event("wished", "InvalidAnnotation")
    assert 'kubemu.io/start-delay.main: "soon"' in told.message
    await rig.client.patch(
        PODS, "wished", {"metadata": {"annotations": {"kubemu.io/run-for": "0s"}}}, namespace="default"
    )
    ended = (await rig.until_phase("wished", "Failed")).status.container_statuses[0].state.terminated
    assert ended is not None
    assert ended.exit_code == 7


async def test_which_images_cannot_be_pulled_is_an_option(rig: NodeRig) -> None:
    await pod(rig, "gone", "busybox:gone")
    await rig.until_waiting("gone", "ErrImagePull")
