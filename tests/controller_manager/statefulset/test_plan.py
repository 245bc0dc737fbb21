from typing import Any

import pytest

from apimachinery.types.apps import StatefulSet
from apimachinery.types.pod import Pod
from controller_manager.statefulset.plan import plan
from tests.controller_manager.builders import NOW
from tests.controller_manager.statefulset.objects import NEW, OLD, VERSIONS, set_pod, set_pods, stateful_set

UNREADY = {"ready_for": None}


@pytest.mark.parametrize(
    ("subject", "pods", "create", "delete"),
    [
        pytest.param(stateful_set(), [], {0: NEW}, [], id="first-one"),
        pytest.param(stateful_set(), [set_pod(0)], {1: NEW}, [], id="the-next-one"),
        pytest.param(stateful_set(), [set_pod(0, **UNREADY)], {}, [], id="waits-until-ready"),
        pytest.param(stateful_set(), [set_pod(0, phase="Pending")], {}, [], id="waits-until-running"),
        pytest.param(
            stateful_set(spec={"minReadySeconds": 90}), [set_pod(0)], {}, [], id="waits-until-ready-for-long-enough"
        ),
        pytest.param(stateful_set(), [set_pod(0, deleting=True)], {}, [], id="waits-until-gone"),
        pytest.param(stateful_set(), [set_pod(1), set_pod(2)], {0: NEW}, [], id="a-gap-is-filled"),
        pytest.param(stateful_set(), [set_pod(0, phase="Failed")], {}, ["db-0"], id="failed"),
        pytest.param(stateful_set(), [set_pod(0, phase="Succeeded")], {}, ["db-0"], id="succeeded"),
        pytest.param(stateful_set(), [set_pod(0, phase="Failed", deleting=True)], {}, [], id="failed-and-going"),
        pytest.param(stateful_set(2, start=3), [], {3: NEW}, [], id="starts-higher"),
        pytest.param(
            stateful_set(2, start=1), [set_pod(0), set_pod(1), set_pod(2)], {}, ["db-0"], id="start-has-moved"
        ),
        pytest.param(
            stateful_set(parallel=True), [set_pod(1, **UNREADY)], {0: NEW, 2: NEW}, [], id="parallel-waits-for-none"
        ),
        pytest.param(stateful_set(1), [set_pod(0), set_pod(1), set_pod(2)], {}, ["db-2"], id="shrinks-from-the-top"),
        pytest.param(
            stateful_set(1), [set_pod(0), set_pod(1), set_pod(2, deleting=True)], {}, [], id="shrinks-one-by-one"
        ),
        pytest.param(
            stateful_set(1), [set_pod(0, **UNREADY), set_pod(1)], {}, [], id="does-not-shrink-while-one-is-not-ready"
        ),
        pytest.param(
            stateful_set(1), [set_pod(0), set_pod(1, **UNREADY)], {}, ["db-1"], id="an-ill-one-beyond-the-size-goes"
        ),
        pytest.param(
            stateful_set(1),
            [set_pod(0), set_pod(1, **UNREADY), set_pod(2, **UNREADY)],
            {},
            [],
            id="but-not-above-another-ill-one",
        ),
        pytest.param(
            stateful_set(1, parallel=True), [set_pod(0), set_pod(1), set_pod(2)], {}, ["db-2", "db-1"], id="all-at-once"
        ),
        pytest.param(stateful_set(0, deleting=True), [set_pod(0)], {}, [], id="the-set-is-going"),
    ],
)
def test_size(subject: StatefulSet, pods: list[Pod], create: dict[int, str], delete: list[str]) -> None:
    step = plan(subject, VERSIONS, set_pods(*pods), NOW)
    assert (step.create, [pod.metadata.name for pod in step.delete]) == (create, delete)


OLD_ONES = [set_pod(0, OLD), set_pod(1, OLD), set_pod(2, OLD)]


@pytest.mark.parametrize(
    ("more", "pods", "delete"),
    [
        pytest.param({}, OLD_ONES, ["db-2"], id="from-the-top"),
        pytest.param({}, [*OLD_ONES[:2], set_pod(2, NEW)], ["db-1"], id="one-after-the-other"),
        pytest.param({"parallel": True}, [*OLD_ONES[:2], set_pod(2, **UNREADY)], [], id="waits-for-the-new-one"),
        pytest.param({"partition": 2}, [*OLD_ONES[:2], set_pod(2)], [], id="down-to-the-partition"),
        pytest.param({"partition": 1}, OLD_ONES, ["db-2"], id="above-the-partition"),
        pytest.param({"partition": 9}, OLD_ONES, [], id="all-below-the-partition"),
        pytest.param({"unavailable": 2}, OLD_ONES, ["db-2", "db-1"], id="two-may-be-missing"),
        pytest.param({"unavailable": "70%"}, OLD_ONES, ["db-2", "db-1"], id="shares-are-rounded-down"),
        pytest.param({"unavailable": "10%"}, OLD_ONES, ["db-2"], id="but-never-to-none"),
        pytest.param({"spec": {"updateStrategy": {"type": "OnDelete"}}}, OLD_ONES, [], id="only-on-delete"),
        pytest.param(
            {"parallel": True},
            [OLD_ONES[0], set_pod(1, OLD, **UNREADY), OLD_ONES[2]],
            ["db-1"],
            id="an-ill-old-one-makes-way-at-once",
        ),
        pytest.param({}, [*OLD_ONES[:2], set_pod(2, OLD, deleting=True)], [], id="one-is-going"),
    ],
)
def test_updates(more: dict[str, Any], pods: list[Pod], delete: list[str]) -> None:
    step = plan(stateful_set(**more), VERSIONS, set_pods(*pods), NOW)
    assert [pod.metadata.name for pod in step.delete] == delete


@pytest.mark.parametrize(
    ("more", "missing", "expected"),
    [
        pytest.param({}, 1, NEW, id="updated"),
        pytest.param({"partition": 2}, 1, OLD, id="below-the-partition"),
        pytest.param({"partition": 1}, 1, NEW, id="at-the-partition"),
        pytest.param({"partition": 1, "start": 1}, 1, OLD, id="the-partition-counts-from-the-start"),
        pytest.param({"spec": {"updateStrategy": {"type": "OnDelete"}}}, 1, NEW, id="on-delete"),
        pytest.param(
            {"spec": {"updateStrategy": {"type": "RollingUpdate"}}, "status": {"currentReplicas": 2}},
            1,
            OLD,
            id="as-many-as-are-old",
        ),
    ],
)
def test_which_version_is_made(more: dict[str, Any], missing: int, expected: str) -> None:
    pods = [set_pod(ordinal, OLD) for ordinal in range(4) if ordinal != missing]
    assert plan(stateful_set(**more), VERSIONS, set_pods(*pods), NOW).create == {missing: expected}


def test_which_claims_are_seen_to() -> None:
    pods = set_pods(set_pod(0), set_pod(1), set_pod(2), set_pod(3))
    step = plan(stateful_set(2), VERSIONS, pods, NOW)
    assert (step.claims, step.condemned) == ([0, 1], [3, 2])
    step = plan(stateful_set(2), VERSIONS, set_pods(set_pod(0, phase="Pending"), set_pod(1)), NOW)
    assert step.claims == [0]
