"""Which events help a pod that a volume plugin has rejected."""

from collections.abc import Callable
from typing import Any

import pytest

from apimachinery.types.csi import CSIDriver, CSIStorageCapacity
from scheduler.framework.hints import QueueingHint
from scheduler.storage import hints
from tests.controller_manager.builders import claim, storage_class
from tests.scheduler.builders import PodBuilder, make_pod
from tests.scheduler.storage.world import csi_node, waiting_class

USER = make_pod("web").claim("data")

ZONE = [{"matchLabelExpressions": [{"key": "zone", "values": ["a"]}]}]


def driver(counts: bool) -> CSIDriver:
    return CSIDriver.model_validate({"metadata": {"name": "d"}, "spec": {"storageCapacity": counts}})


def capacity(amount: str | None) -> CSIStorageCapacity:
    return CSIStorageCapacity.model_validate({"metadata": {"name": "c", "namespace": "x"}, "capacity": amount})


def disk(name: str) -> PodBuilder:
    return make_pod(name).volume("gcePersistentDisk", pdName=name)


@pytest.mark.parametrize(
    ("hint", "pod", "old", "new", "helps"),
    [
        pytest.param(hints.is_claim_of, USER, None, claim(), True, id="claim: the pod's"),
        pytest.param(hints.is_claim_of, USER, claim(), claim("other"), False, id="claim: another"),
        pytest.param(hints.is_claim_of, make_pod(), None, claim(), False, id="claim: pod without claims"),
        pytest.param(hints.other_topologies, USER, None, storage_class(), True, id="class: new"),
        pytest.param(hints.other_topologies, USER, storage_class(), storage_class(), False, id="class: same nodes"),
        pytest.param(
            hints.other_topologies,
            USER,
            storage_class(allowedTopologies=ZONE),
            storage_class(),
            True,
            id="class: other nodes",
        ),
        pytest.param(hints.waits_for_consumer, USER, None, waiting_class(), True, id="class: waits"),
        pytest.param(hints.waits_for_consumer, USER, None, storage_class(), False, id="class: at once"),
        pytest.param(hints.stopped_counting, USER, driver(True), driver(False), True, id="driver: no longer counts"),
        pytest.param(hints.stopped_counting, USER, driver(False), driver(True), False, id="driver: counts now"),
        pytest.param(hints.more_room, USER, None, capacity(None), True, id="capacity: new"),
        pytest.param(hints.more_room, USER, capacity(None), capacity("1Gi"), True, id="capacity: known now"),
        pytest.param(hints.more_room, USER, capacity("1Gi"), capacity("2Gi"), True, id="capacity: more"),
        pytest.param(hints.more_room, USER, capacity("2Gi"), capacity("1Gi"), False, id="capacity: less"),
        pytest.param(hints.more_room, USER, capacity("2Gi"), capacity(None), False, id="capacity: unknown now"),
        pytest.param(hints.more_volumes, USER, None, csi_node("n"), True, id="node: new"),
        pytest.param(hints.more_volumes, USER, csi_node("n"), csi_node("n", a=1), True, id="node: another driver"),
        pytest.param(hints.more_volumes, USER, csi_node("n", a=1), csi_node("n", a=2), True, id="node: takes more"),
        pytest.param(hints.more_volumes, USER, csi_node("n", a=1), csi_node("n", a=None), True, id="node: takes any"),
        pytest.param(hints.more_volumes, USER, csi_node("n", a=2), csi_node("n", a=1), False, id="node: takes less"),
        pytest.param(hints.more_volumes, USER, csi_node("n", a=None), csi_node("n", a=9), False, id="node: limited"),
        pytest.param(hints.used_claims, USER, USER.info(), None, True, id="pod gone: had a claim"),
        pytest.param(hints.used_claims, USER, make_pod().info(), None, False, id="pod gone: had none"),
        pytest.param(hints.shared_volumes, USER, USER.info(), None, True, id="pod gone: had the claim"),
        pytest.param(
            hints.shared_volumes, USER, make_pod().claim("other").info(), None, False, id="pod gone: had another claim"
        ),
        pytest.param(hints.shared_volumes, disk("d"), disk("d").info(), None, True, id="pod gone: had the disk"),
        pytest.param(hints.shared_volumes, disk("d"), disk("e").info(), None, False, id="pod gone: had another disk"),
        pytest.param(hints.shared_volumes, disk("d"), make_pod().info(), None, False, id="pod gone: had nothing"),
    ],
)
def test_hints(hint: Callable[[Any, Any, Any], QueueingHint], pod: PodBuilder, old: Any, new: Any, helps: bool) -> None:
    assert (hint(pod.info(), old, new) is QueueingHint.QUEUE) is helps


@pytest.mark.parametrize(
    "hint",
    [
        hints.is_claim_of,
        hints.other_topologies,
        hints.waits_for_consumer,
        hints.stopped_counting,
        hints.more_room,
        hints.more_volumes,
        hints.used_claims,
        hints.shared_volumes,
    ],
)
def test_what_is_nobodys_doing_may_help_everybody(hint: Callable[[Any, Any, Any], QueueingHint]) -> None:
    assert hint(USER.info(), None, None) is QueueingHint.QUEUE
