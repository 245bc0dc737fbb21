"""Which specs count as one that has been found right before."""

from typing import Any

import pytest

from apiserver.validation.pod import validate_pod
from apiserver.validation.right_specs import MOST, RightSpecs, essence
from tests.apiserver.objects import pod

JSONObject = dict[str, Any]


def with_token(volume: str, *, mounted: str = "", arguments: tuple[str, ...] = ()) -> JSONObject:
    container = {"name": "a", "args": list(arguments), "volumeMounts": [{"name": mounted or volume, "mountPath": "/t"}]}
    return {"containers": [container], "volumes": [{"name": volume, "emptyDir": {}}]}


TOKEN = with_token("kube-api-access-bcdfg")


@pytest.mark.parametrize(
    ("other", "same"),
    [
        pytest.param(with_token("kube-api-access-bcdfg"), True, id="equal"),
        pytest.param(with_token("kube-api-access-22222"), True, id="another token volume"),
        pytest.param(with_token("kube-api-access-aeiou"), False, id="a name that nobody draws"),
        pytest.param(with_token("kube-api-access-22222", mounted="kube-api-access-bcdfg"), False, id="mounts another"),
        pytest.param(with_token("kube-api-access-bcdfg", arguments=("x",)), False, id="another argument"),
        pytest.param(with_token("kube-api-access-bcdfg", arguments=("\0",)), False, id="a zero byte"),
    ],
)
def test_what_is_drawn_by_lot_makes_no_difference(other: JSONObject, same: bool) -> None:
    assert (essence(other) == essence(TOKEN)) is same


@pytest.mark.parametrize("argument", ["x" * 20_000, "\ud800"], ids=["long", "not to be encoded"])
def test_what_is_not_worth_remembering(argument: str) -> None:
    right = RightSpecs()
    found = essence(with_token("v", arguments=(argument,)))
    right.add(found)
    assert (found, found in right, len(right)) == (None, False, 0)


def test_only_so_many_are_remembered() -> None:
    right = RightSpecs()
    for number in range(3 * MOST):
        right.add(b"%d" % number)
        assert len(right) <= MOST
    assert b"%d" % (3 * MOST - 1) in right


def test_right_and_wrong_pods_stay_so() -> None:
    def defaulted(name: str) -> JSONObject:
        obj = pod("p")
        settings = {"imagePullPolicy": "Always", "terminationMessagePolicy": "File"}
        obj["spec"] = {
            "containers": [{"name": name, "image": "x", **settings}],
            "restartPolicy": "Always",
            "dnsPolicy": "Default",
            "terminationGracePeriodSeconds": 30,
        }
        return obj

    for _ in range(2):
        assert validate_pod(defaulted("right")) == []
        assert [cause.field for cause in validate_pod(defaulted("Wrong"))] == ["spec.containers[0].name"]
