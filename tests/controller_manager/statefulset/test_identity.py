import pytest

from controller_manager.statefulset.identity import (
    claims_for,
    has_identity,
    ordinal_of,
    ordinals,
    owner_of_claim,
    pod_for,
)
from tests.controller_manager.statefulset.objects import set_pod, stateful_set


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("db-0", 0, id="first"),
        pytest.param("db-12", 12, id="two-digits"),
        pytest.param("db-x", None, id="no-number"),
        pytest.param("db", None, id="the-sets-own-name"),
        pytest.param("other-1", None, id="of-another"),
        pytest.param("db-old-1", None, id="of-one-whose-name-begins-alike"),
        pytest.param("db-99999999999", None, id="no-32-bit-number"),
    ],
)
def test_ordinals_in_names(name: str, expected: int | None) -> None:
    assert ordinal_of(stateful_set(), name) == expected


def test_ordinals_may_start_higher() -> None:
    assert list(ordinals(stateful_set(3, start=5))) == [5, 6, 7]


def test_a_pod_has_its_name_and_its_claims() -> None:
    """A volume of the template that has a claim's name makes way for it."""
    volumes = [{"name": "data", "emptyDir": {}}, {"name": "tmp", "emptyDir": {}}]
    subject = stateful_set(pod={"volumes": volumes, "containers": [{"name": "c", "image": "pause"}]})
    made = pod_for(subject, subject.spec.template, "db-abc", 4)
    assert made["metadata"]["name"] == "db-4"
    assert "generateName" not in made["metadata"]
    assert made["metadata"]["labels"] == {
        "app": "db",
        "statefulset.kubernetes.io/pod-name": "db-4",
        "apps.kubernetes.io/pod-index": "4",
        "controller-revision-hash": "db-abc",
    }
    assert (made["spec"]["hostname"], made["spec"]["subdomain"]) == ("db-4", "dbs")
    assert made["spec"]["volumes"] == [
        {"name": "data", "persistentVolumeClaim": {"claimName": "data-db-4"}},
        {"name": "tmp", "emptyDir": {}},
    ]


def test_claims() -> None:
    (claim,) = claims_for(stateful_set(), 4)
    assert (claim.key, claim.metadata.labels) == ("default/data-db-4", {"app": "db"})
    assert claim.spec.access_modes == ["ReadWriteOnce"]
    assert owner_of_claim(stateful_set(), "data-db-4")
    assert not owner_of_claim(stateful_set(), "data-db-x")
    assert not owner_of_claim(stateful_set(), "logs-db-4")


def test_a_pod_that_lost_its_labels() -> None:
    found = set_pod(1)
    assert has_identity(stateful_set(), found, 1)
    del found.metadata.labels["statefulset.kubernetes.io/pod-name"]
    assert not has_identity(stateful_set(), found, 1)
