"""Kinds of which only the metadata is read."""

from typing import Any

import pytest

from apimachinery.types.extensions import CustomResourceDefinition
from controller_manager.metadata_kinds import api_versions, custom_resource, metadata_alone


def definition(
    *versions: dict[str, Any], scope: str = "Namespaced", established: str = "True"
) -> CustomResourceDefinition:
    return CustomResourceDefinition.model_validate({
        "metadata": {"name": "gadgets.example.com"},
        "spec": {
            "group": "example.com",
            "names": {"kind": "Gadget", "plural": "gadgets", "singular": "gadget"},
            "scope": scope,
            "versions": [{"schema": {"openAPIV3Schema": {}}, **version} for version in versions],
        },
        "status": {"conditions": [{"type": "Established", "status": established}]},
    })


def version(name: str, *, served: bool = True, storage: bool = False) -> dict[str, Any]:
    return {"name": name, "served": served, "storage": storage}


@pytest.mark.parametrize(
    ("made", "path"),
    [
        pytest.param(definition(version("v1", storage=True)), "/apis/example.com/v1/gadgets", id="one version"),
        pytest.param(
            definition(version("v2"), version("v1", storage=True)), "/apis/example.com/v1/gadgets", id="the stored one"
        ),
        pytest.param(
            definition(version("v2"), version("v1", served=False, storage=True)),
            "/apis/example.com/v2/gadgets",
            id="the stored one is not served",
        ),
        pytest.param(definition(version("v1", served=False, storage=True)), None, id="none served"),
        pytest.param(definition(version("v1", storage=True), established="False"), None, id="not established"),
    ],
)
def test_where_custom_resources_are(made: CustomResourceDefinition, path: str | None) -> None:
    resource = custom_resource(made)
    assert (resource.path() if resource is not None else None) == path


def test_scopes_and_versions() -> None:
    namespaced, cluster = (
        custom_resource(definition(version("v1", storage=True), version("v0"), scope=scope))
        for scope in ("Namespaced", "Cluster")
    )
    assert namespaced is not None
    assert cluster is not None
    assert (namespaced.namespaced, cluster.namespaced) == (True, False)
    assert api_versions(definition(version("v1"), version("v0"))) == ["example.com/v1", "example.com/v0"]


def test_only_metadata_is_kept() -> None:
    resource = metadata_alone("", "v1", "Secret", "secrets")
    assert metadata_alone("", "v1", "Secret", "secrets") is resource
    wire = {"metadata": {"name": "s", "namespace": "default"}, "data": {"key": "dmFsdWU="}}
    found = resource.model.model_validate(wire)
    assert (found.api_version, found.kind, found.key) == ("v1", "Secret", "default/s")
    assert "data" not in found.model_dump()


def test_definitions_are_kept_without_their_schemas() -> None:
    assert "openAPIV3Schema" not in str(definition(version("v1", storage=True)).model_dump())
