"""Static pods of a node, driven file by file, on a clock moved by hand and without an API server."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kubelet.static_pods.folder import ManifestFolder
from kubelet.static_pods.manager import StaticPods
from kubelet.static_pods.mirrors import MirrorPods
from tests.kubelet.rig import Rig, open_rig
from tests.kubelet.static_pods.test_manifest import manifest


class Files:
    """A folder of manifests and the node that runs them."""

    def __init__(self, rig: Rig, folder: Path) -> None:
        self.rig = rig
        self.folder = folder
        mirrors = MirrorPods(rig.client, rig.statuses, rig.clock, node=lambda: None, enabled=False)
        self.static = StaticPods(
            ManifestFolder(str(folder), "node-1", rig.clock),
            node_name="node-1",
            workers=rig.workers,
            statuses=rig.statuses,
            mirrors=mirrors,
            recorder=rig.events,
            clock=rig.clock,
        )

    def write(self, file: str, content: Any) -> None:
        text = content if isinstance(content, str) else yaml.safe_dump(content)
        (self.folder / file).write_text(text)

    async def sync(self, *, forget_broken: bool = True) -> None:
        self.static.sync(forget_broken=forget_broken)
        await self.rig.settle()

    def running(self) -> list[str]:
        """The pods whose containers run, with their containers' arguments."""
        sandboxes = {sandbox.id: sandbox.config.name for sandbox in self.rig.runtime.list_pod_sandboxes()}
        runs = [run for run in self.rig.runtime.list_containers() if run.state == "CONTAINER_RUNNING"]
        return sorted(" ".join([sandboxes[run.sandbox_id], *run.config.args]) for run in runs)


@pytest.fixture
async def files(tmp_path: Path) -> AsyncIterator[Files]:
    async with open_rig() as rig, asyncio.TaskGroup() as group:
        writing = group.create_task(rig.statuses.run())
        yield Files(rig, tmp_path)
        writing.cancel()


def pod(name: str = "web", *args: str, image: str = "idle", **spec: Any) -> dict[str, Any]:
    return manifest(name, containers=[{"name": "c", "image": image, "args": list(args)}], **spec)


async def test_add_change_and_remove(files: Files) -> None:
    """S19: the pod follows its file."""
    files.write("web.yaml", pod("web", "1"))
    files.write(".web.yaml.swp", pod("hidden"))
    (files.folder / "below").mkdir()
    await files.sync()
    assert files.running() == ["web-node-1 1"]
    files.write("web.yaml", pod("web", "2"))
    await files.sync()
    assert files.running() == ["web-node-1 2"]
    (files.folder / "web.yaml").unlink()
    await files.sync()
    assert files.running() == []
    assert files.rig.runtime.list_pod_sandboxes() == []


async def test_the_successor_waits_for_the_grace_period(files: Files) -> None:
    files.write("web.yaml", pod("web", "1", image="stubborn", terminationGracePeriodSeconds=20))
    await files.sync()
    files.write("web.yaml", pod("web", "2"))
    await files.sync()
    assert files.running() == ["web-node-1 1"]
    await files.rig.clock.advance(21)
    await files.rig.settle()
    assert files.running() == ["web-node-1 2"]


async def test_a_file_that_comes_back_while_its_pod_ends(files: Files) -> None:
    files.write("web.yaml", pod("web", "1", image="stubborn", terminationGracePeriodSeconds=20))
    await files.sync()
    content = (files.folder / "web.yaml").read_text()
    (files.folder / "web.yaml").unlink()
    await files.sync()
    files.write("web.yaml", content)
    await files.sync()
    await files.rig.clock.advance(21)
    await files.rig.settle()
    assert files.running() == ["web-node-1 1"]
    assert files.rig.reasons().count("Started") == 2


async def test_a_broken_file_is_told_once_while_the_others_run(files: Files) -> None:
    files.write("a.yaml", pod("a"))
    files.write("b.yaml", "kind: [")
    await files.sync()
    await files.sync()
    assert files.running() == ["a-node-1"]
    told = [entry for entry in files.rig.events.seen if entry.startswith("InvalidStaticPod")]
    assert len(told) == 1
    assert f"Could not process manifest file {files.folder}/b.yaml: error converting YAML" in told[0]
    files.write("b.yaml", pod("b"))
    await files.sync()
    assert files.running() == ["a-node-1", "b-node-1"]


async def test_a_file_that_breaks_keeps_its_pod_until_the_next_check(files: Files) -> None:
    files.write("a.yaml", pod("a"))
    await files.sync()
    files.write("a.yaml", "kind: [")
    await files.sync(forget_broken=False)
    assert files.running() == ["a-node-1"]
    await files.sync()
    assert files.running() == []


async def test_one_name_in_two_files(files: Files) -> None:
    files.write("a.yaml", pod("a", "1"))
    files.write("b.yaml", pod("a", "2"))
    await files.sync()
    assert files.running() == ["a-node-1 1"]
    assert any("pod default/a-node-1 is described by" in entry for entry in files.rig.events.seen)


async def test_always_restarted(files: Files) -> None:
    """S22: whatever restartPolicy says, with the back-off of every container."""
    files.write(
        "a.yaml", manifest("a", restartPolicy="Never", containers=[{"name": "c", "image": "ends", "args": ["0", "1"]}])
    )
    await files.sync()
    await files.rig.clock.advance(1)
    await files.rig.settle()
    assert files.rig.reasons().count("Started") == 2


async def test_the_folder_is_watched(files: Files, tmp_path: Path) -> None:
    """A change is noticed by itself; a folder that is not there yet is waited for."""
    folder = ManifestFolder(str(tmp_path), "node-1", files.rig.clock)
    changes = folder.changes()
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        first = group.create_task(_next(changes))
        number = 0
        while not first.done():
            # Until the watch is open, what is written is not noticed.
            files.write(f"{number}.yaml", pod(f"p{number}"))
            number += 1
            await asyncio.wait([first], timeout=0.3)
    assert first.result() is False
    await changes.aclose()


async def _next(changes: AsyncIterator[bool]) -> bool:
    return await anext(changes)
