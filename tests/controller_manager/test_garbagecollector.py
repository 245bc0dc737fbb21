"""The garbage collector against a live API server: S28's cascades."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from apimachinery.errors import NotFound
from apimachinery.patch_types import PatchType
from apimachinery.types.base import Object
from kubeclient.resources import LEASES, NODES, PODS, REPLICASETS, Resource
from tests.controller_manager.conftest import World
from tests.live.processes import Kubectl, require_kubectl
from tests.live.waiting import eventually

HOLD = "example.com/hold"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def _owner(uid: str, *, kind: str = "Pod", name: str = "owner", **more: Any) -> dict[str, Any]:
    version = "apps/v1" if kind == "ReplicaSet" else "v1"
    return {"apiVersion": version, "kind": kind, "name": name, "uid": uid, **more}


async def _names(world: World) -> set[str]:
    return {pod.metadata.name for pod in await world.pods()}


async def _wait_for_names(world: World, *expected: str) -> None:
    async def check() -> bool:
        found = await _names(world)
        assert found == set(expected)
        return True

    await eventually(check, what=f"pods {expected}")


@pytest.mark.parametrize("cascade", ["background", "foreground"])
async def test_pods_go_with_their_replica_set(world: World, tmp_path: Path, cascade: str) -> None:
    require_kubectl()
    await world.create_replica_set("web", 3)
    await world.create_replica_set("other", 1)
    await world.wait_for_pods(4)
    Kubectl(world.cluster.url, tmp_path, namespace=world.namespace).run("delete", "rs/web", f"--cascade={cascade}")
    left = await world.wait_for_pods(1)
    assert left[0].metadata.labels == {"app": "other"}
    with pytest.raises(NotFound):
        await world.client.get(REPLICASETS, "web", namespace=world.namespace)


async def test_orphaned_pods_stay(world: World, tmp_path: Path) -> None:
    require_kubectl()
    await world.create_replica_set("web", 3)
    before = await world.wait_for_pods(3)
    Kubectl(world.cluster.url, tmp_path, namespace=world.namespace).run("delete", "rs/web", "--cascade=orphan")
    after = await world.pods()
    assert {pod.metadata.uid for pod in after} == {pod.metadata.uid for pod in before}
    assert not any(pod.metadata.owner_references for pod in after)

    await world.create_replica_set("web", 3)
    await world.wait_for_status("web", replicas=3)
    assert {pod.metadata.uid for pod in await world.pods()} == {pod.metadata.uid for pod in before}


async def test_foreground_waits_for_those_that_block_only(world: World) -> None:
    owner = await world.create_pod("owner")
    uid = owner.metadata.uid
    await world.create_pod(
        "blocking", ownerReferences=[_owner(uid, blockOwnerDeletion=True)], finalizers=[HOLD], labels={"app": "x"}
    )
    await world.create_pod("other", ownerReferences=[_owner(uid)], finalizers=[HOLD])
    await world.client.delete(PODS, "owner", namespace=world.namespace, propagation_policy="Foreground")

    async def all_deleting() -> bool:
        pods = await world.pods()
        return len(pods) == 3 and all(pod.deleting for pod in pods)

    await eventually(all_deleting)
    patch = {"metadata": {"finalizers": None}}
    await world.client.patch(PODS, "blocking", patch, namespace=world.namespace)
    await _wait_for_names(world, "other")
    await world.client.patch(PODS, "other", patch, namespace=world.namespace)
    await _wait_for_names(world)


async def test_a_tree_goes_from_the_leaves(world: World) -> None:
    root = await world.create_pod("root")
    middle = await world.create_pod(
        "middle", ownerReferences=[_owner(root.metadata.uid, name="root", blockOwnerDeletion=True)]
    )
    await world.create_pod(
        "leaf",
        ownerReferences=[_owner(middle.metadata.uid, name="middle", blockOwnerDeletion=True)],
        finalizers=[HOLD],
    )
    await world.client.delete(PODS, "root", namespace=world.namespace, propagation_policy="Foreground")

    async def leaf_goes() -> bool:
        leaf = await world.client.get(PODS, "leaf", namespace=world.namespace)
        return leaf.deleting

    await eventually(leaf_goes)
    assert await _names(world) == {"root", "middle", "leaf"}
    await world.client.patch(PODS, "leaf", {"metadata": {"finalizers": None}}, namespace=world.namespace)
    await _wait_for_names(world)


async def test_two_that_block_each_other_do_not_wait_for_ever(world: World) -> None:
    first = await world.create_pod("first")
    second = await world.create_pod(
        "second", ownerReferences=[_owner(first.metadata.uid, name="first", blockOwnerDeletion=True)]
    )
    patch = {"metadata": {"ownerReferences": [_owner(second.metadata.uid, name="second", blockOwnerDeletion=True)]}}
    await world.client.patch(PODS, "first", patch, namespace=world.namespace, patch_type=PatchType.STRATEGIC)
    await world.client.delete(PODS, "first", namespace=world.namespace, propagation_policy="Foreground")
    await _wait_for_names(world)


async def test_an_owner_that_never_was_takes_its_dependent_along(world: World) -> None:
    await world.create_pod("stray", ownerReferences=[_owner("no-such-uid")])
    await _wait_for_names(world)


async def test_a_name_used_again_is_another_owner(world: World) -> None:
    await world.create_pod("owner")
    await world.create_pod("stray", ownerReferences=[_owner("the-uid-it-had-before")])
    await _wait_for_names(world, "owner")


async def test_one_of_two_owners_gone_only_costs_the_reference(world: World) -> None:
    first, second = await world.create_pod("first"), await world.create_pod("second")
    owners = [_owner(first.metadata.uid, name="first"), _owner(second.metadata.uid, name="second")]
    await world.create_pod("shared", ownerReferences=owners)
    await world.client.delete(PODS, "first", namespace=world.namespace)

    async def one_left() -> bool:
        shared = await world.client.get(PODS, "shared", namespace=world.namespace)
        return [reference.uid for reference in shared.metadata.owner_references] == [second.metadata.uid]

    await eventually(one_left)
    await world.client.delete(PODS, "second", namespace=world.namespace)
    await _wait_for_names(world)


async def test_owners_of_unknown_kinds_and_wrong_scopes_are_never_held_to_be_gone(world: World) -> None:
    widget = {"apiVersion": "example.com/v1", "kind": "Widget", "name": "w", "uid": "uid-w"}
    await world.create_pod("of-a-widget", ownerReferences=[widget])
    await world.client.create(NODES, {"metadata": {"name": "gc-node", "ownerReferences": [_owner("uid-of-a-pod")]}})
    # Handled after the two above, so that their fate is decided by now.
    await world.create_pod("stray", ownerReferences=[_owner("no-such-uid")])
    await _wait_for_names(world, "of-a-widget")
    assert (await world.client.get(NODES, "gc-node")).metadata.name == "gc-node"


async def test_a_lease_goes_with_its_node(world: World) -> None:
    node = await world.client.create(NODES, {"metadata": {"name": "leased-node"}})
    reference = _owner(node.metadata.uid, kind="Node", name="leased-node")
    lease = {
        "metadata": {"name": "leased-node", "ownerReferences": [reference]},
        "spec": {"holderIdentity": "leased-node"},
    }
    await world.client.create(LEASES, lease, namespace="kube-node-lease")
    await world.client.delete(NODES, "leased-node")

    async def gone() -> bool:
        leases = (await world.client.list(LEASES, namespace="kube-node-lease")).items
        return not [lease for lease in leases if lease.metadata.name == "leased-node"]

    await eventually(gone)


async def test_dependents_orphaned_while_nobody_looked_are_found_at_the_start(own_world: World) -> None:
    owner = await own_world.create_pod("owner")
    await own_world.create_pod("dependent", ownerReferences=[_owner(owner.metadata.uid)])
    own_world.cluster.components[0].stop()
    await own_world.client.delete(PODS, "owner", namespace=own_world.namespace)
    own_world.cluster.start("controller_manager")
    await _wait_for_names(own_world)


@pytest.mark.parametrize(("policy", "left"), [("Foreground", False), ("Orphan", True), ("Background", False)])
async def test_kinds_without_a_controller_of_ours_take_part(world: World, policy: str, left: bool) -> None:
    """A Deployment that owns a ConfigMap, neither of which any controller here acts on."""
    deployments, config_maps = Resource("apps", "v1", "deployments", Deployment), Resource("", "v1", "configmaps", Part)
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "pause"}]}}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    owner = await world.client.create(
        deployments, {"metadata": {"name": "owner"}, "spec": spec}, namespace=world.namespace
    )
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "owner", "uid": owner.metadata.uid}
    part = {"metadata": {"name": "part", "ownerReferences": [{**reference, "blockOwnerDeletion": True}]}}
    await world.client.create(config_maps, part, namespace=world.namespace)
    await world.client.delete(deployments, "owner", namespace=world.namespace, propagation_policy=policy)

    async def settled() -> bool:
        owners = (await world.client.list(deployments, namespace=world.namespace)).items
        parts = {
            item.metadata.name: item for item in (await world.client.list(config_maps, namespace=world.namespace)).items
        }
        assert not owners
        assert ("part" in parts) is left
        return not left or not parts["part"].metadata.owner_references

    assert await eventually(settled)


class Deployment(Object):
    API_VERSION = "apps/v1"
    KIND = "Deployment"


class Part(Object):
    API_VERSION = "v1"
    KIND = "ConfigMap"


class Gadgets:
    """A kind that the test defines, and pods that its objects own."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._group = f"{world.namespace}.example.com"
        self._name = f"gadgets.{self._group}"
        self._path = f"/apis/{self._group}/v1/namespaces/{world.namespace}/gadgets"

    async def _send(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        answer = await self._world.client.request(method, path, body=orjson.dumps(body) if body else None)
        found: dict[str, Any] = orjson.loads(answer)
        return found

    async def define(self) -> None:
        schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
        spec = {
            "group": self._group,
            "names": {"kind": "Gadget", "plural": "gadgets"},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        }
        await self._send("POST", DEFINITIONS, metadata={"name": self._name}, spec=spec)

        async def served() -> bool:
            try:
                await self._send("GET", self._path)
            except NotFound:
                return False
            return True

        await eventually(served, timeout=30)

    async def undefine(self) -> None:
        await self._send("DELETE", f"{DEFINITIONS}/{self._name}")

    async def create(self, name: str, **metadata: Any) -> dict[str, Any]:
        """Return the reference that names the new object as an owner."""
        version = f"{self._group}/v1"
        made = await self._send(
            "POST", self._path, apiVersion=version, kind="Gadget", metadata={"name": name, **metadata}
        )
        return {"apiVersion": version, "kind": "Gadget", "name": name, "uid": made["metadata"]["uid"]}

    async def delete(self, name: str, policy: str) -> None:
        await self._send("DELETE", f"{self._path}/{name}", propagationPolicy=policy)

    async def names(self) -> set[str]:
        return {item["metadata"]["name"] for item in (await self._send("GET", self._path))["items"]}


@pytest.fixture
async def gadgets(world: World) -> AsyncIterator[Gadgets]:
    found = Gadgets(world)
    await found.define()
    yield found
    with contextlib.suppress(NotFound):
        await found.undefine()


async def test_what_custom_resources_own_goes_with_them(world: World, gadgets: Gadgets) -> None:
    """Operators count on it: the three ways of deleting, for a kind that was defined a moment ago."""
    owners = {name: await gadgets.create(name) for name in ("background", "foreground", "orphan")}
    for name, owner in owners.items():
        held = [HOLD] if name == "foreground" else []
        await world.create_pod(name, ownerReferences=[{**owner, "blockOwnerDeletion": True}], finalizers=held)
    await gadgets.delete("background", "Background")
    await _wait_for_names(world, "foreground", "orphan")
    await gadgets.delete("orphan", "Orphan")

    async def orphaned() -> bool:
        pods = {pod.metadata.name: pod for pod in await world.pods()}
        assert await gadgets.names() == {"foreground"}
        return not pods["orphan"].metadata.owner_references and not pods["orphan"].deleting

    await eventually(orphaned, timeout=30)
    await gadgets.delete("foreground", "Foreground")

    async def waits() -> bool:
        pods = {pod.metadata.name: pod for pod in await world.pods()}
        return pods["foreground"].deleting and await gadgets.names() == {"foreground"}

    await eventually(waits, timeout=30)
    await world.client.patch(PODS, "foreground", {"metadata": {"finalizers": None}}, namespace=world.namespace)
    await _wait_for_names(world, "orphan")

    async def all_gone() -> bool:
        return not await gadgets.names()

    await eventually(all_gone, timeout=30)


async def test_custom_resources_are_owned_too(world: World, gadgets: Gadgets) -> None:
    top = await gadgets.create("top")
    middle = await gadgets.create("middle", ownerReferences=[top])
    await world.create_pod("bottom", ownerReferences=[middle])
    await gadgets.delete("top", "Background")
    await _wait_for_names(world)
    assert await gadgets.names() == set()


async def test_a_definition_that_goes_takes_everything_along(world: World, gadgets: Gadgets) -> None:
    owner = await gadgets.create("owner")
    await world.create_pod("owned", ownerReferences=[owner])
    await world.create_pod("other")
    await gadgets.undefine()
    await _wait_for_names(world, "other")
