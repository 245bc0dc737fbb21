"""Volumes and variables of pods, all components processes, as the pages of the Kubernetes documentation use them."""

import base64
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from kubeclient.client import Client
from kubeclient.resources import CONFIGMAPS, PERSISTENT_VOLUME_CLAIMS, PODS, SECRETS, STORAGE_CLASSES
from tests.live import Cluster
from tests.live.addresses import own_range
from tests.live.node import NAMESPACE, NodeRig, start_kubelet

NODE = "node-1"
CIDR = own_range(28)


class Rig(NodeRig):
    """A kubelet that shows a real folder, in the cluster of this module's tests."""

    def __init__(self, cluster: Cluster, client: Client, shown: Path) -> None:
        super().__init__(client, NODE)
        self.cluster = cluster
        self.shown = shown

    def restart_kubelet(self) -> None:
        self.cluster.components[-1].kill()
        start(self.cluster, self.shown)

    async def said(self, name: str, script: str, **spec: Any) -> str:
        """Run a shell script in a pod to its end, and return what it prints."""
        return await self.output(name, f"{{ {script}; }} > /dev/termination-log", **spec)


def start(cluster: Cluster, shown: Path) -> None:
    start_kubelet(cluster, NODE, "--cpu", "2", "--expose-host-path", f"/srv/shown={shown}")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the real machine."""
    folder = tmp_path_factory.mktemp("shown")
    (folder / "page.html").write_text("from the real machine")
    return folder


@pytest.fixture(scope="module")
def running(shown: Path) -> Iterator[Cluster]:
    cluster = Cluster()
    # The tests give the node its range.
    cluster.start("controller_manager", "--controllers", "*,-node-ipam-controller")
    start(cluster, shown)
    yield cluster
    cluster.stop()


@pytest.fixture
async def rig(running: Cluster, shown: Path) -> AsyncIterator[Rig]:
    async with Client(running.url) as client:
        opened = Rig(running, client, shown)
        await opened.until_node_ready(CIDR)
        yield opened


def mounting(*names: str, **container: Any) -> dict[str, Any]:
    """A container that mounts volumes at ``/NAME``."""
    return {"volumeMounts": [{"name": name, "mountPath": f"/{name}"} for name in names], **container}


async def test_a_pod_is_told_what_it_is_and_what_it_is_given(rig: Rig) -> None:
    """S23, S24, S25: ConfigMaps, Secrets and the downward API as variables and as files."""
    config = {"metadata": {"name": "special-config"}, "data": {"special.how": "very", "LEVEL": "INFO"}}
    await rig.client.create(CONFIGMAPS, config, namespace=NAMESPACE)
    secret = {"metadata": {"name": "mysecret"}, "stringData": {"username": "admin", "password": "s3cret"}}
    await rig.client.create(SECRETS, secret, namespace=NAMESPACE)

    def field(name: str, path: str) -> dict[str, Any]:
        return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}

    def resource(name: str, path: str, divisor: str) -> dict[str, Any]:
        return {"name": name, "valueFrom": {"resourceFieldRef": {"resource": path, "divisor": divisor}}}

    items = [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]
    sources = [
        {"secret": {"name": "mysecret", "items": [{"key": "username", "path": "my-group/my-username"}]}},
        {"configMap": {"name": "special-config", "items": [{"key": "special.how", "path": "my-group/my-config"}]}},
    ]
    said = await rig.said(
        "told",
        'echo "$POD_NAME $POD_NAMESPACE $NODE_NAME $CPU $MEMORY $HOW $SPECIAL_LEVEL"; [ "$POD_IP" ] && echo ip; '
        "cat /secret/password; echo; cat /info/labels; echo; cat /all/my-group/my-username /all/my-group/my-config; "
        "ls /config",
        container=mounting(
            "secret",
            "info",
            "all",
            "config",
            env=[
                field("POD_NAME", "metadata.name"),
                field("POD_NAMESPACE", "metadata.namespace"),
                field("NODE_NAME", "spec.nodeName"),
                field("POD_IP", "status.podIP"),
                resource("CPU", "limits.cpu", "1m"),
                resource("MEMORY", "requests.memory", "1Mi"),
                {
                    "name": "HOW",
                    "valueFrom": {"configMapKeyRef": {"name": "special-config", "key": "special.how"}},
                },
            ],
            envFrom=[{"prefix": "SPECIAL_", "configMapRef": {"name": "special-config"}}],
            resources={"requests": {"memory": "64Mi"}},
        ),
        volumes=[
            {"name": "secret", "secret": {"secretName": "mysecret"}},
            {"name": "info", "downwardAPI": {"items": items}},
            {"name": "all", "projected": {"sources": sources}},
            {"name": "config", "configMap": {"name": "special-config"}},
        ],
    )
    assert said == (f'told {NAMESPACE} {NODE} 2000 64 very INFO\nip\ns3cret\napp="told"\nadminveryLEVEL\nspecial.how\n')


async def test_a_running_container_sees_what_changes(rig: Rig) -> None:
    """S25: the container ends only once it has seen both changes."""
    config = {"metadata": {"name": "colours"}, "data": {"colour": "blue"}}
    await rig.client.create(CONFIGMAPS, config, namespace=NAMESPACE)
    items = [{"path": "annotations", "fieldRef": {"fieldPath": "metadata.annotations"}}]
    script = (
        "until grep -q red /config/colour && grep -q 'note=\"new\"' /info/annotations; do sleep 0.1; done; ls /info"
    )
    waiting = {"name": "sh", "image": "busybox", "command": ["sh", "-c", script], **mounting("config", "info")}
    volumes = [
        {"name": "config", "configMap": {"name": "colours"}},
        {"name": "info", "downwardAPI": {"items": items}},
    ]
    await rig.create("watcher", waiting, volumes=volumes, restartPolicy="Never")
    await rig.until_phase("watcher", "Running")
    await rig.client.patch(CONFIGMAPS, "colours", {"data": {"colour": "red"}}, namespace=NAMESPACE)
    await rig.client.patch(PODS, "watcher", {"metadata": {"annotations": {"note": "new"}}}, namespace=NAMESPACE)
    await rig.until_phase("watcher", "Succeeded")


async def test_a_token_is_the_pods_own(rig: Rig) -> None:
    """A token that is bound to the pod, for the audience that was asked for, and the root certificates."""
    sources = [
        {"serviceAccountToken": {"path": "token", "audience": "vault", "expirationSeconds": 7200}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
    ]
    token = await rig.said(
        "bearer",
        "cd /access; [ -f ca.crt ] && cat token",
        container=mounting("access"),
        volumes=[{"name": "access", "projected": {"sources": sources}}],
        serviceAccountName="default",
    )
    payload = token.split(".")[1]
    claims = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    pod = await rig.get("bearer")
    assert claims["aud"] == ["vault"]
    assert claims["kubernetes.io"]["pod"] == {"name": "bearer", "uid": pod.metadata.uid}


async def test_folders_of_the_node_and_of_the_real_machine(rig: Rig) -> None:
    """S4: one pod leaves something on the node for another; what is shown can be read, not written."""
    shared = [
        {"name": "shared", "hostPath": {"path": "/srv/shared", "type": "DirectoryOrCreate"}},
        {"name": "shown", "hostPath": {"path": "/srv/shown", "type": "Directory"}},
    ]
    await rig.output("one", "echo hello > /shared/file", container=mounting("shared"), volumes=shared)
    said = await rig.said(
        "other",
        "cat /shared/file /shown/page.html; echo x > /shown/page.html || echo refused",
        container=mounting("shared", "shown"),
        volumes=shared,
    )
    assert said == "hello\nfrom the real machinerefused\n"
    assert (rig.shown / "page.html").read_text() == "from the real machine"


async def test_what_a_claim_and_a_volume_of_the_pods_own_hold(rig: Rig) -> None:
    """A claim's volume is made once a pod needs it, and keeps its files for the next; a pod's own goes with it."""
    size = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    await rig.client.create(
        STORAGE_CLASSES,
        {"metadata": {"name": "fake"}, "provisioner": "kubemu.io/host-path", "volumeBindingMode": "Immediate"},
    )
    spec = {**size, "storageClassName": "fake"}
    claim = {"metadata": {"name": "data"}, "spec": spec}
    await rig.client.create(PERSISTENT_VOLUME_CLAIMS, claim, namespace=NAMESPACE)
    volumes = [
        {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
        {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"spec": spec}}},
    ]
    script = "ls /scratch; echo $HOSTNAME >> /data/log; echo x > /scratch/x; cat /data/log"
    for name, said in (("first", "first\n"), ("second", "first\nsecond\n")):
        assert await rig.said(name, script, container=mounting("data", "scratch"), volumes=volumes) == said
    own = await rig.client.get(PERSISTENT_VOLUME_CLAIMS, "first-scratch", namespace=NAMESPACE)
    assert own.metadata.owner_references[0].name == "first"


async def test_a_pod_without_its_config_map_waits_for_it(rig: Rig) -> None:
    late = [{"name": "config", "configMap": {"name": "late"}}]
    idler = {"name": "sh", "image": "busybox", "command": ["sleep", "1000"], **mounting("config")}
    await rig.create("patient", idler, volumes=late)
    event = await rig.until_event("patient", "FailedMount")
    assert event.message == 'MountVolume.SetUp failed for volume "config" : configmap "late" not found'
    await rig.until_waiting("patient", "ContainerCreating")
    await rig.client.create(CONFIGMAPS, {"metadata": {"name": "late"}}, namespace=NAMESPACE)
    await rig.until_ready("patient")
    rig.restart_kubelet()
    await rig.until_ready("patient", restarts=1)
