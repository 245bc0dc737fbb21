"""A pod's claims, sorted, or why it cannot be scheduled."""

import pytest

from apimachinery.types.base import Object
from scheduler.storage.pod_claims import UNBOUND_IMMEDIATE, PodClaims, pod_claims
from tests.controller_manager.builders import claim, owner_reference, storage_class
from tests.scheduler.builders import PodBuilder, make_pod
from tests.scheduler.storage.world import Storage, bound, waiting_class

USER = make_pod("web").claim("data")
OWNER = make_pod("web").volume("ephemeral", volumeClaimTemplate={})
OWN_CLAIM = "web-v0"


@pytest.mark.parametrize(
    ("pod", "objects", "why"),
    [
        pytest.param(USER, (), 'persistentvolumeclaim "data" not found', id="no claim"),
        pytest.param(
            OWNER,
            (),
            'waiting for ephemeral volume controller to create the persistentvolumeclaim "web-v0"',
            id="no claim of its own yet",
        ),
        pytest.param(
            USER,
            (claim(status={"phase": "Lost"}, volume="gone"),),
            'persistentvolumeclaim "data" bound to non-existent persistentvolume "gone"',
            id="lost",
        ),
        pytest.param(USER, (bound(deleting=True),), 'persistentvolumeclaim "data" is being deleted', id="deleted"),
        pytest.param(
            OWNER,
            (bound(OWN_CLAIM, owners=[owner_reference("web", "uid-older", kind="Pod")]),),
            "PVC default/web-v0 was not created for pod default/web (pod is not owner)",
            id="of another pod",
        ),
        pytest.param(USER, (claim(), storage_class()), UNBOUND_IMMEDIATE, id="unbound, at once"),
        pytest.param(USER, (claim(),), UNBOUND_IMMEDIATE, id="unbound, of a class that is not there"),
        pytest.param(USER, (claim(storage_class=""),), UNBOUND_IMMEDIATE, id="unbound, of no class"),
        pytest.param(USER, (claim(volume="pv"), waiting_class()), UNBOUND_IMMEDIATE, id="names its volume"),
        pytest.param(
            USER, (claim(volume="pv", status={"phase": "Bound"}), waiting_class()), UNBOUND_IMMEDIATE, id="half bound"
        ),
    ],
)
def test_why_not(pod: PodBuilder, objects: tuple[Object, ...], why: str) -> None:
    assert pod_claims(pod.info(), Storage(*objects).view) == why


def test_bound_and_delayed_ones_apart() -> None:
    storage = Storage(
        bound(),
        claim("late"),
        bound(OWN_CLAIM, owners=[owner_reference("web", "uid-web", kind="Pod")]),
        waiting_class(),
    )
    pod = make_pod("web").volume("ephemeral", volumeClaimTemplate={}).claim("late").claim("data")
    found = pod_claims(pod.info(), storage.view)
    assert isinstance(found, PodClaims)
    assert [entry.metadata.name for entry in found.bound] == [OWN_CLAIM, "data"]
    assert [entry.metadata.name for entry in found.delayed] == ["late"]


def test_what_is_wrong_with_a_claim_comes_before_one_that_is_not_bound() -> None:
    storage = Storage(claim("first"), storage_class())
    found = pod_claims(make_pod("web").claim("first").claim("second").info(), storage.view)
    assert found == 'persistentvolumeclaim "second" not found'
