"""PersistentVolumeClaimResize: which claims can grow."""

import pytest

from apimachinery.errors import Forbidden
from apiserver.admission.interface import Attributes, Operation
from tests.apiserver.admission.server import JSONObject, Server

CANNOT = (
    "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize"
)


def claim(storage: str, storage_class: str = "grows", phase: str = "Bound") -> JSONObject:
    resources = {"requests": {"storage": storage}}
    spec = {"accessModes": ["ReadWriteOnce"], "resources": resources, "storageClassName": storage_class}
    return {"metadata": {"name": "c"}, "spec": spec, "status": {"phase": phase}}


async def refusal(server: Server, new: JSONObject, old: JSONObject) -> str:
    """Return why the plugin refuses a change; nothing when it does not."""
    for name, grows in (("grows", True), ("fixed", False)):
        wanted = {"metadata": {"name": name}, "provisioner": "example.com/disks", "allowVolumeExpansion": grows}
        await server.create("storageclasses", wanted)
    info = server.api.context.registry.find("", "v1", "persistentvolumeclaims")
    assert info is not None
    (plugin,) = (entry for entry in server.api.context.admission.plugins if entry.name == "PersistentVolumeClaimResize")
    attributes = Attributes(operation=Operation.UPDATE, info=info, namespace="default", name="c", obj=new, old=old)
    try:
        await plugin.validate(attributes)
    except Forbidden as error:
        return error.message.removeprefix('persistentvolumeclaims "c" is forbidden: ')
    return ""


@pytest.mark.parametrize(
    ("new", "old", "why"),
    [
        pytest.param(claim("2Gi"), claim("1Gi"), "", id="can"),
        pytest.param(claim("1Gi", ""), claim("1024Mi", ""), "", id="stays"),
        pytest.param(claim("1Gi", ""), claim("2Gi", ""), "", id="shrinks, which is for others to judge"),
        pytest.param(
            claim("2Gi"),
            claim("1Gi", phase="Pending"),
            "Only bound persistent volume claims can be expanded",
            id="not bound",
        ),
        pytest.param(claim("2Gi", "fixed"), claim("1Gi", "fixed"), CANNOT, id="the class cannot"),
        pytest.param(claim("2Gi", "none"), claim("1Gi", "none"), CANNOT, id="no such class"),
        pytest.param(claim("2Gi", ""), claim("1Gi", ""), CANNOT, id="no class"),
    ],
)
async def test_growing(server: Server, new: JSONObject, old: JSONObject, why: str) -> None:
    assert await refusal(server, new, old) == why


async def test_over_the_api(server: Server) -> None:
    await server.create("persistentvolumeclaims", claim("1Gi", "none"))
    await server.patch("persistentvolumeclaims", "c", {"status": {"phase": "Bound"}}, subresource="status")
    larger = {"spec": {"resources": {"requests": {"storage": "2Gi"}}}}
    answer = await server.patch("persistentvolumeclaims", "c", larger, code=403)
    assert answer["message"] == f'persistentvolumeclaims "c" is forbidden: {CANNOT}'
