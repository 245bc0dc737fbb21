"""Times that the server fills in when something changes."""

from typing import Any

import pytest

from apiserver.registry.certificates import CertificateSigningRequestStrategy
from apiserver.registry.volumes import PersistentVolumeStrategy

JSONObject = dict[str, Any]

BEFORE, NOW, SAID = "2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z", "2026-01-01T00:03:00Z"


@pytest.mark.parametrize(
    ("status", "stamped"),
    [
        pytest.param({"phase": "Available"}, BEFORE, id="no change"),
        pytest.param({"phase": "Bound"}, NOW, id="change"),
        pytest.param({"phase": "Bound", "lastPhaseTransitionTime": SAID}, SAID, id="the writer says when"),
        pytest.param({"phase": "Bound", "lastPhaseTransitionTime": None}, NOW, id="the writer leaves it out"),
    ],
)
def test_phases_of_volumes(status: JSONObject, stamped: str) -> None:
    old = {"status": {"phase": "Available", "lastPhaseTransitionTime": BEFORE}}
    new = {"status": {**old["status"], **status}}
    PersistentVolumeStrategy().stamp(new, old, NOW)
    assert new["status"]["lastPhaseTransitionTime"] == stamped


@pytest.mark.parametrize(
    ("condition", "updated", "changed"),
    [
        pytest.param({"type": "Approved", "status": "True"}, NOW, BEFORE, id="as before"),
        pytest.param({"type": "Failed", "status": "True"}, NOW, NOW, id="new"),
        pytest.param({"type": "Approved", "status": "True", "lastUpdateTime": SAID}, SAID, BEFORE, id="said"),
        pytest.param({"type": "Failed", "status": "True", "lastTransitionTime": SAID}, NOW, SAID, id="said too"),
    ],
)
@pytest.mark.parametrize("subresource", ["status", "approval"])
def test_conditions_of_signing_requests(subresource: str, condition: JSONObject, updated: str, changed: str) -> None:
    old = {"status": {"conditions": [{"type": "Approved", "status": "True", "lastTransitionTime": BEFORE}]}}
    new = {"status": {"conditions": [dict(condition)]}}
    CertificateSigningRequestStrategy().of_subresource(subresource).stamp(new, old, NOW)
    (found,) = new["status"]["conditions"]
    assert (found["lastUpdateTime"], found["lastTransitionTime"]) == (updated, changed)
