"""Bodies of claims and of pods that use them, and waiting for what becomes of them in a live cluster."""

from typing import Any

from apimachinery.errors import NotFound
from apimachinery.types.storage import PersistentVolumeClaim
from kubeclient.resources import EVENTS, PERSISTENT_VOLUME_CLAIMS, STORAGE_CLASSES, Resource
from tests.controller_manager.conftest import World
from tests.live.waiting import eventually

JSONObject = dict[str, Any]


def claim_body(name: str, *, storage_class: str | None = None, size: str = "1Gi") -> JSONObject:
    spec: JSONObject = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    if storage_class is not None:
        spec["storageClassName"] = storage_class
    return {"metadata": {"name": name}, "spec": spec}


def pod_with(*claims: str, name: str, node: str = "") -> JSONObject:
    volumes = [{"name": claim, "persistentVolumeClaim": {"claimName": claim}} for claim in claims]
    spec: JSONObject = {"containers": [{"name": "c", "image": "pause"}], "volumes": volumes}
    return {"metadata": {"name": name}, "spec": {**spec, **({"nodeName": node} if node else {})}}


async def create_claim(world: World, name: str, *, storage_class: str | None = None) -> PersistentVolumeClaim:
    body = claim_body(name, storage_class=storage_class)
    return await world.client.create(PERSISTENT_VOLUME_CLAIMS, body, namespace=world.namespace)


async def create_class(world: World, **more: Any) -> str:
    """Create a class of the built-in provisioner under the namespace's name."""
    body = {"metadata": {"name": world.namespace}, "provisioner": "kubemu.io/host-path", **more}
    await world.client.create(STORAGE_CLASSES, body)
    return world.namespace


async def wait_for_claim(world: World, name: str, phase: str) -> PersistentVolumeClaim:
    async def check() -> PersistentVolumeClaim:
        try:
            found = await world.client.get(PERSISTENT_VOLUME_CLAIMS, name, namespace=world.namespace)
        except NotFound:
            raise AssertionError("not there") from None
        assert found.status.phase == phase, found.status
        return found

    return await eventually(check, what=f"{name} {phase}")


async def wait_for_event(world: World, name: str, reason: str) -> str:
    """Return the message of the event about the object of that name."""

    async def check() -> str:
        events = (await world.client.list(EVENTS, namespace=world.namespace)).items
        found = [event for event in events if event.involved_object.name == name]
        messages = {event.reason: event.message for event in found}
        assert reason in messages, messages
        return messages[reason]

    return await eventually(check, what=f"{reason} of {name}")


async def wait_gone(world: World, resource: Resource[Any], name: str) -> None:
    async def check() -> bool:
        try:
            await world.client.get(resource, name, namespace=world.namespace)
        except NotFound:
            return True
        return False

    await eventually(check, what=f"{name} gone")
