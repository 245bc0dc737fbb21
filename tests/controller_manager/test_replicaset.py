"""The ReplicaSet controller against a live API server."""

from pathlib import Path

import orjson
import pytest

from apimachinery.patch_types import PatchType
from apimachinery.types.base import to_wire
from controller_manager.ownership import MIRROR_POD, controller_of
from controller_manager.replicaset import pod_body, settle_seconds
from kubeclient.resources import EVENTS, PODS, REPLICASETS, REPLICATION_CONTROLLERS
from tests.controller_manager.builders import replica_set
from tests.controller_manager.conftest import World
from tests.live.processes import Kubectl, require_kubectl
from tests.live.waiting import eventually


def test_a_pod_is_made_of_the_template() -> None:
    body = orjson.loads(pod_body(replica_set(template_labels={"tier": "front"})))
    assert body["metadata"]["generateName"] == "web-"
    assert body["metadata"]["labels"] == {"app": "web", "tier": "front"}
    assert body["metadata"]["ownerReferences"][0]["uid"] == "uid-web"
    assert body["spec"] == {"containers": [{"name": "c", "image": "pause"}], "terminationGracePeriodSeconds": 0}


@pytest.mark.parametrize(
    ("pods", "seconds"),
    [
        pytest.param(1, 0.05, id="few"),
        pytest.param(1000, 0.2, id="many"),
        pytest.param(100_000, 0.5, id="at-most"),
    ],
)
def test_the_more_pods_the_longer_their_changes_are_collected(pods: int, seconds: float) -> None:
    assert settle_seconds(replica_set(replicas=pods)) == pytest.approx(seconds)


async def test_up_and_down(world: World, tmp_path: Path) -> None:
    require_kubectl()
    await world.create_replica_set("web", 3)
    await world.wait_for_pods(3)
    await world.wait_for_status("web", replicas=3, fully_labeled_replicas=3, ready_replicas=0)

    kubectl = Kubectl(world.cluster.url, tmp_path, namespace=world.namespace)
    kubectl.run("scale", "rs/web", "--replicas=5")
    pods = await world.wait_for_pods(5)
    assert all(pod.metadata.name.startswith("web-") for pod in pods)

    kubectl.run("scale", "rs/web", "--replicas=0")
    await world.wait_for_pods(0)
    await world.wait_for_status("web", replicas=0)

    async def told() -> bool:
        events = (await world.client.list(EVENTS, namespace=world.namespace)).items
        reasons = sorted((event.reason, event.message.split(":")[0]) for event in events)
        created, deleted = ("SuccessfulCreate", "Created pod"), ("SuccessfulDelete", "Deleted pod")
        return reasons == [created] * 5 + [deleted] * 5

    await eventually(told)


async def test_a_deleted_pod_is_replaced(world: World) -> None:
    await world.create_replica_set("web", 2)
    first, kept = await world.wait_for_pods(2)
    await world.client.delete(PODS, first.metadata.name, namespace=world.namespace)

    async def replaced() -> bool:
        names = {pod.metadata.name for pod in await world.pods()}
        return len(names) == 2 and kept.metadata.name in names and first.metadata.name not in names

    await eventually(replaced)


async def test_a_finished_pod_is_replaced_and_stays(world: World) -> None:
    await world.create_replica_set("web", 1)
    (pod,) = await world.wait_for_pods(1)
    patch = {"status": {"phase": "Failed"}}
    await world.client.patch(PODS, pod.metadata.name, patch, namespace=world.namespace, subresource="status")
    pods = await world.wait_for_pods(2)
    assert pod.metadata.name in {found.metadata.name for found in pods}
    await world.wait_for_status("web", replicas=1)


async def test_ready_and_available(world: World) -> None:
    await world.create_replica_set("web", 2, minReadySeconds=1)
    for pod in await world.wait_for_pods(2):
        await world.make_ready(pod)
    await world.wait_for_status("web", ready_replicas=2, available_replicas=2)


async def test_orphans_are_adopted_and_the_relabelled_released(world: World) -> None:
    """S20: what a kubelet shows of its static pods is left alone."""
    await world.create_pod("loose", labels={"app": "web"})
    await world.create_pod("other", labels={"app": "db"})
    await world.create_pod("mirror", labels={"app": "web"}, annotations={MIRROR_POD: "x"})
    owner = await world.create_replica_set("web", 2)
    await world.wait_for_pods(4)

    async def owned() -> set[str]:
        references = {pod.metadata.name: controller_of(pod) for pod in await world.pods()}
        return {name for name, found in references.items() if found is not None and found.uid == owner.metadata.uid}

    ours = await owned()
    assert "loose" in ours
    assert not ours & {"other", "mirror"}

    patch = {"metadata": {"labels": {"app": "retired"}}}
    await world.client.patch(PODS, "loose", patch, namespace=world.namespace, patch_type=PatchType.STRATEGIC)
    await world.wait_for_pods(5)
    ours = await owned()
    assert len(ours) == 2
    assert "loose" not in ours


