"""Which driver's volume stands behind a claim."""

import pytest

from apimachinery.types.base import Object
from scheduler.storage.csi import CSIVolume, csi_volume
from tests.controller_manager.builders import claim, volume
from tests.scheduler.storage.world import Storage, bound, csi, waiting_class


@pytest.mark.parametrize(
    ("objects", "found"),
    [
        pytest.param([], None, id="no claim"),
        pytest.param([bound(), volume(spec=csi("h"))], CSIVolume("example.csi", "h"), id="a driver's"),
        pytest.param([bound(), volume(spec={"hostPath": {"path": "/x"}})], None, id="no driver's"),
        pytest.param(
            [claim(), waiting_class(provisioner="example.csi")],
            CSIVolume("example.csi", "claim:default/data"),
            id="to be made",
        ),
        pytest.param(
            [bound(), waiting_class(provisioner="example.csi")],
            CSIVolume("example.csi", "claim:default/data"),
            id="its volume is gone",
        ),
        pytest.param([claim()], None, id="of a class that is not there"),
    ],
)
def test_volume_of_a_claim(objects: list[Object], found: CSIVolume | None) -> None:
    assert csi_volume("default/data", Storage(*objects).view) == found
