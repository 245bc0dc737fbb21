from typing import Any

import pytest

from apimachinery.types.apps import ReplicaSet
from controller_manager.compiled_selectors import CompiledSelectors
from tests.controller_manager.builders import replica_set


def selecting(**selector: Any) -> ReplicaSet:
    found = replica_set()
    spec = found.spec.model_validate({"selector": selector})
    return found.model_copy(update={"spec": spec})


def test_read_once_for_each_generation() -> None:
    selectors, owner = CompiledSelectors(), replica_set()
    first = selectors.of(owner, owner.spec.selector)
    assert first is not None
    assert first.matches({"app": "web"})
    assert selectors.of(owner, owner.spec.selector) is first
    later = selecting(matchLabels={"app": "db"})
    later.metadata.generation += 1
    second = selectors.of(later, later.spec.selector)
    assert second is not None
    assert not second.matches({"app": "web"})


@pytest.mark.parametrize(
    "selector",
    [
        pytest.param({}, id="everything"),
        pytest.param({"matchExpressions": [{"key": "a", "operator": "Odd"}]}, id="malformed"),
    ],
)
def test_selectors_that_are_no_good(selector: dict[str, Any]) -> None:
    owner = selecting(**selector)
    assert CompiledSelectors().of(owner, owner.spec.selector) is None
