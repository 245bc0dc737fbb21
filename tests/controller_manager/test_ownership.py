import pytest

from apimachinery.selectors import parse_label_selector
from apimachinery.types.pod import Pod
from controller_manager.ownership import (
    MIRROR_POD,
    adoption_patch,
    claim,
    index_by_controller,
    orphan_key,
    release_patch,
)
from tests.controller_manager.builders import owner_reference, pod, replica_set

SELECTOR = parse_label_selector("app=web")
OURS = [owner_reference("web", "uid-web")]
OTHER = [owner_reference("other", "uid-other")]
PLAIN_OWNER = [owner_reference("thing", "uid-thing", controller=False)]


@pytest.mark.parametrize(
    ("candidate", "fate"),
    [
        pytest.param(pod("p", owners=OURS), "owned", id="ours"),
        pytest.param(pod("p", owners=OURS, labels={}), "released", id="ours-relabelled"),
        pytest.param(pod("p"), "adopted", id="orphan"),
        pytest.param(pod("p", owners=PLAIN_OWNER), "adopted", id="an-owner-that-is-no-controller"),
        pytest.param(pod("p", labels={"app": "db"}), "left", id="orphan-with-other-labels"),
        pytest.param(pod("p", owners=OTHER), "left", id="of-another-controller"),
        pytest.param(pod("p", deleting=True), "left", id="orphan-being-deleted"),
        pytest.param(pod("p", annotations={MIRROR_POD: "x"}), "left", id="mirror-of-a-static-pod"),
    ],
)
def test_claim(candidate: Pod, fate: str) -> None:
    """S20: a static pod's mirror is never adopted."""
    claims = claim(replica_set(), SELECTOR, [candidate])
    fates = {"owned": claims.owned, "adopted": claims.to_adopt, "released": claims.to_release}
    assert {name for name, pods in fates.items() if pods} == ({fate} - {"left"})


@pytest.mark.parametrize("candidate", [pod("p"), pod("p", owners=OURS, labels={})])
def test_an_owner_that_is_being_deleted_adopts_and_releases_nothing(candidate: Pod) -> None:
    claims = claim(replica_set(deleting=True), SELECTOR, [candidate])
    assert not claims.to_adopt
    assert not claims.to_release


def test_index_by_controller() -> None:
    assert index_by_controller(pod("p", owners=[*PLAIN_OWNER, *OURS])) == ("uid-web",)
    assert index_by_controller(pod("p", owners=PLAIN_OWNER)) == (orphan_key("default"),)


def test_patches_name_the_very_pod() -> None:
    adoption = adoption_patch(replica_set(), pod("p"))
    assert adoption["metadata"]["uid"] == "uid-p"
    assert adoption["metadata"]["ownerReferences"] == [
        {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "name": "web",
            "uid": "uid-web",
            "controller": True,
            "blockOwnerDeletion": True,
        }
    ]
    assert release_patch(["uid-web"], pod("p")) == {
        "metadata": {"ownerReferences": [{"$patch": "delete", "uid": "uid-web"}], "uid": "uid-p"}
    }
