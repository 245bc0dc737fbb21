from typing import Any

import pytest

from apimachinery.types.pod import Pod
from controller_manager.pod_ranking import POD_DELETION_COST, choose_for_deletion, deletion_cost
from tests.controller_manager.builders import NOW, pod

MINUTE, DAY = 60.0, 86400.0


def _cost(value: str) -> dict[str, str]:
    return {POD_DELETION_COST: value}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(pod("z"), pod("a", node="n1"), id="unassigned-first"),
        pytest.param(pod("z", node="n", phase="Pending"), pod("a", node="n", phase="Unknown"), id="pending-first"),
        pytest.param(pod("z", node="n", phase="Unknown"), pod("a", node="n", phase="Running"), id="then-unknown"),
        pytest.param(pod("z", node="n"), pod("a", node="n", ready_for=MINUTE), id="not-ready-first"),
        pytest.param(
            pod("z", node="n", ready_for=DAY, annotations=_cost("-5")),
            pod("a", node="n", ready_for=MINUTE),
            id="cheaper-first",
        ),
        pytest.param(
            pod("z", node="n", annotations=_cost("100")),
            pod("a", node="n", ready_for=MINUTE, annotations=_cost("-100")),
            id="readiness-before-cost",
        ),
        pytest.param(
            pod("z", node="n", ready_for=MINUTE), pod("a", node="n", ready_for=DAY), id="more-recently-ready-first"
        ),
        pytest.param(pod("z", node="n", restarts=3), pod("a", node="n", restarts=1), id="more-restarts-first"),
        pytest.param(pod("z", node="n", age=MINUTE), pod("a", node="n", age=DAY), id="younger-first"),
        pytest.param(pod("a", node="n", age=1000), pod("z", node="n", age=999), id="ages-of-one-magnitude-go-by-uid"),
    ],
)
def test_order(first: Pod, second: Pod) -> None:
    for pods in ([first, second], [second, first]):
        assert choose_for_deletion(pods, pods, 1, NOW) == [first]


def test_pods_crowded_on_a_node_go_before_lonely_ones() -> None:
    lonely = pod("a", node="n1", ready_for=MINUTE)
    crowded = pod("b", node="n2", ready_for=DAY)
    relative = pod("c", node="n2", ready_for=DAY)
    assert choose_for_deletion([lonely, crowded], [lonely, crowded, relative], 1, NOW) == [crowded]


def test_sidecars_restarts_decide_when_the_apps_are_even() -> None:
    def with_sidecar(name: str, restarts: int) -> Pod:
        made = pod(name, node="n").model_dump(by_alias=True)
        made["spec"]["initContainers"] = [{"name": "s", "restartPolicy": "Always"}]
        status = {"name": "s", "ready": True, "restartCount": restarts, "image": "", "imageID": ""}
        made["status"]["initContainerStatuses"] = [status]
        return Pod.model_validate(made)

    calm, restless = with_sidecar("a", 0), with_sidecar("z", 2)
    assert choose_for_deletion([calm, restless], [], 1, NOW) == [restless]


def test_all_are_chosen_without_ranking() -> None:
    pods = [pod("a"), pod("b")]
    assert choose_for_deletion(pods, pods, 2, NOW) == pods


@pytest.mark.parametrize(
    ("annotations", "cost"),
    [
        pytest.param({}, 0, id="none"),
        pytest.param(_cost("12"), 12, id="positive"),
        pytest.param(_cost("-12"), -12, id="negative"),
        pytest.param(_cost("0"), 0, id="zero"),
        pytest.param(_cost("+5"), 0, id="plus-sign"),
        pytest.param(_cost("007"), 0, id="leading-zeros"),
        pytest.param(_cost("2147483648"), 0, id="too-large"),
        pytest.param(_cost("cheap"), 0, id="no-number"),
    ],
)
def test_deletion_cost(annotations: dict[str, Any], cost: int) -> None:
    assert deletion_cost(pod("a", annotations=annotations)) == cost
