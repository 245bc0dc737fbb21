"""Server-side apply of custom resources: what merges how is told by their schema."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.apiserver.apiextensions.definitions import definition, version
from tests.apiserver.conftest import MERGE, check_status
from tests.apiserver.test_customresources import DEFINITIONS, Definitions

JSONObject = dict[str, Any]

APPLY = "application/apply-patch+yaml"
PORT = {
    "type": "object",
    "required": ["port"],
    "properties": {
        "port": {"type": "integer"},
        "protocol": {"type": "string", "default": "TCP"},
        "name": {"type": "string"},
    },
}
SCHEMA: JSONObject = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "size": {"type": "integer"},
                "ports": {
                    "type": "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["port", "protocol"],
                    "items": PORT,
                },
                "tags": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
                "plain": {"type": "array", "items": {"type": "string"}},
                "whole": {
                    "type": "object",
                    "x-kubernetes-map-type": "atomic",
                    "additionalProperties": {"type": "string"},
                },
                "granular": {"type": "object", "additionalProperties": {"type": "string"}},
                "anything": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
            },
        },
        "status": {"type": "object", "properties": {"phase": {"type": "string"}, "size": {"type": "integer"}}},
    },
}
SUBRESOURCES = {
    "status": {},
    "scale": {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"},
}


class Custom:
    """Instances of one definition, each write in the name of a manager."""

    def __init__(self, crds: Definitions) -> None:
        self.crds = crds

    async def apply(
        self,
        config: JSONObject,
        manager: str = "a",
        *,
        subresource: str = "",
        code: int = 200,
        **params: str,
    ) -> JSONObject:
        answer = await self.crds.http.patch(
            self.crds.path("mine", subresource),
            json=config,
            headers={"content-type": APPLY},
            params={"fieldManager": manager, **params},
        )
        assert answer.status_code == code, answer.text
        found: JSONObject = answer.json()
        return found

    def config(self, **spec: Any) -> JSONObject:
        obj = self.crds.object()
        return {**obj, "spec": spec}


@pytest.fixture
async def custom(http: httpx.AsyncClient, namespace: str) -> AsyncIterator[Custom]:
    definitions = Definitions(http, namespace)
    await definitions.create(
        definition(group=definitions.group, versions=[version(schema=SCHEMA, subresources=SUBRESOURCES)])
    )
    yield Custom(definitions)
    for name in definitions.created:
        await http.delete(f"{DEFINITIONS}/{name}")


def fields(obj: JSONObject, manager: str = "a") -> Any:
    return next(entry for entry in obj["metadata"]["managedFields"] if entry["manager"] == manager)["fieldsV1"]


async def test_lists_and_maps(custom: Custom) -> None:
    first = custom.config(
        ports=[{"port": 53, "protocol": "UDP"}, {"port": 53}],
        tags=["x", "y"],
        plain=["x"],
        whole={"a": "1"},
        granular={"a": "1"},
        anything={"deep": {"a": 1}},
    )
    created = await custom.apply(first, code=201)
    assert fields(created) == {
        "f:spec": {
            "f:anything": {"f:deep": {".": {}, "f:a": {}}},
            "f:granular": {"f:a": {}},
            "f:plain": {},
            "f:ports": {
                'k:{"port":53,"protocol":"TCP"}': {".": {}, "f:port": {}},
                'k:{"port":53,"protocol":"UDP"}': {".": {}, "f:port": {}, "f:protocol": {}},
            },
            "f:tags": {'v:"x"': {}, 'v:"y"': {}},
            "f:whole": {},
        }
    }
    second = custom.config(ports=[{"port": 80}], tags=["y", "z"], granular={"b": "2"}, anything={"deep": {"b": 2}})
    spec = (await custom.apply(second, "b"))["spec"]
    assert [(entry["port"], entry["protocol"]) for entry in spec["ports"]] == [(53, "UDP"), (53, "TCP"), (80, "TCP")]
    assert spec["tags"] == ["x", "y", "z"]
    assert spec["granular"] == {"a": "1", "b": "2"}
    assert spec["anything"] == {"deep": {"a": 1, "b": 2}}
    spec = (await custom.apply(custom.config(plain=["x"])))["spec"]
    assert spec == {
        "ports": [{"port": 80, "protocol": "TCP"}],
        "tags": ["y", "z"],
        "plain": ["x"],
        "granular": {"b": "2"},
        "anything": {"deep": {"b": 2}},
    }
    for name, value in (("plain", ["y"]), ("whole", {"c": "3"})):
        await custom.apply(custom.config(**{name: value}), "c", force="true")
        status = await custom.apply(
            custom.config(**{name: value * 2 if isinstance(value, list) else {}}), "d", code=409
        )
        check_status(status, 409, "Conflict", (f".spec.{name}",), f'conflict with "c": .spec.{name}')


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        pytest.param({"unknownField": 1}, ".spec.unknownField: field not declared in schema", id="unknown"),
        pytest.param({"size": "1"}, ".spec.size: expected numeric (int or float), got string", id="type"),
        pytest.param({"tags": ["x", "x"]}, '.spec.tags: duplicate entries for key [="x"]', id="set"),
        pytest.param(
            {"ports": [{"port": 1}, {"port": 1, "protocol": "TCP"}]},
            '.spec.ports: duplicate entries for key [port=1,protocol="TCP"]',
            id="map",
        ),
        pytest.param(
            {"ports": ["x"]},
            ".spec.ports: element 0: associative list with keys may not have non-map elements",
            id="item",
        ),
    ],
)
async def test_what_the_schema_does_not_allow(custom: Custom, spec: JSONObject, text: str) -> None:
    for validation in ("Ignore", "Strict"):
        status = await custom.apply(custom.config(**spec), code=400, fieldValidation=validation)
        check_status(status, 400, "BadRequest")
        kind = f"{custom.crds.group}/v1, Kind=Crontab"
        assert status["message"] == f"failed to create typed patch object (/mine; {kind}): {text}"


async def test_status_and_scale(custom: Custom) -> None:
    await custom.apply(custom.config(size=1), code=201)
    status = {**custom.config(size=9), "status": {"phase": "Up"}}
    status["metadata"] = {**status["metadata"], "labels": {"ignored": "1"}}
    applied = await custom.apply(status, "controller", subresource="status")
    assert (applied["spec"], applied["status"]) == ({"size": 1}, {"phase": "Up"})
    assert fields(applied, "controller") == {"f:status": {"f:phase": {}}}
    scale = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "mine"}, "spec": {"replicas": 3}}
    refused = await custom.apply(scale, "scaler", subresource="scale", code=409)
    assert refused["message"] == 'Apply failed with 1 conflict: conflict with "a": .spec.size'
    assert (await custom.apply(scale, "scaler", subresource="scale", force="true"))["spec"] == {"replicas": 3}
    applied = await custom.apply(custom.config())
    assert applied["spec"]["size"] == 3
    assert fields(applied, "scaler") == {"f:spec": {"f:size": {}}}


async def test_without_a_schema_maps_merge_and_lists_do_not(http: httpx.AsyncClient, namespace: str) -> None:
    definitions = Definitions(http, namespace)
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    await definitions.create(definition(group=definitions.group, versions=[version(schema=schema)]))
    custom = Custom(definitions)
    try:
        await custom.apply(custom.config(map={"a": {"x": 1}}, list=[{"name": "a"}]), code=201)
        applied = await custom.apply(custom.config(map={"b": 1}), "b")
        assert applied["spec"] == {"map": {"a": {"x": 1}, "b": 1}, "list": [{"name": "a"}]}
        status = await custom.apply(custom.config(list=[{"name": "b"}]), "b", code=409)
        check_status(status, 409, "Conflict", (".spec.list",))
        applied = await custom.apply(custom.config())
        assert applied["spec"] == {"map": {"b": 1}}
    finally:
        for name in definitions.created:
            await http.delete(f"{DEFINITIONS}/{name}")


async def test_updates_are_tracked_too(custom: Custom, http: httpx.AsyncClient) -> None:
    await custom.apply(custom.config(granular={"a": "1", "b": "1"}), code=201)
    answer = await http.patch(
        custom.crds.path("mine"),
        json={"spec": {"granular": {"b": "2"}}},
        headers={"content-type": MERGE},
        params={"fieldManager": "u"},
    )
    obj = answer.json()
    assert fields(obj) == {"f:spec": {"f:granular": {"f:a": {}}}}
    assert fields(obj, "u") == {"f:spec": {"f:granular": {"f:b": {}}}}
