from collections import Counter
from datetime import timedelta

from apimachinery.types.base import Condition
from controller_manager.namespace_conditions import Progress, conditions
from tests.controller_manager.builders import NOW

LATER = NOW + timedelta(minutes=1)


def _by_type(found: list[Condition]) -> dict[str, Condition]:
    return {entry.type: entry for entry in found}


def test_an_empty_namespace_has_nothing_wrong() -> None:
    progress = Progress()
    assert progress.empty
    assert {entry.status for entry in conditions([], progress, NOW)} == {"False"}


def test_what_is_left_is_named() -> None:
    progress = Progress(
        remaining=Counter({"replicasets.apps": 1, "pods.": 2}), finalizers=Counter({"example.com/hold": 2})
    )
    found = _by_type(conditions([], progress, NOW))
    assert not progress.empty
    remaining = found["NamespaceContentRemaining"]
    assert (remaining.status, remaining.reason) == ("True", "SomeResourcesRemain")
    assert remaining.message == (
        "Some resources are remaining: pods. has 2 resource instances, replicasets.apps has 1 resource instances"
    )
    finalizers = found["NamespaceFinalizersRemaining"]
    assert (finalizers.status, finalizers.reason) == ("True", "SomeFinalizersRemain")
    assert finalizers.message == (
        "Some content in the namespace has finalizers remaining: example.com/hold in 2 resource instances"
    )


def test_failures_are_counted_and_named() -> None:
    progress = Progress(delete_failures=["b is stuck", "a is stuck"], discovery_failures={"metrics/v1": "away"})
    found = _by_type(conditions([], progress, NOW))
    assert not progress.empty
    content = found["NamespaceDeletionContentFailure"]
    assert (content.status, content.reason) == ("True", "ContentDeletionFailed")
    assert content.message == "Failed to delete all resource types, 2 remaining: a is stuck, b is stuck"
    discovery = found["NamespaceDeletionDiscoveryFailure"]
    assert (discovery.status, discovery.reason) == ("True", "DiscoveryFailed")
    assert "metrics/v1: away" in discovery.message


def test_a_condition_keeps_its_time_until_it_turns() -> None:
    other = Condition(type="Other", status="True")
    first = conditions([other], Progress(remaining=Counter({"pods.": 2})), NOW)
    second = conditions(first, Progress(remaining=Counter({"pods.": 1})), LATER)
    third = conditions(second, Progress(), LATER)
    times = [_by_type(found)["NamespaceContentRemaining"].last_transition_time for found in (first, second, third)]
    assert times == [NOW, NOW, LATER]
    assert third[0] == other
    assert conditions(third, Progress(), LATER) == third
