import re
from typing import Any

from apimachinery.types.apps import ControllerRevision, PodTemplateSpec
from controller_manager.revisions import (
    REVISION_HASH,
    find_current,
    in_order,
    new_revision,
    surplus,
    template_data,
    template_of,
)
from tests.controller_manager.daemonset.objects import daemon_set


def template(image: str) -> PodTemplateSpec:
    body: dict[str, Any] = {"metadata": {"labels": {"app": "agent"}}, "spec": {"containers": [{"name": "c"}]}}
    body["spec"]["containers"][0]["image"] = image
    return PodTemplateSpec.model_validate(body)


def revision(image: str, number: int, name: str = "") -> ControllerRevision:
    return ControllerRevision.model_validate({
        "metadata": {"name": name or f"agent-{number}"},
        "data": template_data(template(image)),
        "revision": number,
    })


def test_a_revision_leads_back_to_its_template() -> None:
    data = template_data(template("v1"))
    assert data["spec"]["template"]["$patch"] == "replace"
    assert template_of(revision("v1", 1)) == template("v1")


def test_what_a_new_revision_is_called() -> None:
    made = new_revision(daemon_set(), template("v1"), 4, None, REVISION_HASH)
    digest = made.metadata.labels[REVISION_HASH]
    assert re.fullmatch("[bcdfghjklmnpqrstvwxz2456789]{1,10}", digest)
    assert (made.metadata.name, made.revision) == (f"agent-{digest}", 4)
    assert made.metadata.owner_references[0].uid == "uid-agent"
    assert new_revision(daemon_set(), template("v1"), 9, None, REVISION_HASH).metadata.name == made.metadata.name
    assert new_revision(daemon_set(), template("v1"), 4, 1, REVISION_HASH).metadata.name != made.metadata.name


def test_the_current_one() -> None:
    revisions = [revision("v1", 3), revision("v2", 2), revision("v1", 1)]
    assert find_current(revisions, template("v1")) is revisions[0]
    assert find_current(revisions, template("v2")) is revisions[1]
    assert find_current(revisions, template("v3")) is None
    assert [found.revision for found in in_order(revisions)] == [1, 2, 3]


def test_the_oldest_that_nothing_is_of_go() -> None:
    revisions = [revision(f"v{number}", number) for number in range(1, 6)]

    def gone(limit: int | None) -> list[int]:
        return [found.revision for found in surplus(revisions, limit, lambda found: found.revision in {1, 5})]

    assert gone(1) == [2, 3]
    assert gone(0) == [2, 3, 4]
    assert gone(3) == gone(None) == []
