import pytest

from apimachinery.types.storage import PersistentVolumeClaim
from controller_manager.statefulset.retention import same_owners, wanted_owners
from tests.controller_manager.builders import claim, owner_reference
from tests.controller_manager.statefulset.objects import set_pod, stateful_set

SET = owner_reference("db", "uid-db", kind="StatefulSet")
POD = owner_reference("db-1", "uid-db-1", kind="Pod")
EARLIER_POD = owner_reference("db-1", "uid-gone", kind="Pod")
BACKUP = owner_reference("backup", "uid-backup", kind="Backup", controller=False)
STRANGER = owner_reference("stranger", "uid-stranger", kind="Backup")


@pytest.mark.parametrize(
    ("policy", "before", "condemned", "expected"),
    [
        pytest.param(("Retain", "Retain"), [], False, [], id="kept"),
        pytest.param(("Retain", "Retain"), [SET, BACKUP], True, ["uid-backup"], id="kept-from-now-on"),
        pytest.param(("Delete", "Retain"), [], False, ["uid-db"], id="goes-with-the-set"),
        pytest.param(("Delete", "Retain"), [], True, ["uid-db"], id="goes-with-the-set-only"),
        pytest.param(("Retain", "Delete"), [], False, [], id="stays-with-a-pod-that-stays"),
        pytest.param(("Retain", "Delete"), [], True, ["uid-db-1"], id="goes-with-the-condemned-pod"),
        pytest.param(("Delete", "Delete"), [SET], True, ["uid-db-1"], id="with-the-pod-instead-of-the-set"),
        pytest.param(("Delete", "Delete"), [POD], False, ["uid-db"], id="the-pod-is-no-longer-condemned"),
        pytest.param(("Retain", "Delete"), [EARLIER_POD], False, [], id="the-pod-is-another-by-now"),
        pytest.param(("Delete", "Delete"), [STRANGER], False, ["uid-stranger"], id="somebody-elses"),
    ],
)
def test_owners(policy: tuple[str, str], before: list[dict[str, object]], condemned: bool, expected: list[str]) -> None:
    names = dict(zip(("whenDeleted", "whenScaled"), policy, strict=True))
    subject = stateful_set(spec={"persistentVolumeClaimRetentionPolicy": names})
    found: PersistentVolumeClaim = claim("data-db-1", owners=before)
    owners = wanted_owners(subject, set_pod(1), found, condemned=condemned)
    assert [entry.uid for entry in owners] == expected
    assert same_owners(owners, found.metadata.owner_references) is (expected == [str(entry["uid"]) for entry in before])
