from collections.abc import Sequence

import pytest

from apimachinery.types.pod import Pod
from controller_manager.daemonset.placing import Suitability
from controller_manager.daemonset.plan import by_node, manage, roll
from tests.controller_manager.builders import NOW
from tests.controller_manager.daemonset.objects import KEEPS, NEW, OLD, RUNS, UNSUITED, daemon_pod, daemon_set

Names = list[str]


@pytest.mark.parametrize(
    ("node", "pods", "surge", "expected"),
    [
        pytest.param(RUNS, [], 0, (["n1"], [], []), id="missing"),
        pytest.param(RUNS, [daemon_pod("n1")], 0, ([], [], []), id="there"),
        pytest.param(RUNS, [daemon_pod("n1", bound=False)], 0, ([], [], []), id="waits-to-be-bound"),
        pytest.param(RUNS, [daemon_pod("n1", deleting=True)], 0, ([], [], []), id="still-going"),
        pytest.param(
            RUNS, [daemon_pod("n1", deleting=True, phase="Failed")], 0, (["n1"], [], []), id="ended-and-going"
        ),
        pytest.param(RUNS, [daemon_pod("n1", phase="Failed")], 0, ([], [], ["n1-new"]), id="failed"),
        pytest.param(RUNS, [daemon_pod("n1", phase="Succeeded")], 0, ([], ["n1-new"], []), id="succeeded"),
        pytest.param(
            RUNS, [daemon_pod("n1"), daemon_pod("n1", name="older", age=99)], 0, ([], ["n1-new"], []), id="two"
        ),
        pytest.param(KEEPS, [], 0, ([], [], []), id="keeps-none"),
        pytest.param(KEEPS, [daemon_pod("n1")], 0, ([], [], []), id="keeps-one"),
        pytest.param(UNSUITED, [daemon_pod("n1")], 0, ([], ["n1-new"], []), id="unsuited"),
        pytest.param(UNSUITED, [daemon_pod("n1", deleting=True)], 0, ([], [], []), id="unsuited-and-going"),
        pytest.param(None, [daemon_pod("n1", bound=False)], 0, ([], ["n1-new"], []), id="the-node-is-gone"),
        pytest.param(None, [daemon_pod("n1")], 0, ([], [], []), id="the-node-is-gone-from-under-it"),
        pytest.param(
            RUNS,
            [daemon_pod("n1", OLD), daemon_pod("n1", NEW, ready_for=None)],
            1,
            ([], [], []),
            id="surge-under-way",
        ),
        pytest.param(RUNS, [daemon_pod("n1", OLD), daemon_pod("n1", NEW)], 1, ([], ["n1-old"], []), id="surge-done"),
        pytest.param(
            RUNS,
            [daemon_pod("n1", OLD, ready_for=None), daemon_pod("n1", NEW, ready_for=None)],
            1,
            ([], ["n1-old"], []),
            id="surge-of-what-was-broken",
        ),
        pytest.param(
            RUNS,
            [daemon_pod("n1", OLD), daemon_pod("n1", OLD, name="second", age=80)],
            1,
            ([], ["second"], []),
            id="two-old-ones",
        ),
    ],
)
def test_manage(
    node: Suitability | None, pods: Sequence[Pod], surge: int, expected: tuple[Names, Names, Names]
) -> None:
    nodes = {"n1": node} if node is not None else {}
    plan = manage(daemon_set(surge=surge), nodes, by_node(pods), NEW, NOW)
    assert (plan.create, _names(plan.delete), _names(plan.failed)) == expected


def _names(pods: Sequence[Pod]) -> Names:
    return [pod.metadata.name for pod in pods]


OLD_ONES = [daemon_pod(f"n{number}", OLD) for number in range(1, 5)]


@pytest.mark.parametrize(
    ("unavailable", "pods", "expected"),
    [
        pytest.param(1, OLD_ONES, ["n1-old"], id="one"),
        pytest.param("50%", OLD_ONES, ["n1-old", "n2-old"], id="half"),
        pytest.param("30%", OLD_ONES, ["n1-old", "n2-old"], id="shares-are-rounded-up"),
        pytest.param(0, OLD_ONES, ["n1-old"], id="never-none"),
        pytest.param(1, [daemon_pod("n1", NEW, ready_for=None), *OLD_ONES[1:]], [], id="a-new-one-is-not-up-yet"),
        pytest.param(1, [daemon_pod("n1", NEW), *OLD_ONES[1:]], ["n2-old"], id="the-new-one-is-up"),
        pytest.param(1, [daemon_pod("n1", OLD, deleting=True), *OLD_ONES[1:]], [], id="one-is-going"),
        pytest.param(
            1,
            [daemon_pod("n1", NEW, ready_for=None), daemon_pod("n2", OLD, ready_for=None), *OLD_ONES[2:]],
            ["n2-old"],
            id="a-broken-old-one-goes-anyway",
        ),
    ],
)
def test_rolling_in_place(unavailable: int | str, pods: Sequence[Pod], expected: Names) -> None:
    nodes = {f"n{number}": RUNS for number in range(1, 5)}
    plan = roll(daemon_set(unavailable=unavailable), nodes, by_node(pods), NEW, NOW)
    assert (plan.create, _names(plan.delete)) == ([], expected)


@pytest.mark.parametrize(
    ("surge", "pods", "create", "delete"),
    [
        pytest.param(1, OLD_ONES, ["n1"], [], id="one"),
        pytest.param("50%", OLD_ONES, ["n1", "n2"], [], id="half"),
        pytest.param(1, [*OLD_ONES, daemon_pod("n1", NEW, ready_for=None)], [], [], id="not-up-yet"),
        pytest.param(1, [*OLD_ONES, daemon_pod("n1", NEW)], ["n2"], ["n1-old"], id="the-new-one-is-up"),
        pytest.param(1, [*OLD_ONES, daemon_pod("n1", NEW, ready_for=2)], [], [], id="not-up-for-long-enough"),
        pytest.param(
            1,
            [*OLD_ONES[1:], daemon_pod("n1", OLD, ready_for=None), daemon_pod("n2", NEW, ready_for=None)],
            ["n1"],
            [],
            id="beside-a-broken-one-anyway",
        ),
        pytest.param(1, [daemon_pod("gone", OLD)], [], [], id="not-on-a-node-that-is-gone"),
    ],
)
def test_rolling_with_a_surge(surge: int | str, pods: Sequence[Pod], create: Names, delete: Names) -> None:
    nodes = {f"n{number}": RUNS for number in range(1, 5)}
    subject = daemon_set(unavailable=0, surge=surge)
    subject.spec.min_ready_seconds = 5
    plan = roll(subject, nodes, by_node(pods), NEW, NOW)
    assert (plan.create, _names(plan.delete)) == (create, delete)
