"""Volumes of the node, of claims, of images and of memory, in pods on a fake node beside a live API server."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from apimachinery.types.pod import EphemeralContainer
from apimachinery.types.volumes import Volume
from kubeclient.client import Client
from kubeclient.resources import PERSISTENT_VOLUME_CLAIMS
from kubelet.volumes import volume_directory
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Rig, open_rig
from tests.kubelet.volumes.claims import bind, create_claim, unprocessed
from tests.kubelet.volumes.pods import pod_with, start


@pytest.fixture
async def rig(apiserver: str) -> AsyncIterator[Rig]:
    async with open_rig(apiserver) as opened:
        yield opened


async def test_containers_of_a_pod_share_a_volume(rig: Rig) -> None:
    """S4: a file that one container writes is read by the other, and outlives both but not the pod."""
    mounts = [{"name": "v", "mountPath": "/data"}]
    stay = {"image": "busybox", "command": ["sleep", "1000000"], "volumeMounts": mounts}
    pod = make_pod(container("a", **stay), container("b", **stay), volumes=[{"name": "v", "emptyDir": {}}])
    await start(rig, pod)
    assert await rig.output(pod, "echo hello > /data/file; stat -c %a /data", "a") == "777\n"
    assert await rig.output(pod, "cat /data/file", "b") == "hello\n"
    for run in rig.runtime.list_containers():
        rig.runtime.kill_container(run.id, 9)
    await rig.settle()
    await rig.clock.advance(10)
    assert await rig.output(pod, "cat /data/file", "a") == "hello\n"
    assert rig.volumes.usage(pod) == {"v": 6}
    await rig.remove(pod)
    assert not rig.runtime.host.exists(volume_directory(pod.metadata.uid, "v"))


async def test_memory(rig: Rig) -> None:
    pod = pod_with("default", {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}})
    await start(rig, pod)
    shown = await rig.output(pod, "mount | grep shm; df /shm")
    assert shown == (
        "tmpfs on /shm type tmpfs (rw,relatime,size=1024k)\n"
        "Filesystem           1K-blocks      Used Available Use% Mounted on\n"
        "tmpfs                     1024         0      1024   0% /shm\n"
    )
    rig.runtime.host.write(f"{volume_directory(pod.metadata.uid, 'shm')}/x", bytes(2**20))
    assert await rig.output(pod, "wc -c < /shm/x; echo more 2>&1 > /shm/y || echo $?") == (
        "1048576\n1\nsh: echo: write error: No space left on device\n"
    )
    assert rig.volumes.usage(pod) == {"shm": 2**20}


async def test_the_group_of_a_pod_owns_its_empty_folders(rig: Rig) -> None:
    pod = pod_with("default", {"name": "v", "emptyDir": {}}, securityContext={"fsGroup": 2000, "runAsUser": 1000})
    await start(rig, pod)
    assert await rig.output(pod, "echo > /v/file; stat -c '%a %g' /v; stat -c '%u %g' /v/file") == (
        "2777 2000\n1000 2000\n"
    )


async def test_pods_meet_in_a_folder_of_the_node(rig: Rig) -> None:
    volume = {"name": "v", "hostPath": {"path": "/srv/shared", "type": "DirectoryOrCreate"}}
    one, other = pod_with("default", volume, name="one"), pod_with("default", volume, name="other")
    await start(rig, one)
    await start(rig, other)
    await rig.output(one, "echo hello > /v/file")
    assert await rig.output(other, "cat /v/file") == "hello\n"
    await rig.remove(one)
    assert await rig.output(other, "cat /v/file") == "hello\n"


async def test_a_path_that_is_not_what_it_should_be(rig: Rig) -> None:
    await rig.add(pod_with("default", {"name": "v", "hostPath": {"path": "/srv/none", "type": "File"}}))
    failure = "hostPath type check failed: /srv/none is not a file"
    assert rig.events.seen == [f'FailedMount: MountVolume.SetUp failed for volume "v" : {failure}']


async def test_a_claim_that_is_about_to_be_bound(rig: Rig, client: Client, namespace: str) -> None:
    pod = pod_with(namespace, {"name": "v", "persistentVolumeClaim": {"claimName": "data"}})
    await create_claim(client, namespace, "data")
    await rig.add(pod)
    await rig.until(lambda: bool(rig.clock.sleepers))
    await bind(client, namespace, "data", f"{namespace}-pv", csi={"driver": "x", "volumeHandle": "y"})
    # A few looks later at most, and nothing has been complained about.
    for _ in range(4):
        await rig.clock.advance(0.5)
    await rig.until(lambda: bool(rig.running()))
    assert [event for event in rig.events.seen if event.startswith("FailedMount")] == []


async def test_a_claim_that_nobody_binds(rig: Rig, client: Client, namespace: str) -> None:
    await create_claim(client, namespace, "data")
    await rig.add(pod_with(namespace, {"name": "v", "persistentVolumeClaim": {"claimName": "data"}}))
    complaint = unprocessed(f"error processing PVC {namespace}/data: PVC is not bound")
    # The server answers in its own time, however fast the kubelet's goes.
    async with asyncio.timeout(30):
        while complaint not in rig.events.seen:
            await rig.clock.advance(0.5)


async def test_a_pod_waits_for_its_claim(rig: Rig, client: Client, namespace: str) -> None:
    pod = pod_with(namespace, {"name": "v", "persistentVolumeClaim": {"claimName": "data"}})
    about = f"error processing PVC {namespace}/data"
    await rig.add(pod)
    await rig.until(lambda: len(rig.events.seen) == 1)
    missing = 'failed to fetch PVC from API server: persistentvolumeclaims "data" not found'
    assert rig.events.seen == [unprocessed(f"{about}: {missing}")]
    await create_claim(client, namespace, "data")
    await rig.clock.advance(10)
    await rig.until(lambda: len(rig.events.seen) == 2)
    assert rig.events.seen[1] == unprocessed(f"{about}: PVC is not bound")
    await bind(client, namespace, "data", f"{namespace}-pv", csi={"driver": "x", "volumeHandle": "y"})
    await rig.clock.advance(10)
    await rig.until(lambda: bool(rig.running()))
    await rig.output(pod, "echo kept > /v/file")
    await rig.remove(pod)
    again = pod_with(namespace, {"name": "v", "persistentVolumeClaim": {"claimName": "data"}}, name="again")
    await start(rig, again)
    assert await rig.output(again, "cat /v/file") == "kept\n"


@pytest.mark.parametrize(
    ("source", "claim", "path", "writable"),
    [
        pytest.param({"hostPath": {"path": "/srv/pv"}}, {}, "/srv/pv", True, id="hostPath"),
        pytest.param({"hostPath": {"path": "/srv/pv"}}, {"readOnly": True}, "/srv/pv", False, id="read-only claim"),
        pytest.param({"nfs": {"server": "s", "path": "/x", "readOnly": True}}, {}, "", False, id="read-only source"),
        pytest.param(
            {
                "local": {"path": "/mnt/disk"},
                "nodeAffinity": {
                    "required": {
                        "nodeSelectorTerms": [
                            {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "Exists"}]}
                        ]
                    }
                },
            },
            {},
            "/mnt/disk",
            True,
            id="local",
        ),
    ],
)
async def test_what_a_claim_stands_for(
    rig: Rig,
    client: Client,
    namespace: str,
    source: dict[str, Any],
    claim: dict[str, Any],
    path: str,
    writable: bool,
) -> None:
    await create_claim(client, namespace, "data")
    await bind(client, namespace, "data", f"{namespace}-pv", **source)
    pod = pod_with(namespace, {"name": "v", "persistentVolumeClaim": {"claimName": "data", **claim}})
    await start(rig, pod)
    complaint = await rig.output(pod, "echo x > /v/file")
    assert (complaint == "") is writable
    assert rig.runtime.host.exists(f"{path or f'/var/lib/kubemu/pv/{namespace}-pv'}/file") is writable


async def test_a_volume_that_is_another_claims(rig: Rig, client: Client, namespace: str) -> None:
    await create_claim(client, namespace, "data")
    await create_claim(client, namespace, "other")
    await bind(client, namespace, "other", f"{namespace}-pv", hostPath={"path": "/srv/pv"})
    patch = {"spec": {"volumeName": f"{namespace}-pv"}}
    await client.patch(PERSISTENT_VOLUME_CLAIMS, "data", patch, namespace=namespace)
    bound = {"status": {"phase": "Bound"}}
    await client.patch(PERSISTENT_VOLUME_CLAIMS, "data", bound, namespace=namespace, subresource="status")
    await rig.add(pod_with(namespace, {"name": "v", "persistentVolumeClaim": {"claimName": "data"}}))
    await rig.until(lambda: len(rig.events.seen) == 1)
    assert "does not point to claim.UID" in rig.events.seen[0]


async def test_an_ephemeral_volume_has_a_claim_of_the_pods_own(rig: Rig, client: Client, namespace: str) -> None:
    template = {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
    pod = pod_with(namespace, {"name": "v", "ephemeral": {"volumeClaimTemplate": template}})
    await create_claim(client, namespace, "web-v")
    await rig.add(pod)
    await rig.until(lambda: len(rig.events.seen) == 1)
    stranger = f"PVC {namespace}/web-v was not created for pod {namespace}/web (pod is not owner)"
    assert rig.events.seen == [unprocessed(stranger)]
    # Nobody is there who would let go of a protected claim.
    unprotected = {"metadata": {"finalizers": None}}
    await client.patch(PERSISTENT_VOLUME_CLAIMS, "web-v", unprotected, namespace=namespace)
    await client.delete(PERSISTENT_VOLUME_CLAIMS, "web-v", namespace=namespace)
    owner = {"apiVersion": "v1", "kind": "Pod", "name": "web", "uid": pod.metadata.uid, "controller": True}
    await create_claim(client, namespace, "web-v", ownerReferences=[owner])
    await bind(client, namespace, "web-v", f"{namespace}-pv", hostPath={"path": "/var/lib/kubemu/pv/web-v"})
    await rig.clock.advance(10)
    await rig.until(lambda: bool(rig.running()))
    assert await rig.output(pod, "echo x > /v/file; stat -c %a /v") == "777\n"


async def test_an_image_as_a_volume(rig: Rig) -> None:
    """Pulled as a container's image is, and mounted to be read."""
    pod = pod_with("default", {"name": "v", "image": {"reference": "nginx", "pullPolicy": "Always"}})
    pod.spec.containers[0].volume_mounts[0].sub_path = "usr/share/nginx"
    await start(rig, pod)
    assert await rig.output(pod, "ls /v; ls /v/html") == "html\nindex.html\n"
    assert "Read-only" in await rig.output(pod, "echo x > /v/x")
    assert next(entry for entry in rig.events.seen if '"nginx"' in entry) == 'Pulling: Pulling image "nginx"'
    assert sum('Pulling: Pulling image "nginx"' in entry for entry in rig.events.seen) == 1


