"""ServiceAccount: every pod runs as one that exists."""

import asyncio
import re

import pytest

from apimachinery.clock import ManualClock
from tests.apiserver.admission.server import JSONObject, Server
from tests.apiserver.objects import container, pod


async def test_a_pod_runs_as_default(server: Server) -> None:
    spec = (await server.create("pods", pod("p")))["spec"]
    assert (spec["serviceAccountName"], spec["serviceAccount"]) == ("default", "default")


async def test_a_pod_can_be_created_right_after_its_namespace(server: Server) -> None:
    await server.create("namespaces", {"metadata": {"name": "new"}})
    await server.create("pods", pod("p"), namespace="new")


async def test_an_account_of_its_own(server: Server) -> None:
    await server.create("serviceaccounts", {"metadata": {"name": "robot"}, "imagePullSecrets": [{"name": "key"}]})
    spec = (await server.create("pods", pod("p", serviceAccountName="robot")))["spec"]
    assert (spec["serviceAccountName"], spec["serviceAccount"]) == ("robot", "robot")
    assert spec["imagePullSecrets"] == [{"name": "key"}]
    own = await server.create("pods", pod("q", serviceAccountName="robot", imagePullSecrets=[{"name": "mine"}]))
    assert own["spec"]["imagePullSecrets"] == [{"name": "mine"}]


async def test_an_account_that_does_not_exist(server: Server) -> None:
    assert await server.refused("pods", pod("p", serviceAccountName="robot")) == (
        'pods "p" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found'
    )


async def test_default_is_waited_for() -> None:
    clock = ManualClock()
    async with Server(clock=clock) as server:
        await server.delete("serviceaccounts", "default")
        async with asyncio.TaskGroup() as group:
            creating = group.create_task(server.create("pods", pod("p")))
            while not clock.sleepers:
                await clock.settle()
            await server.create("serviceaccounts", {"metadata": {"name": "default"}})
            await clock.advance(0.1)
            assert (await creating)["spec"]["serviceAccountName"] == "default"


async def test_default_is_not_waited_for_for_ever() -> None:
    clock = ManualClock()
    async with Server(clock=clock) as server:
        await server.delete("serviceaccounts", "default")
        async with asyncio.TaskGroup() as group:
            refusing = group.create_task(server.refused("pods", pod("p")))
            while not refusing.done():
                await clock.advance(0.1)
            assert (await refusing).endswith(
                'error looking up service account default/default: serviceaccount "default" not found'
            )


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        pytest.param({}, "", id="nothing of the cluster's"),
        pytest.param(
            {"serviceAccountName": "default"}, "a mirror pod may not reference service accounts", id="an account"
        ),
        pytest.param(
            {"volumes": [{"name": "v", "secret": {"secretName": "s"}}]},
            "a mirror pod may not reference secrets",
            id="a secret",
        ),
        pytest.param(
            {"imagePullSecrets": [{"name": "s"}]}, "a mirror pod may not reference secrets", id="a pull secret"
        ),
        pytest.param(
            {"volumes": [{"name": "v", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}]},
            "a mirror pod may not use ServiceAccountToken volume projections",
            id="a token",
        ),
    ],
)
async def test_mirror_pods(server: Server, spec: JSONObject, why: str) -> None:
    mirror = pod("m", **spec)
    mirror["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "x"}
    if why:
        assert await server.refused("pods", mirror) == f'pods "m" is forbidden: {why}'
    else:
        assert "serviceAccountName" not in (await server.create("pods", mirror))["spec"]


MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"


def token_volume(name: str) -> JSONObject:
    sources = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {
            "downwardAPI": {
                "items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]
            }
        },
    ]
    return {"name": name, "projected": {"sources": sources, "defaultMode": 420}}


async def test_every_container_has_a_token(server: Server) -> None:
    own = {"name": "own", "mountPath": MOUNT_PATH}
    spec = {
        "volumes": [{"name": "own", "emptyDir": {}}],
        "initContainers": [container("i")],
        "containers": [container("a"), container("b", volumeMounts=[own])],
    }
    created = (await server.create("pods", pod("p", **spec)))["spec"]
    name = created["volumes"][-1]["name"]
    assert re.fullmatch("kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}", name)
    assert created["volumes"] == [{"name": "own", "emptyDir": {}}, token_volume(name)]
    mount = {"name": name, "readOnly": True, "mountPath": MOUNT_PATH}
    mounts = [entry["volumeMounts"] for entry in (*created["initContainers"], *created["containers"])]
    assert mounts == [[mount], [mount], [own]]


async def test_no_volume_that_nobody_mounts(server: Server) -> None:
    own = {"name": "own", "mountPath": MOUNT_PATH}
    spec = {"volumes": [{"name": "own", "emptyDir": {}}], "containers": [container("a", volumeMounts=[own])]}
    assert (await server.create("pods", pod("p", **spec)))["spec"]["volumes"] == spec["volumes"]


async def test_a_volume_that_is_there_already(server: Server) -> None:
    volumes = [{"name": "kube-api-access-mine", "emptyDir": {}}]
    created = (await server.create("pods", pod("p", volumes=volumes)))["spec"]
    assert created["volumes"] == volumes
    [mount] = created["containers"][0]["volumeMounts"]
    assert (mount["name"], mount["mountPath"]) == ("kube-api-access-mine", MOUNT_PATH)


@pytest.mark.parametrize(
    ("of_account", "of_pod", "mounted"),
    [
        pytest.param(None, None, True, id="neither says"),
        pytest.param(False, None, False, id="not for the account"),
        pytest.param(False, True, True, id="for this pod all the same"),
        pytest.param(True, False, False, id="not for this pod"),
    ],
)
async def test_who_decides(server: Server, of_account: bool | None, of_pod: bool | None, mounted: bool) -> None:
    chosen = {} if of_account is None else {"automountServiceAccountToken": of_account}
    await server.create("serviceaccounts", {"metadata": {"name": "robot"}, **chosen})
    spec = {} if of_pod is None else {"automountServiceAccountToken": of_pod}
    created = (await server.create("pods", pod("p", serviceAccountName="robot", **spec)))["spec"]
    assert bool(created.get("volumes")) is mounted
    assert bool(created["containers"][0].get("volumeMounts")) is mounted


async def test_a_mirror_pod_has_none(server: Server) -> None:
    mirror = pod("p")
    mirror["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "hash"}
    assert "volumes" not in (await server.create("pods", mirror))["spec"]
