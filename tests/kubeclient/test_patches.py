from kubeclient.patches import checked_patch
from tests.controller_manager.builders import replica_set


def test_a_patch_names_the_version_it_was_decided_on() -> None:
    found = replica_set()
    found.metadata.resource_version = "7"
    assert checked_patch(found, {"spec": {"replicas": 2}, "metadata": {"annotations": {"a": "b"}}}) == {
        "metadata": {"annotations": {"a": "b"}, "resourceVersion": "7", "uid": "uid-web"},
        "spec": {"replicas": 2},
    }
