"""What belongs together."""

from typing import Any

import pytest

from controller_manager.volumes.indexes import (
    attributes_of_claim,
    attributes_of_volume,
    claim_of_volume,
    class_of_unbound,
    class_of_volume,
    volume_of_claim,
)
from tests.controller_manager.builders import claim, volume


def test_volumes() -> None:
    assert claim_of_volume(volume(claim="data")) == ["default/data"]
    assert claim_of_volume(volume()) == []
    assert class_of_volume(volume(storage_class="fast")) == ["fast"]
    assert attributes_of_volume(volume(spec={"volumeAttributesClassName": "gold"})) == ["gold"]
    assert attributes_of_volume(volume()) == []


def test_claims() -> None:
    assert class_of_unbound(claim()) == ["standard"]
    assert class_of_unbound(claim(storage_class=None)) == [""]
    assert class_of_unbound(claim(annotations={"pv.kubernetes.io/bind-completed": "yes"})) == []
    assert volume_of_claim(claim(volume="pv")) == ["pv"]
    assert volume_of_claim(claim()) == []


@pytest.mark.parametrize(
    ("wanted", "status", "names"),
    [
        pytest.param(None, {}, set(), id="none"),
        pytest.param("gold", {}, {"gold"}, id="wanted"),
        pytest.param("gold", {"currentVolumeAttributesClassName": "silver"}, {"gold", "silver"}, id="on its way"),
        pytest.param(
            None,
            {"modifyVolumeStatus": {"targetVolumeAttributesClassName": "lead", "status": "InProgress"}},
            {"lead"},
            id="under way",
        ),
    ],
)
def test_attributes(wanted: str | None, status: dict[str, Any], names: set[str]) -> None:
    found = claim(spec={"volumeAttributesClassName": wanted}, status={"phase": "Bound", **status})
    assert attributes_of_claim(found) == names
