from controller_manager.discovery import discover
from tests.controller_manager.conftest import World


async def test_every_served_resource_is_found_with_its_path_and_verbs(world: World) -> None:
    found = await discover(world.client)
    assert not found.failures
    served = {entry.qualified: entry for entry in found.resources}
    assert {"pods.", "namespaces.", "replicasets.apps", "leases.coordination.k8s.io"} <= set(served)
    assert not [name for name in served if "/" in name]
    assert served["replicasets.apps"].resource.path(namespace="x") == "/apis/apps/v1/namespaces/x/replicasets"
    assert {"list", "deletecollection"} <= served["pods."].verbs
    assert not served["namespaces."].resource.namespaced