async def test_a_ready_pod_outlives_one_that_is_not(world: World) -> None:
    await world.create_replica_set("web", 3)
    chosen, *_ = await world.wait_for_pods(3)
    await world.make_ready(chosen)
    await world.wait_for_status("web", ready_replicas=1)
    await world.scale("web", 1)
    (left,) = await world.wait_for_pods(1)
    assert left.metadata.name == chosen.metadata.name


async def test_more_than_a_burst(world: World) -> None:
    await world.create_replica_set("web", 520)
    await world.wait_for_status("web", replicas=520)
    await world.scale("web", 3)
    await world.wait_for_status("web", replicas=3)
    assert len(await world.pods()) == 3


async def test_a_template_that_is_refused_is_told(world: World) -> None:
    """A pod that no API server takes gives one try at a time, an event and a condition."""
    wire = to_wire(replica_set("bad", replicas=3))
    wire["metadata"] = {"name": "bad"}
    wire["spec"]["template"]["metadata"]["labels"] = {"app": "web"}
    wire["spec"]["template"]["metadata"]["finalizers"] = ["not a finalizer"]
    await world.client.create(REPLICASETS, wire, namespace=world.namespace)

    async def told() -> bool:
        found = await world.client.get(REPLICASETS, "bad", namespace=world.namespace)
        events = (await world.client.list(EVENTS, namespace=world.namespace)).items
        return (
            [entry.reason for entry in found.status.conditions] == ["FailedCreate"]
            and any(event.reason == "FailedCreate" for event in events)
            and not await world.pods()
        )

    await eventually(told)


async def test_restarts_repeat_nothing(own_world: World) -> None:
    """Whatever the controller manager was doing when it died, the next one goes on from there."""
    await own_world.create_replica_set("web", 200)
    own_world.cluster.components[0].kill()
    own_world.start_manager()
    await own_world.wait_for_status("web", replicas=200)
    before = {pod.metadata.uid for pod in await own_world.pods()}
    assert len(before) == 200

    own_world.cluster.components[1].stop()
    own_world.start_manager()
    await own_world.scale("web", 201)
    await own_world.wait_for_status("web", replicas=201)
    after = {pod.metadata.uid for pod in await own_world.pods()}
    assert len(after) == 201
    assert before < after


async def test_an_api_server_that_comes_back_empty_is_served_again(own_world: World) -> None:
    await own_world.create_replica_set("old", 3)
    await own_world.wait_for_status("old", replicas=3)
    own_world.cluster.restart_apiserver()
    await own_world.client.wait_for_server()
    await own_world.create_replica_set("new", 2)
    await own_world.wait_for_status("new", replicas=2)

    async def only_new() -> bool:
        return sorted(pod.metadata.labels["app"] for pod in await own_world.pods()) == ["new", "new"]

    await eventually(only_new)
    assert not [line for line in own_world.cluster.components[0].stderr if " ERROR " in line]


async def test_many_creations_are_told_in_few_events(world: World) -> None:
    """What differs in the pod's name only is one event with a count, as client-go writes it."""
    await world.create_replica_set("web", 60)
    await world.wait_for_status("web", replicas=60)

    async def told() -> bool:
        events = (await world.client.list(EVENTS, namespace=world.namespace)).items
        combined = [event for event in events if event.message.startswith("(combined from similar events): Created")]
        return len(events) == 10 and len(combined) == 1 and combined[0].count > 1

    await eventually(told)


async def test_a_replication_controller_does_as_a_replica_set(world: World, tmp_path: Path) -> None:
    """Its selector is a plain map, adopts and releases, and its pods stay when it is deleted without them."""
    require_kubectl()
    await world.create_pod("loose", labels={"app": "web"})
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "pause"}]}}
    body = {"metadata": {"name": "web"}, "spec": {"replicas": 2, "selector": {"app": "web"}, "template": template}}
    await world.client.create(REPLICATION_CONTROLLERS, body, namespace=world.namespace)
    for pod in await world.wait_for_pods(2):
        await world.make_ready(pod)

    async def settled() -> bool:
        found = await world.client.get(REPLICATION_CONTROLLERS, "web", namespace=world.namespace)
        status = found.status
        assert (status.replicas, status.ready_replicas, status.observed_generation) == (2, 2, 1), status
        return found.spec.selector.match_labels == {"app": "web"}

    await eventually(settled)
    owners = {pod.metadata.name: controller_of(pod) for pod in await world.pods()}
    assert {found.kind for found in owners.values() if found is not None} == {"ReplicationController"}
    assert "loose" in owners
    kubectl = Kubectl(world.cluster.url, tmp_path, namespace=world.namespace)
    kubectl.run("scale", "rc/web", "--replicas=1")
    (kept,) = await world.wait_for_pods(1)
    kubectl.run("delete", "rc", "web", "--cascade=orphan")

    async def orphaned() -> bool:
        return [(pod.metadata.uid, controller_of(pod)) for pod in await world.pods()] == [(kept.metadata.uid, None)]

    await eventually(orphaned)