@pytest.mark.parametrize(
    ("image", "sub_path", "reason"),
    [
        pytest.param({"reference": "nginx:404"}, "", "ErrImagePull", id="cannot be pulled"),
        pytest.param({"reference": "nginx", "pullPolicy": "Never"}, "", "ErrImageNeverPull", id="may not be pulled"),
        pytest.param({"reference": "UPPER:x:y"}, "", "InvalidImageName", id="no name"),
        pytest.param({"reference": "nginx"}, "none", "CreateContainerError", id="no such part"),
    ],
)
async def test_an_image_that_cannot_be_mounted(rig: Rig, image: dict[str, str], sub_path: str, reason: str) -> None:
    pod = pod_with("default", {"name": "v", "image": {"pullPolicy": "IfNotPresent", **image}})
    pod.spec.containers[0].volume_mounts[0].sub_path = sub_path
    await rig.add(pod)
    await rig.settle()
    waiting = rig.container(pod).state.waiting
    assert waiting is not None
    assert waiting.reason == reason


async def test_variables_from_a_file_that_an_init_container_writes(rig: Rig) -> None:
    """The container that takes them does not mount the volume."""
    script = "echo \"COLOUR='dark blue'\" > /config/env; ln -s /env /config/link"
    mounts = [{"name": "config", "mountPath": "/config"}]
    writer = container("setup", image="busybox", command=["sh", "-c", script], volumeMounts=mounts)
    reference = {"volumeName": "config", "path": "link", "key": "COLOUR"}
    variable = {"name": "COLOUR", "valueFrom": {"fileKeyRef": reference}}
    reader = container(image="busybox", command=["sleep", "1000000"], env=[variable])
    pod = make_pod(reader, init=(writer,), volumes=[{"name": "config", "emptyDir": {}}])
    await start(rig, pod)
    assert await rig.output(pod, 'echo "$COLOUR"; ls /config') == "dark blue\nls: /config: No such file or directory\n"


async def test_a_container_that_is_added_may_mount_what_nobody_did(rig: Rig) -> None:
    mounted = {"name": "used", "emptyDir": {}}
    pod = pod_with("default", mounted)
    other = Volume.model_validate({"name": "other", "emptyDir": {}})
    pod.spec.volumes.append(other)
    await start(rig, pod)
    assert not rig.runtime.host.exists(volume_directory(pod.metadata.uid, "other"))
    added = pod.model_copy(deep=True)
    added.metadata.generation += 1
    mounts = [{"name": "other", "mountPath": "/other"}]
    debugger = container("debugger", image="busybox", command=["sleep", "1000000"], volumeMounts=mounts)
    added.spec.ephemeral_containers.append(EphemeralContainer.model_validate(debugger))
    await rig.update(pod, added)
    await rig.until(lambda: "debugger" in rig.running())
    assert await rig.output(pod, "ls -d /other", "debugger") == "/other\n"
