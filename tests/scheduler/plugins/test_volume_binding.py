"""VolumeBinding: what it says about nodes, and what it sets aside. What is found where is tried in tests of storage."""

import pytest

from scheduler.framework.cycle_state import CycleState
from scheduler.framework.node_table import NodeTable
from scheduler.framework.status import SKIP, SUCCESS, Status
from scheduler.plugins.volume_binding import VolumeBinding, new
from scheduler.storage.search import BIND_CONFLICT, NODE_CONFLICT
from tests.controller_manager.builders import claim, volume
from tests.scheduler.builders import PodBuilder, make_node, make_pod, table
from tests.scheduler.plugins.verdicts import HARD, fits, rejected
from tests.scheduler.storage.world import Storage, bound, on, waiting_class

USER = make_pod("web").claim("data")
BY_HAND = waiting_class(provisioner="kubernetes.io/no-provisioner")
SELECTED = "volume.kubernetes.io/selected-node"


def plugin(storage: Storage) -> VolumeBinding:
    return new(None, storage.handle)


def nodes() -> NodeTable:
    return table(*(make_node(name).labels(**{"kubernetes.io/hostname": name}) for name in "ab"))


def test_a_pod_goes_where_its_volume_is() -> None:
    found = plugin(Storage(bound(), volume(spec=on("a"))))
    assert rejected(found, USER, nodes()) == {"b": [(NODE_CONFLICT, HARD)]}


def test_a_pod_goes_where_there_is_a_volume() -> None:
    found = plugin(Storage(claim(), BY_HAND, volume(spec=on("b"))))
    assert rejected(found, USER, nodes()) == {"a": [(BIND_CONFLICT, HARD)]}


@pytest.mark.parametrize(
    ("pod", "status"),
    [
        pytest.param(make_pod(), SKIP, id="no volumes"),
        pytest.param(make_pod().volume("gcePersistentDisk", pdName="d"), SKIP, id="no claims"),
        pytest.param(USER, Status(HARD, ('persistentvolumeclaim "data" not found',)), id="no such claim"),
    ],
)
def test_pre_filter(pod: PodBuilder, status: Status) -> None:
    assert plugin(Storage()).pre_filter(CycleState(), pod.info(), nodes()).status == status


def reserved(found: VolumeBinding, node: str) -> CycleState:
    state, pod = CycleState(), USER.info()
    assert found.pre_filter(state, pod, nodes()).status.success
    found.filter(state, pod, nodes())
    assert found.reserve(state, pod, node) == SUCCESS
    return state


def test_what_one_pod_is_given_another_does_not_get() -> None:
    storage = Storage(claim(), claim("other"), BY_HAND, volume(spec=on("b")))
    found = plugin(storage)
    state = reserved(found, "b")
    assert found.pre_bind_pre_flight(state, USER.info(), "b") == SUCCESS
    other = make_pod("other").claim("other")
    assert fits(found, other, nodes()) == []
    found.unreserve(state, USER.info(), "b")
    found.unreserve(state, USER.info(), "b")
    assert fits(found, other, nodes()) == ["b"]


def test_two_pods_that_share_a_claim_go_to_one_node() -> None:
    storage = Storage(claim(), waiting_class())
    found = plugin(storage)
    state = reserved(found, "a")
    assert fits(found, make_pod("second").claim("data"), nodes()) == ["a"]
    chosen = storage.view.claims.get("default/data")
    assert chosen is not None
    assert chosen.metadata.annotations[SELECTED] == "a"
    found.unreserve(state, USER.info(), "a")
    assert fits(found, make_pod("second").claim("data"), nodes()) == ["a", "b"]


def test_nothing_is_done_for_claims_that_are_bound() -> None:
    found = plugin(Storage(bound(), volume()))
    assert found.pre_bind_pre_flight(reserved(found, "a"), USER.info(), "a") == SKIP
    assert found.pre_bind_pre_flight(CycleState(), make_pod().info(), "a") == SKIP


def test_what_a_simulation_finds_is_its_own() -> None:
    storage = Storage(claim(), BY_HAND, volume(spec=on("b")))
    found, state, pod = plugin(storage), CycleState(), USER.info()
    found.pre_filter(state, pod, nodes())
    found.filter(state, pod, nodes())
    storage.hide(volume())
    found.filter(state.clone(), pod, nodes())
    found.reserve(state, pod, "b")
    assert found.pre_bind_pre_flight(state, pod, "b") == SUCCESS
