"""Clusters in the background, and the ends of clusters: what is told and what is left."""

import json
import os
import signal
from pathlib import Path

import pytest
import yaml

from componentbase.running import started_at
from kubemu.up.records import Record, Records
from tests.kubemu.commands.clusters import SECONDS, Kubemu
from tests.live.waiting import eventually

CONFIG = (
    "apiVersion: v1\nkind: Config\nclusters: [{name: prod, cluster: {server: https://prod}}]\ncontexts: []\nusers: []\n"
    "current-context: prod\n"
)


def test_a_cluster_in_the_background(kubemu: Kubemu) -> None:
    ready = json.loads(kubemu.run("up", "--detach", "--output", "json"))
    try:
        told = json.loads(kubemu.run("status", "default", "-o", "json"))
        assert (told["state"], told["pid"], told["nodesReady"]) == ("running", ready["pid"], 1)
        assert "default: running" in kubemu.run("status")
        assert "Error: a cluster default runs already" in kubemu.run("up", "-d", "--name", "default", status=1)
        assert kubemu.run("down") == "default is down\n"
        assert not started_at(ready["pid"])
    finally:
        if kubemu.left():
            os.kill(ready["pid"], signal.SIGKILL)
    assert kubemu.left() == []
    assert "no cluster runs" in kubemu.run("status", status=1)
    assert "no cluster gone runs" in kubemu.run("down", "gone", status=1)


@pytest.mark.slow
def test_a_cluster_that_was_killed_is_no_more(kubemu: Kubemu) -> None:
    process, _ = kubemu.up("--name", "one")
    process.kill()
    assert kubemu.left() == ["one.json", "one.kubeconfig"]
    assert "no cluster runs" in kubemu.run("status", status=1)
    # Its name and its files are the next one's.
    process, _ = kubemu.up("--name", "one")
    assert process.stop(SECONDS) == 0
    assert kubemu.left() == []


@pytest.mark.slow
def test_what_a_killed_cluster_has_left_can_be_cleared(kubemu: Kubemu, tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(CONFIG)
    process, _ = kubemu.up("--name", "one", "--merge", "--kubeconfig", str(path))
    process.kill()
    assert "kubemu-one" in path.read_text()
    assert "no cluster one runs" in kubemu.run("down", "one", status=1)
    assert kubemu.left() == []
    assert yaml.safe_load(path.read_text()) == yaml.safe_load(CONFIG)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
async def test_who_gives_up_waiting_leaves_no_cluster(kubemu: Kubemu, number: signal.Signals) -> None:
    """A cluster in the background of which nobody was told would stay for ever."""
    process = kubemu.start("up", "--detach", "--init-hook", "exec sleep 1000")

    async def starting() -> Record:
        found = Records(kubemu.folder).read("default")
        assert found is not None
        return found

    record = await eventually(starting, timeout=SECONDS)
    process.send_signal(number)
    assert process.wait(SECONDS) != 0

    async def gone() -> bool:
        return not record.running and kubemu.left() == []

    await eventually(gone, timeout=SECONDS)


def test_a_context_among_others_comes_and_goes(kubemu: Kubemu, tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(CONFIG)
    kubemu.env["KUBECONFIG"] = str(path)
    # Hooks speak to the new cluster all the same.
    hook = """grep -q 'current-context: "kubemu-mine"' "$KUBECONFIG\""""
    process, ready = kubemu.up("--merge", "--name", "mine", "--init-hook", hook)
    assert ready["kubeconfig"] == str(path)
    merged = yaml.safe_load(path.read_text())
    assert [entry["name"] for entry in merged["clusters"]] == ["prod", "kubemu-mine"]
    assert merged["current-context"] == "prod"
    process.send_signal(signal.SIGINT)
    assert process.wait(SECONDS) == 0
    assert yaml.safe_load(path.read_text()) == yaml.safe_load(CONFIG)
    assert sorted(os.listdir(tmp_path)) == ["config"]


@pytest.mark.slow
def test_a_start_that_fails_leaves_nothing(kubemu: Kubemu) -> None:
    hook = 'test -s "$KUBECONFIG" && echo "no use: $KUBEMU_SERVER" && exit 3'
    process = kubemu.start("up", "--init-hook", hook)
    assert process.wait(SECONDS) == 1
    assert process.stderr[0].endswith("ended with status 3:")
    assert process.stderr[1].startswith("no use: http://127.0.0.1:")
    assert kubemu.left() == []


@pytest.mark.slow
def test_what_is_there_from_the_start(kubemu: Kubemu, tmp_path: Path) -> None:
    """Manifests, definitions first, then hooks; and a reset leads back there."""
    definition = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.com}\n"
        "spec: {group: example.com, scope: Namespaced, names: {plural: things, kind: Thing}, versions: [{name: v1, "
        "served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}\n"
    )
    thing = "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: one, namespace: shop}\n"
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
    (tmp_path / "all.yaml").write_text("---\n".join((thing, namespace, definition)))
    seen = tmp_path / "seen"
    kubemu.up("--manifests", str(tmp_path / "all.yaml"), "--init-hook", f'cat "$KUBECONFIG" > {seen}')
    assert "kubemu-default" in seen.read_text()
    assert kubemu.run("get", "things", "-n", "shop", "-o", "name") == "thing.example.com/one\n"
    kubemu.run("apply", "-f", "-", stdin=thing.replace("one", "two"))
    kubemu.run("reset")
    assert kubemu.run("get", "things", "-n", "shop", "-o", "name") == "thing.example.com/one\n"
