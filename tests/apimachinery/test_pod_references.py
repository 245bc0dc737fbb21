"""Which objects of the API a pod refers to."""

from typing import Any

import pytest

from apimachinery.pod_references import referenced_resources


def _with_env(**entry: Any) -> dict[str, Any]:
    return {"containers": [{"name": "c", "image": "x", **entry}]}


@pytest.mark.parametrize(
    ("spec", "resource"),
    [
        pytest.param({}, "", id="nothing"),
        pytest.param({"imagePullSecrets": [{"name": "s"}]}, "secrets", id="pull secret"),
        pytest.param({"volumes": [{"name": "v", "secret": {}}]}, "secrets", id="secret volume"),
        pytest.param({"volumes": [{"name": "v", "configMap": {}}]}, "configmaps", id="config map volume"),
        pytest.param({"volumes": [{"name": "v", "persistentVolumeClaim": {}}]}, "persistentvolumeclaims", id="claim"),
        pytest.param({"volumes": [{"name": "v", "hostPath": {"path": "/"}}]}, "", id="host path"),
        pytest.param(
            {"volumes": [{"name": "v", "projected": {"sources": [{"serviceAccountToken": {}}]}}]},
            "serviceaccounts",
            id="token",
        ),
        pytest.param(_with_env(envFrom=[{"configMapRef": {"name": "m"}}]), "configmaps", id="variables"),
        pytest.param(
            _with_env(env=[{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]),
            "secrets",
            id="a variable of a secret",
        ),
        pytest.param({"resourceClaims": [{"name": "c"}]}, "resourceclaims", id="resource claim"),
    ],
)
def test_references(spec: dict[str, Any], resource: str) -> None:
    assert next(referenced_resources(spec), "") == resource
