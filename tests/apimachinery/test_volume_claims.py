"""Which claims a pod uses, and which were made for it."""

import pytest

from apimachinery.volume_claims import ClaimUse, claims_of_pod, claims_used, made_for
from tests.controller_manager.builders import claim, owner_reference, pod


def test_claims_of_a_pod() -> None:
    volumes = [
        {"name": "a", "persistentVolumeClaim": {"claimName": "data"}},
        {"name": "b", "emptyDir": {}},
        {"name": "c", "ephemeral": {"volumeClaimTemplate": {}}},
    ]
    user = pod("p", volumes=volumes)
    assert claims_used(user) == (ClaimUse("data"), ClaimUse("p-c", owned=True))
    assert claims_of_pod(user) == ["default/data", "default/p-c"]


@pytest.mark.parametrize(
    ("owner", "found"),
    [
        pytest.param(owner_reference("p", "uid-p", kind="Pod"), True, id="the pod's"),
        pytest.param(owner_reference("p", "uid-p", kind="Pod", controller=False), False, id="not as its controller"),
        pytest.param(owner_reference("p", "uid-older", kind="Pod"), False, id="that of a pod of its name before it"),
    ],
)
def test_made_for(owner: dict[str, object], found: bool) -> None:
    assert made_for(claim(owners=[owner]), "uid-p") is found
    assert not made_for(claim(), "uid-p")
