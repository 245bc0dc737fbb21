"""Which resources a quota is about."""

import pytest

from apimachinery.quota.usage import limited_resources


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(["pods", "requests.cpu", "limits.memory"], {("", "pods")}, id="pods"),
        pytest.param(["requests.nvidia.com/gpu"], {("", "pods")}, id="extended resources"),
        pytest.param(
            ["gold.storageclass.storage.k8s.io/requests.storage"], {("", "persistentvolumeclaims")}, id="claims"
        ),
        pytest.param(["services.nodeports", "secrets"], {("", "services"), ("", "secrets")}, id="kinds by name"),
        pytest.param(
            ["count/pods", "count/widgets.example.com"], {("", "pods"), ("example.com", "widgets")}, id="objects"
        ),
        pytest.param(["something-else"], set(), id="nothing that is known"),
    ],
)
def test_limited_resources(names: list[str], expected: set[tuple[str, str]]) -> None:
    assert limited_resources(names) == expected
