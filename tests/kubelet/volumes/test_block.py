"""Volumes as devices, in pods on a fake node beside a live API server."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from apimachinery.types.pod import Container, Pod
from apimachinery.types.storage import PersistentVolume
from kubeclient.client import Client
from kubelet.environment import ConfigError
from kubelet.runtime import Device
from kubelet.volumes import pod_directory
from kubelet.volumes.block import container_devices, global_map_path, has_source, wrong_use
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Rig, open_rig
from tests.kubelet.volumes.claims import bind, create_claim, unprocessed
from tests.kubelet.volumes.pods import pod_with, start

CLAIM = {"name": "v", "persistentVolumeClaim": {"claimName": "data"}}
ANYWHERE = {
    "required": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "Exists"}]}]}
}


@pytest.fixture
async def rig(apiserver: str) -> AsyncIterator[Rig]:
    async with open_rig(apiserver) as opened:
        yield opened


def pod_with_device(namespace: str, volume: dict[str, Any], name: str = "web") -> Pod:
    """A pod that stays up and has the volume ``v`` at ``/dev/xvda``."""
    devices = [{"name": "v", "devicePath": "/dev/xvda"}]
    idler = container(image="busybox", command=["sleep", "1000000"], volumeDevices=devices)
    return make_pod(idler, name=name, volumes=[volume], metadata={"namespace": namespace})


@pytest.mark.parametrize(
    ("mode", "uses", "wrong"),
    [
        pytest.param("Block", {"mapped"}, "", id="a device"),
        pytest.param("Filesystem", {"mounted"}, "", id="a folder"),
        pytest.param("Filesystem", set(), "", id="variables from a file"),
        pytest.param("Block", {"mounted"}, "volume v has volumeMode Block, but is specified in volumeMounts",
                     id="mounted"),
        pytest.param("Filesystem", {"mapped"}, "volume v has volumeMode Filesystem, but is specified in volumeDevices",
                     id="mapped"),
        pytest.param("Block", {"mapped", "mounted"}, "volume v has volumeMode Block, but is specified in volumeMounts",
                     id="both ways"),
    ],
)  # fmt: skip
def test_how_a_volume_is_used(mode: str, uses: set[str], wrong: str) -> None:
    assert wrong_use("v", mode, mounted="mounted" in uses, mapped="mapped" in uses) == wrong


@pytest.mark.parametrize(
    ("path", "links", "devices"),
    [
        pytest.param("/dev/a", {"v": ("/link", False)}, (Device("/dev/a", "/link", "mrw"),), id="to be written"),
        pytest.param("/dev/a", {"v": ("/link", True)}, (Device("/dev/a", "/link", "r"),), id="to be read"),
        pytest.param("/dev/a", {}, 'cannot find volume "v" to pass into container "c"', id="no such device"),
        pytest.param("dev", {"v": ("/link", True)}, "error DevicePath `dev` must be an absolute path", id="relative"),
    ],
)
def test_what_devices_a_container_has(path: str, links: dict[str, tuple[str, bool]], devices: object) -> None:
    volume_devices = [{"name": "v", "devicePath": path}]
    user = Container.model_validate({"name": "c", "image": "busybox", "volumeDevices": volume_devices})
    if isinstance(devices, str):
        with pytest.raises(ConfigError, match=devices.split(" must")[0]):
            container_devices(user, links)
    else:
        assert container_devices(user, links) == devices


@pytest.mark.parametrize(
    ("plugin", "folder"),
    [
        pytest.param("csi", "/var/lib/kubelet/plugins/kubernetes.io/csi/volumeDevices/pv/dev", id="csi"),
        pytest.param("fc", "/var/lib/kubelet/plugins/kubernetes.io~fc/volumeDevices/pv", id="another"),
    ],
)
def test_where_all_pods_have_a_device(plugin: str, folder: str) -> None:
    assert global_map_path(f"/var/lib/kubelet/pods/uid/volumeDevices/kubernetes.io~{plugin}/pv") == folder


@pytest.mark.parametrize(
    ("source", "asked", "found"),
    [
        pytest.param({"hostPath": {"path": "/x"}}, "hostPath", True, id="hostPath"),
        pytest.param({"local": {"path": "/x"}}, "local", True, id="local"),
        pytest.param({"local": {"path": "/x"}}, "hostPath", False, id="another"),
        pytest.param({}, "csi", False, id="none"),
    ],
)
def test_what_a_volume_is_made_from(source: dict[str, Any], asked: str, found: bool) -> None:
    assert has_source(PersistentVolume.model_validate({"metadata": {"name": "x"}, "spec": source}), asked) is found


@pytest.mark.parametrize(
    ("source", "path", "plugin"),
    [
        pytest.param({"hostPath": {"path": "/dev/sdb"}}, "/dev/sdb", "kubernetes.io~host-path", id="hostPath"),
        pytest.param({"local": {"path": "/mnt/disk"}, "nodeAffinity": ANYWHERE}, "/mnt/disk",
                     "kubernetes.io~local-volume", id="local"),
        pytest.param({"csi": {"driver": "x", "volumeHandle": "y"}}, "", "kubernetes.io~csi", id="csi"),
    ],
)  # fmt: skip
async def test_a_claim_as_a_device(
    rig: Rig, client: Client, namespace: str, source: dict[str, Any], path: str, plugin: str
) -> None:
    """What one pod writes another one finds, there and later."""
    await create_claim(client, namespace, "data", mode="Block")
    await bind(client, namespace, "data", f"{namespace}-pv", volumeMode="Block", **source)
    first, second = pod_with_device(namespace, CLAIM, "first"), pod_with_device(namespace, CLAIM, "second")
    await start(rig, first)
    seen = (
        "test -b /dev/xvda && stat -c %F /dev/xvda; blockdev --getsize64 /dev/xvda; head -c 4 /dev/xvda | od -An -tx1"
    )
    assert await rig.output(first, seen) == "block special file\n1073741824\n 00 00 00 00\n"
    assert await rig.output(first, "echo kept | dd of=/dev/xvda bs=512 seek=100 status=none") == ""
    await start(rig, second)
    reading = "dd if=/dev/xvda bs=512 skip=100 count=1 status=none | head -n 1"
    assert await rig.output(second, reading) == "kept\n"
    done = f'SuccessfulMountVolume: MapVolume.MapPodDevice succeeded for volume "{namespace}-pv"'
    folders = [event.split('"')[3] for event in rig.events.seen if event.startswith(done)]
    shared, own = folders[:2]
    assert (folders[2], own) == (shared, f"{pod_directory(first.metadata.uid)}/volumeDevices/{plugin}")
    host = rig.runtime.host
    assert host.listdir(shared) == sorted([first.metadata.uid, second.metadata.uid])
    await rig.remove(first)
    assert host.listdir(shared) == [second.metadata.uid]
    assert not host.exists(pod_directory(first.metadata.uid))
    assert await rig.output(second, reading) == "kept\n"
    await rig.remove(second)
    again = pod_with_device(namespace, CLAIM, "again")
    await start(rig, again)
    assert await rig.output(again, reading) == "kept\n"
    assert host.stat(path or f"/var/lib/kubemu/pv/{namespace}-pv").mode & 0o170000 == 0o060000
    assert [event for event in rig.events.seen if "Failed" in event] == []


async def test_a_claim_that_is_only_read(rig: Rig, client: Client, namespace: str) -> None:
    await create_claim(client, namespace, "data", mode="Block")
    await bind(client, namespace, "data", f"{namespace}-pv", volumeMode="Block", hostPath={"path": "/dev/sdb"})
    volume = {"name": "v", "persistentVolumeClaim": {"claimName": "data", "readOnly": True}}
    pod = pod_with_device(namespace, volume)
    await start(rig, pod)
    output = await rig.output(pod, "head -c 1 /dev/xvda | wc -c; echo x > /dev/xvda")
    assert output == "1\nsh: can't create /dev/xvda: Operation not permitted\n"


async def test_an_ephemeral_volume_as_a_device(rig: Rig, client: Client, namespace: str) -> None:
    spec = {"accessModes": ["ReadWriteOnce"], "volumeMode": "Block", "resources": {"requests": {"storage": "1Gi"}}}
    pod = pod_with_device(namespace, {"name": "v", "ephemeral": {"volumeClaimTemplate": {"spec": spec}}})
    owner = {"apiVersion": "v1", "kind": "Pod", "name": "web", "uid": pod.metadata.uid, "controller": True}
    await create_claim(client, namespace, "web-v", mode="Block", ownerReferences=[owner])
    source = {"csi": {"driver": "x", "volumeHandle": "y"}}
    await bind(client, namespace, "web-v", f"{namespace}-pv", volumeMode="Block", **source)
    await start(rig, pod)
    assert await rig.output(pod, "ls -l /dev/xvda | cut -c1; echo x > /dev/xvda; head -n 1 /dev/xvda") == "b\nx\n"


@pytest.mark.parametrize(
    ("mode", "as_device", "complaint"),
    [
        pytest.param("Block", False, "volume v has volumeMode Block, but is specified in volumeMounts", id="mounted"),
        pytest.param("Filesystem", True, "volume v has volumeMode Filesystem, but is specified in volumeDevices",
                     id="a device"),
    ],
)  # fmt: skip
async def test_a_claim_that_is_used_the_wrong_way(
    rig: Rig, client: Client, namespace: str, mode: str, as_device: bool, complaint: str
) -> None:
    await create_claim(client, namespace, "data", mode=mode)
    await bind(client, namespace, "data", f"{namespace}-pv", volumeMode=mode, hostPath={"path": "/dev/sdb"})
    await rig.add(pod_with_device(namespace, CLAIM) if as_device else pod_with(namespace, CLAIM))
    await rig.until(lambda: len(rig.events.seen) == 1)
    assert rig.events.seen == [unprocessed(complaint)]


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        pytest.param({"hostPath": {"path": "/srv"}},
                     "MapBlockVolume failed for volume {!r} : /srv is not a block device",
                     id="a folder"),
        pytest.param({"nfs": {"server": "s", "path": "/x"}},
                     "FindMapperPluginBySpec failed for volume {!r} : failed to find BlockVolumeMapper plugin. "
                     "Volume plugin is nil.", id="no devices"),
    ],
)  # fmt: skip
async def test_what_cannot_be_a_device(
    rig: Rig, client: Client, namespace: str, source: dict[str, Any], complaint: str
) -> None:
    await create_claim(client, namespace, "data", mode="Block")
    await bind(client, namespace, "data", f"{namespace}-pv", volumeMode="Block", **source)
    await rig.add(pod_with_device(namespace, CLAIM))
    await rig.until(lambda: len(rig.events.seen) == 1)
    expected = complaint.format(f"{namespace}-pv").replace("'", '"')
    assert rig.events.seen == [f"FailedMapVolume: MapVolume.{expected}"]
