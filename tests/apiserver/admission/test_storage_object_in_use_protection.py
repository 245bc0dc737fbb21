"""StorageObjectInUseProtection: what may be in use is held."""

from typing import Any

import pytest

from tests.apiserver.admission.server import Server


@pytest.mark.parametrize(
    ("plural", "obj", "finalizer"),
    [
        pytest.param(
            "persistentvolumeclaims",
            {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}},
            "kubernetes.io/pvc-protection",
            id="claim",
        ),
        pytest.param(
            "persistentvolumes",
            {
                "spec": {
                    "accessModes": ["ReadWriteOnce"],
                    "capacity": {"storage": "1Gi"},
                    "hostPath": {"path": "/tmp"},
                }
            },
            "kubernetes.io/pv-protection",
            id="volume",
        ),
    ],
)
async def test_storage_object_in_use_protection(plural: str, obj: dict[str, Any], finalizer: str) -> None:
    async with Server() as server:
        created = await server.create(plural, {"metadata": {"name": "o"}, **obj})
        assert created["metadata"]["finalizers"] == [finalizer]
    async with Server(disable=("StorageObjectInUseProtection",)) as server:
        assert "finalizers" not in (await server.create(plural, {"metadata": {"name": "o"}, **obj}))["metadata"]
