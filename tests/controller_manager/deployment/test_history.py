import re

import pytest

from controller_manager.deployment.history import (
    HISTORY_LIMIT_CHARACTERS,
    REVISION,
    REVISION_HISTORY,
    changed,
    find_new,
    in_line,
    new_replica_set,
    next_revision,
    surplus,
)
from tests.controller_manager.deployment.objects import deployment, replica_set


def test_the_new_one_has_the_template_whatever_its_hash() -> None:
    younger = replica_set("new", 1, age=1).model_copy(deep=True)
    younger.spec.template.metadata.labels["pod-template-hash"] = "other"
    older = replica_set("new", 1, age=2)
    assert find_new(deployment(), [younger, replica_set("old", 1), older]) is older
    assert find_new(deployment(image="newest"), [younger, older]) is None


def test_what_is_created() -> None:
    """The hash is in the name, in the labels and in the selector, and follows the template and the collisions."""
    subject = deployment(annotations={"note": "x", "kubectl.kubernetes.io/last-applied-configuration": "{}"})
    made = new_replica_set(subject, 3)
    digest = made.metadata.labels["pod-template-hash"]
    assert re.fullmatch("[bcdfghjklmnpqrstvwxz2456789]{1,10}", digest)
    assert made.metadata.name == f"web-{digest}"
    assert made.spec.selector.match_labels == {"app": "web", "pod-template-hash": digest}
    assert made.spec.template.metadata.labels == made.metadata.labels
    assert made.metadata.annotations == {"note": "x", REVISION: "3"}
    assert made.metadata.owner_references[0].uid == "uid-web"
    assert find_new(subject, [made]) is made
    names = {
        new_replica_set(other, 1).metadata.name
        for other in (subject, deployment(image="other"), deployment(status={"collisionCount": 1}))
    }
    assert len(names) == 3


@pytest.mark.parametrize(
    ("before", "earlier", "revision", "expected"),
    [
        pytest.param(None, "", 1, ("1", None), id="first"),
        pytest.param("2", "", 2, ("2", None), id="unchanged"),
        pytest.param("9", "", 3, ("9", None), id="never-lower"),
        pytest.param("1", "", 3, ("3", "1"), id="gone-back-to"),
        pytest.param("3", "1", 5, ("5", "1,3"), id="gone-back-to-again"),
        pytest.param("9", "", 10, ("10", "9"), id="compared-as-numbers"),
    ],
)
def test_revisions(before: str | None, earlier: str, revision: int, expected: tuple[str, str | None]) -> None:
    found = replica_set("new", 1, revision=before)
    if earlier:
        found = changed(found, {**found.metadata.annotations, REVISION_HISTORY: earlier})
    annotations = in_line(deployment(), found, revision).metadata.annotations
    assert (annotations[REVISION], annotations.get(REVISION_HISTORY)) == expected


def test_the_history_of_revisions_forgets_the_oldest() -> None:
    history = ",".join(str(number) for number in range(1000, 1400))
    found = replica_set("new", 1, revision=1400)
    found = changed(found, {**found.metadata.annotations, REVISION_HISTORY: history})
    kept = in_line(deployment(), found, 1402).metadata.annotations[REVISION_HISTORY]
    assert len(kept) <= HISTORY_LIMIT_CHARACTERS
    assert kept.startswith("1001,")
    assert kept.endswith(",1399,1400")


def test_next_revision() -> None:
    old = [replica_set("a", 1, revision=9), replica_set("b", 1, revision=10), replica_set("c", 1, revision="odd")]
    assert next_revision(old) == 11
    assert next_revision([]) == 1


def test_what_is_beyond_the_limit() -> None:
    old = [
        replica_set("a", 0, revision=3),
        replica_set("b", 0, revision=1),
        replica_set("with-pods", 1, revision=2),
        replica_set("pods-still-going", 0, revision=4, pods=1),
        replica_set("not-looked-at", 0, revision=5, generation=2),
        replica_set("last", 0, revision=6),
    ]

    def gone(limit: int | None) -> list[str]:
        subject = deployment(spec={"revisionHistoryLimit": limit})
        return [found.metadata.name for found in surplus(subject, old)]

    assert gone(1) == ["web-b", "web-a"]
    assert gone(0) == ["web-b", "web-a", "web-last"]
    assert gone(5) == ["web-b"]
    assert gone(6) == gone(None) == []
