"""``kubectl cp``, which is ``tar`` in the container: both ways, files and folders."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.live import Cluster
from tests.live.addresses import own_range
from tests.live.node import NodeRig, ready_node, start_kubelet
from tests.live.processes import Kubectl, require_kubectl

NODE = "node-1"
CIDR = own_range(28)


@pytest.fixture
def nodes() -> Iterator[Cluster]:
    cluster = Cluster()
    start_kubelet(cluster, NODE)
    yield cluster
    cluster.stop()


@pytest.fixture
async def rig(nodes: Cluster) -> AsyncIterator[NodeRig]:
    async with ready_node(nodes, NODE, CIDR) as ready:
        yield ready


async def test_copying(nodes: Cluster, rig: NodeRig, tmp_path: Path) -> None:
    """S8: what goes into a container and comes back is the same, byte for byte."""
    require_kubectl()
    kubectl = Kubectl(nodes.url, tmp_path)
    await rig.create("box", {"name": "box", "image": "busybox", "command": ["sleep", "1d"]})
    await rig.until_ready("box")
    folder = tmp_path / "folder"
    (folder / ("long-" * 19) / ("names-" * 19)).mkdir(parents=True)
    (folder / ("long-" * 19) / ("names-" * 19) / "deep").write_text("deep\n")
    large = bytes(range(256)) * 20_000
    (folder / "large.bin").write_bytes(large)
    (folder / "script.sh").write_text("#!/bin/sh\necho ran\n")
    (folder / "script.sh").chmod(0o755)

    def copy() -> None:
        kubectl.run("cp", str(folder), "box:/tmp/copied")
        shown = kubectl.run("exec", "box", "--", "sh", "-c", "/tmp/copied/script.sh; wc -c < /tmp/copied/large.bin")
        assert shown == f"ran\n{len(large)}\n"
        kubectl.run("cp", "default/box:/tmp/copied", str(tmp_path / "back"))
        kubectl.run("cp", str(folder / "script.sh"), "box:/tmp/alone", "-c", "box")
        kubectl.run("cp", "box:/tmp/alone", str(tmp_path / "alone"))

    await asyncio.to_thread(copy)
    back = tmp_path / "back"
    for path in sorted(folder.rglob("*")):
        returned = back / path.relative_to(folder)
        assert returned.is_dir() if path.is_dir() else returned.read_bytes() == path.read_bytes(), path
    assert (tmp_path / "alone").read_text() == "#!/bin/sh\necho ran\n"
