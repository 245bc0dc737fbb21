import pytest

from apimachinery.types.base import OwnerReference
from controller_manager.object_graph import (
    FOREGROUND,
    ORPHAN,
    Judgement,
    OwnerState,
    Verdict,
    blocks,
    judge,
    orphans_dependents,
    waits_for_dependents,
)
from tests.controller_manager.builders import owner_reference, pod

SOLID, WAITING, ABSENT = OwnerState.SOLID, OwnerState.WAITING, OwnerState.ABSENT


@pytest.mark.parametrize(
    ("states", "finalizers", "has_dependents", "expected"),
    [
        pytest.param([], [], False, Judgement(Verdict.KEEP), id="no-owner"),
        pytest.param([SOLID], [], True, Judgement(Verdict.KEEP), id="owner-there"),
        pytest.param([SOLID, SOLID], [], True, Judgement(Verdict.KEEP), id="both-owners-there"),
        pytest.param([ABSENT], [], False, Judgement(Verdict.DELETE, policy="Background"), id="owner-gone"),
        pytest.param([ABSENT, ABSENT], [], True, Judgement(Verdict.DELETE, policy="Background"), id="both-gone"),
        pytest.param(
            [ABSENT, SOLID], [], False, Judgement(Verdict.DROP_REFERENCES, dropped=("owner-0",)), id="one-of-two-gone"
        ),
        pytest.param(
            [SOLID, WAITING], [], True, Judgement(Verdict.DROP_REFERENCES, dropped=("owner-1",)), id="one-of-two-waits"
        ),
        pytest.param([WAITING], [], False, Judgement(Verdict.DELETE, policy="Background"), id="owner-waits"),
        pytest.param(
            [WAITING], [], True, Judgement(Verdict.DELETE_FOREGROUND, policy="Foreground"), id="owner-waits-for-a-tree"
        ),
        pytest.param(
            [ABSENT, WAITING],
            [],
            True,
            Judgement(Verdict.DELETE_FOREGROUND, policy="Foreground"),
            id="one-gone-and-one-waits",
        ),
        pytest.param([ABSENT], [ORPHAN], True, Judgement(Verdict.DELETE, policy="Orphan"), id="its-own-are-to-stay"),
        pytest.param(
            [ABSENT], [FOREGROUND], True, Judgement(Verdict.DELETE, policy="Foreground"), id="its-own-go-first"
        ),
    ],
)
def test_judge(states: list[OwnerState], finalizers: list[str], has_dependents: bool, expected: Judgement) -> None:
    """What garbagecollector.go's attemptToDeleteItem does with each kind of owner."""
    owners = [
        (OwnerReference.model_validate(owner_reference("o", f"owner-{number}")), state)
        for number, state in enumerate(states)
    ]
    assert judge(pod("p", finalizers=finalizers), owners, has_dependents=has_dependents) == expected


def test_finalizers_count_only_once_deletion_has_begun() -> None:
    assert not waits_for_dependents(pod("p", finalizers=[FOREGROUND]))
    assert waits_for_dependents(pod("p", finalizers=[FOREGROUND], deleting=True))
    assert not orphans_dependents(pod("p", finalizers=[ORPHAN]))
    assert orphans_dependents(pod("p", finalizers=["example.com/x", ORPHAN], deleting=True))


def test_only_a_dependent_that_says_so_blocks() -> None:
    assert blocks(pod("p", owners=[owner_reference("o", "owner", blockOwnerDeletion=True)]), "owner")
    assert not blocks(pod("p", owners=[owner_reference("o", "owner")]), "owner")
    assert not blocks(pod("p", owners=[owner_reference("o", "other", blockOwnerDeletion=True)]), "owner")
