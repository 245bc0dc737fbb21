"""Volumes of pods on a fake node, made from what a live API server has."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from apimachinery.types.pod import Pod
from kubeclient.client import Client
from kubeclient.resources import CONFIGMAPS, PODS, SECRETS
from kubelet.volumes import pod_directory
from tests.kubelet.builders import make_pod
from tests.kubelet.rig import Rig, open_rig
from tests.kubelet.volumes.pods import pod_with, start


@pytest.fixture
async def rig(apiserver: str) -> AsyncIterator[Rig]:
    async with open_rig(apiserver) as opened:
        yield opened


async def create_config_map(client: Client, namespace: str, name: str = "settings", **fields: Any) -> None:
    await client.create(CONFIGMAPS, {"metadata": {"name": name}, **fields}, namespace=namespace)


async def test_a_config_map_and_a_secret(rig: Rig, client: Client, namespace: str) -> None:
    await create_config_map(client, namespace, data={"colour": "blue", "size": "L"}, binaryData={"raw": "AP8="})
    secret = {"metadata": {"name": "passwords"}, "data": {"root": "MTIzNA==", "me": "bWU="}}
    await client.create(SECRETS, secret, namespace=namespace)
    items = [{"key": "root", "path": "deep/er/root", "mode": 0o400}, {"key": "me", "path": "me"}]
    pod = pod_with(
        namespace,
        {"name": "config", "configMap": {"name": "settings", "defaultMode": 0o640}},
        {"name": "secret", "secret": {"secretName": "passwords", "items": items}},
    )
    await start(rig, pod)
    assert await rig.output(pod, "cd /config; cat colour size; wc -c < raw; ls") == "blueL2\ncolour\nraw\nsize\n"
    assert await rig.output(pod, "stat -L -c '%a %U %n' /config/colour /secret/deep/er/root /secret/me") == (
        "640 root /config/colour\n400 root /secret/deep/er/root\n644 root /secret/me\n"
    )
    assert await rig.output(pod, "cat /secret/deep/er/root; readlink /secret/me; readlink /secret/deep") == (
        "1234..data/me\n..data/deep\n"
    )
    assert "Read-only file system" in await rig.output(pod, "echo x > /config/colour")


async def test_a_change_is_seen_by_all_pods_at_once(rig: Rig, client: Client, namespace: str) -> None:
    await create_config_map(client, namespace, data={"colour": "blue", "gone": ""})
    volume = {"name": "config", "configMap": {"name": "settings"}}
    pods = [pod_with(namespace, volume, name=f"web-{number}") for number in range(3)]
    for pod in pods:
        await start(rig, pod)
    before = await rig.output(pods[0], "readlink /config/..data")
    await client.patch(CONFIGMAPS, "settings", {"data": {"colour": "red", "gone": None}}, namespace=namespace)
    await rig.until(lambda: rig.runtime.host.read(_path(pods[2], "configmap", "config/colour")) == b"red")
    for pod in pods:
        assert await rig.output(pod, "cat /config/colour; ls /config") == "redcolour\n"
    assert await rig.output(pods[0], "readlink /config/..data") != before


def _path(pod: Pod, plugin: str, name: str) -> str:
    return f"{pod_directory(pod.metadata.uid)}/volumes/kubernetes.io~{plugin}/{name}"


async def test_a_pod_waits_for_what_is_missing(rig: Rig, client: Client, namespace: str) -> None:
    """Tried again after half a second, then after one, and so on; each try is an event."""
    pod = pod_with(namespace, {"name": "config", "configMap": {"name": "settings"}})
    failure = 'FailedMount: MountVolume.SetUp failed for volume "config" : configmap "settings" not found'
    await rig.add(pod)
    await rig.until(lambda: rig.events.seen == [failure])
    waiting = rig.container(pod).state.waiting
    assert waiting is not None
    assert waiting.reason == "ContainerCreating"
    await rig.clock.advance(0.5)
    await rig.until(lambda: rig.events.seen == [failure] * 2)
    await rig.clock.advance(0.9)
    assert len(rig.events.seen) == 2
    await create_config_map(client, namespace)
    await rig.clock.advance(0.1)
    await rig.until(lambda: rig.status(pod).phase == "Running")


async def test_a_pod_that_waits_for_long_says_so(rig: Rig, namespace: str) -> None:
    pod = pod_with(namespace, {"name": "config", "configMap": {"name": "settings"}})
    await rig.add(pod)
    await rig.until(lambda: len(rig.events.seen) == 1)
    for tries in range(8):
        await rig.clock.advance(0.5 * 2**tries)
        await rig.until(lambda tries=tries: len(rig.events.seen) >= 2 + tries)  # type: ignore[misc]
    assert rig.events.seen[-1] == (
        "FailedMount: Unable to attach or mount volumes: unmounted volumes=[config], unattached volumes=[], "
        "failed to process volumes=[]: context deadline exceeded"
    )


@pytest.mark.parametrize(
    ("volume", "message"),
    [
        pytest.param(
            {"configMap": {"name": "settings", "items": [{"key": "x", "path": "x"}]}},
            "references non-existent config key: x",
            id="config key",
        ),
        pytest.param(
            {"secret": {"secretName": "passwords", "items": [{"key": "x", "path": "x"}]}},
            "references non-existent secret key: x",
            id="secret key",
        ),
        pytest.param({"secret": {"secretName": "none"}}, 'secret "none" not found', id="no secret"),
        pytest.param(
            {"projected": {"sources": [{"configMap": {"name": "a"}}, {"secret": {"name": "b"}}]}},
            '[configmap "a" not found, secret "b" not found]',
            id="several",
        ),
        pytest.param(
            {"projected": {"sources": [{"clusterTrustBundle": {"name": "a", "path": "b"}}]}},
            "projected volume source clusterTrustBundle is not supported by this kubelet",
            id="a source nobody serves",
        ),
        pytest.param(
            {
                "downwardAPI": {
                    "items": [{"path": "x", "resourceFieldRef": {"containerName": "y", "resource": "limits.cpu"}}]
                }
            },
            "container y not found",
            id="no such container",
        ),
    ],
)
async def test_what_cannot_be_mounted(
    rig: Rig, client: Client, namespace: str, volume: dict[str, Any], message: str
) -> None:
    await create_config_map(client, namespace)
    await client.create(SECRETS, {"metadata": {"name": "passwords"}}, namespace=namespace)
    await rig.add(pod_with(namespace, {"name": "v", **volume}))
    await rig.until(lambda: bool(rig.events.seen))
    assert rig.events.seen == [f'FailedMount: MountVolume.SetUp failed for volume "v" : {message}']


async def test_optional_sources_come_and_go(rig: Rig, client: Client, namespace: str) -> None:
    items = [{"key": "colour", "path": "c"}, {"key": "size", "path": "s"}]
    pod = pod_with(
        namespace,
        {"name": "whole", "configMap": {"name": "settings", "optional": True}},
        {"name": "part", "configMap": {"name": "settings", "optional": True, "items": items}},
    )
    await start(rig, pod)
    assert await rig.output(pod, "ls /whole /part") == "/whole:\n\n/part:\n"
    await create_config_map(client, namespace, data={"colour": "blue"})
    await rig.until(lambda: rig.runtime.host.exists(_path(pod, "configmap", "part/c")))
    assert await rig.output(pod, "cat /whole/colour /part/c; ls /part") == "bluebluec\n"
    await client.delete(CONFIGMAPS, "settings", namespace=namespace)
    await rig.until(lambda: not rig.runtime.host.exists(_path(pod, "configmap", "part/c")))
    assert await rig.output(pod, "ls /whole /part") == "/whole:\n\n/part:\n"


async def test_files_stay_when_their_source_goes(rig: Rig, client: Client, namespace: str) -> None:
    await create_config_map(client, namespace, data={"colour": "blue"})
    pod = pod_with(namespace, {"name": "config", "configMap": {"name": "settings"}})
    await start(rig, pod)
    await client.delete(CONFIGMAPS, "settings", namespace=namespace)
    await rig.until(lambda: "FailedMount" in rig.reasons())
    assert await rig.output(pod, "cat /config/colour") == "blue"


async def test_what_a_pod_is_told_of_itself(rig: Rig, namespace: str) -> None:
    """S25: labels and annotations as files, brought up to date when they change."""
    items: list[dict[str, Any]] = [
        {"path": name, "fieldRef": {"fieldPath": f"metadata.{name}"}}
        for name in ("labels", "annotations", "name", "namespace", "uid", "labels['zone']")
    ]
    cpu = {"containerName": "web", "resource": "limits.cpu", "divisor": "1m"}
    items.append({"path": "cpu", "mode": 0o400, "resourceFieldRef": cpu})
    metadata = {"labels": {"zone": "eu", "app": "x"}, "annotations": {"note": 'say "hi"\n'}}
    pod = pod_with(namespace, {"name": "info", "downwardAPI": {"items": items}}, metadata=metadata)
    await start(rig, pod)
    assert await rig.output(pod, "cd /info; cat labels; echo; cat annotations") == (
        'app="x"\nzone="eu"\nnote="say \\"hi\\"\\n"'
    )
    assert await rig.output(pod, "cd /info; cat name namespace uid; cat \"labels['zone']\" cpu") == (
        f"web{namespace}uid-webeu4000"
    )
    changed = pod.model_copy(deep=True)
    changed.metadata.labels["zone"] = "us"
    await rig.update(pod, changed)
    assert await rig.output(pod, "cd /info; cat labels; cat \"labels['zone']\"") == 'app="x"\nzone="us"us'


async def test_a_projected_volume(rig: Rig, client: Client, namespace: str) -> None:
    """All sources in one folder; where two claim a path, the later one has it; ``fsGroup`` may read it."""
    await create_config_map(client, namespace, data={"a": "from config", "both": "config"})
    secret = {"metadata": {"name": "passwords"}, "data": {"both": "c2VjcmV0"}}
    await client.create(SECRETS, secret, namespace=namespace)
    sources = [
        {"configMap": {"name": "settings"}},
        {"secret": {"name": "passwords", "items": [{"key": "both", "path": "both", "mode": 0o400}]}},
        {"downwardAPI": {"items": [{"path": "d/name", "fieldRef": {"fieldPath": "metadata.name"}}]}},
    ]
    pod = pod_with(
        namespace,
        {"name": "all", "projected": {"sources": sources, "defaultMode": 0o600}},
        securityContext={"fsGroup": 2000},
    )
    await start(rig, pod)
    assert await rig.output(pod, "cd /all; ls; cat a both d/name") == "a\nboth\nd\nfrom configsecretweb"
    assert await rig.output(pod, "cd /all; stat -L -c '%a %g %n' . a both d d/name") == (
        "2777 2000 .\n640 2000 a\n440 2000 both\n2755 2000 d\n640 2000 d/name\n"
    )


async def test_volumes_go_with_their_pod(rig: Rig, client: Client, namespace: str) -> None:
    await create_config_map(client, namespace)
    pod = pod_with(
        namespace, {"name": "config", "configMap": {"name": "settings"}}, {"name": "scratch", "emptyDir": {}}
    )
    await start(rig, pod)
    assert rig.sources.statistics()["pods"] == 1
    await rig.remove(pod)
    await rig.until(lambda: len(rig.workers) == 0)
    assert not rig.runtime.host.exists(pod_directory(pod.metadata.uid))
    assert rig.sources.statistics() == {"followed": 0, "watches": 0, "pods": 0}


async def test_a_volume_that_nobody_mounts_is_not_missed(rig: Rig, namespace: str) -> None:
    pod = make_pod(metadata={"namespace": namespace}, volumes=[{"name": "v", "configMap": {"name": "none"}}])
    await start(rig, pod)
    assert "FailedMount" not in rig.reasons()


async def test_a_part_of_a_volume_is_not_brought_up_to_date(rig: Rig, client: Client, namespace: str) -> None:
    """As upstream: what a sub-path shows is the file that was there when the container was made."""
    await create_config_map(client, namespace, data={"colour": "blue"})
    pod = pod_with(namespace, {"name": "config", "configMap": {"name": "settings"}})
    part = pod.spec.containers[0].volume_mounts[0].model_copy(update={"mount_path": "/colour", "sub_path": "colour"})
    pod.spec.containers[0].volume_mounts.append(part)
    await start(rig, pod)
    await client.patch(CONFIGMAPS, "settings", {"data": {"colour": "red"}}, namespace=namespace)
    await rig.until(lambda: rig.runtime.host.read(_path(pod, "configmap", "config/colour")) == b"red")
    assert await rig.output(pod, "cat /config/colour /colour") == "redblue"


async def test_a_token_that_is_due_is_replaced(rig: Rig, client: Client, namespace: str) -> None:
    """To the clock of this node every token is from the future, and so is due whenever it is looked at."""
    spec = {"containers": [{"name": "web", "image": "pause"}], "nodeName": "n"}
    real = await client.create(PODS, {"metadata": {"name": "web"}, "spec": spec}, namespace=namespace)
    token = {"serviceAccountToken": {"path": "token", "expirationSeconds": 600}}
    pod = pod_with(
        namespace,
        {"name": "access", "projected": {"sources": [token]}},
        metadata={"uid": real.metadata.uid},
        serviceAccountName="default",
        securityContext={"runAsUser": 1000, "fsGroup": 2000},
    )
    await start(rig, pod)
    first = await rig.output(pod, "cat /access/token")
    assert first.count(".") == 2
    assert await rig.output(pod, "stat -L -c '%a %u %g' /access/token") == "640 1000 2000\n"
    await rig.clock.advance(59)
    assert await rig.output(pod, "cat /access/token") == first
    await rig.clock.advance(1)
    path = _path(pod, "projected", "access/token")
    await rig.until(lambda: rig.runtime.host.read(path) != first.encode())
    assert (await rig.output(pod, "cat /access/token")).count(".") == 2
