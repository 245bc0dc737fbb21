"""Every kind that is served, through one whole life: created, read, written again as it is, applied, deleted.

What a client sends unchanged must not become a write: a new resource version would wake every watcher for nothing,
and controllers that answer each event with such a write would never come to rest.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import yaml

from tests.apiserver.conftest import JSON_PATCH, MERGE, STRATEGIC, check_status
from tests.apiserver.manifests import Manifest, manifests
from tests.live import eventually
from tests.live.processes import ServerProcess

JSONObject = dict[str, Any]

APPLY = "application/apply-patch+yaml"
DEFINITIONS = "customresourcedefinitions"
STORED = [pytest.param(manifest, id=manifest.id) for manifest in manifests() if manifest.stored]
ANSWERED = [pytest.param(manifest, id=manifest.id) for manifest in manifests() if not manifest.stored]
SUBRESOURCES = {"scale", "status", "approval", "finalize", "ephemeralcontainers", "resize"}
"""Whose PUT takes what their GET gave, or else the object."""


@pytest.fixture
async def own(own_apiserver: ServerProcess) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=own_apiserver.url, verify=False, trust_env=False, timeout=20) as opened:
        yield opened


def accepted(response: httpx.Response, code: int = 200) -> JSONObject:
    assert response.status_code == code, f"{response.request.method} {response.request.url}: {response.text}"
    answer: JSONObject = response.json()
    return answer


def bare(obj: JSONObject) -> JSONObject:
    """Return the object as it stands in a list, whose items do not repeat their kind."""
    return {key: value for key, value in obj.items() if key not in {"kind", "apiVersion"}}


def is_established(definition: JSONObject) -> bool:
    conditions = definition.get("status", {}).get("conditions", [])
    return ("Established", "True") in {(condition["type"], condition["status"]) for condition in conditions}


async def create(own: httpx.AsyncClient, manifest: Manifest) -> JSONObject:
    """Create the object and return it once the server is done with what it does about it by itself."""
    strict = {"fieldValidation": "Strict"}
    created = accepted(await own.post(manifest.collection, json=manifest.obj, params=strict), 201)
    assert (created["kind"], created["apiVersion"]) == (manifest.info.kind, manifest.info.api_version)

    async def settled() -> JSONObject:
        obj = accepted(await own.get(manifest.target))
        assert manifest.info.plural != DEFINITIONS or is_established(obj)
        assert manifest.info.plural != "servicecidrs" or obj["status"].get("conditions")
        return obj

    return await eventually(settled)


PROTECTED = {
    "persistentvolumeclaims": "kubernetes.io/pvc-protection",
    "persistentvolumes": "kubernetes.io/pv-protection",
    "volumeattributesclasses": "kubernetes.io/vac-protection",
}
"""Finalizers of what is held until a controller knows that nobody uses it."""


async def remove(own: httpx.AsyncClient, manifest: Manifest) -> None:
    """Delete the object, and take away what holds it where only a controller would."""
    accepted(await own.delete(manifest.target, params={"propagationPolicy": "Background"}))
    response = await own.get(manifest.target)
    if response.status_code == 200 and manifest.info.plural == "namespaces":
        left = response.json()
        assert left["status"]["phase"] == "Terminating"
        accepted(await own.put(f"{manifest.target}/finalize", json={**left, "spec": {"finalizers": []}}))
    elif response.status_code == 200 and manifest.info.plural in PROTECTED:
        assert response.json()["metadata"]["finalizers"] == [PROTECTED[manifest.info.plural]]
        await own.patch(manifest.target, json={"metadata": {"finalizers": None}}, headers={"content-type": MERGE})

    async def gone() -> bool:
        return (await own.get(manifest.target)).status_code == 404

    await eventually(gone)
    check_status((await own.get(manifest.target)).json(), 404, "NotFound")


@pytest.mark.parametrize("manifest", STORED)
async def test_life(own: httpx.AsyncClient, manifest: Manifest) -> None:
    obj = await create(own, manifest)
    try:
        await check_reads(own, manifest, obj)
        await check_unchanged(own, manifest, obj)
        await check_subresources(own, manifest, obj)
        await check_applies(own, manifest, obj)
    finally:
        await remove(own, manifest)


async def check_reads(own: httpx.AsyncClient, manifest: Manifest, obj: JSONObject) -> None:
    """Check what a client may rely on in any object, and that all ways of reading it agree."""
    metadata = obj["metadata"]
    assert {"uid", "creationTimestamp", "managedFields"} <= set(metadata)
    assert metadata.get("namespace", "") == ("default" if manifest.info.namespaced else "")
    # Clients read `status.replicas` of what they have just made without looking for a status first.
    assert manifest.info.subresource("status") is None or "status" in obj
    listed = accepted(await own.get(manifest.collection))
    assert (listed["kind"], listed["apiVersion"]) == (manifest.info.list_kind, manifest.info.api_version)
    assert bare(obj) in [bare(item) for item in listed["items"]]
    selector = {"fieldSelector": f"metadata.name={manifest.name}"}
    assert len(accepted(await own.get(manifest.collection, params=selector))["items"]) == 1
    text = (await own.get(manifest.target, headers={"accept": "application/yaml"})).text
    assert yaml.safe_load(text) == obj
    check_status((await own.post(manifest.collection, json=manifest.obj)).json(), 409, "AlreadyExists")


async def check_unchanged(own: httpx.AsyncClient, manifest: Manifest, obj: JSONObject) -> None:
    """Check that writes of what is there already change nothing, not even the resource version."""
    path = manifest.target
    assert accepted(await own.put(path, json=obj)) == obj
    for content_type, patch in (
        (MERGE, {}),
        (MERGE, manifest.obj),
        (STRATEGIC, manifest.obj),
        (JSON_PATCH, []),
        (JSON_PATCH, [{"op": "test", "path": "/metadata/name", "value": manifest.name}]),
    ):
        response = await own.patch(path, content=json.dumps(patch), headers={"content-type": content_type})
        assert accepted(response) == obj, f"{content_type} {patch}"


async def check_subresources(own: httpx.AsyncClient, manifest: Manifest, obj: JSONObject) -> None:
    for found in manifest.info.subresources:
        if found.name in SUBRESOURCES and "update" in found.verbs:
            path = f"{manifest.target}/{found.name}"
            body = accepted(await own.get(path)) if "get" in found.verbs else obj
            written = accepted(await own.put(path, json=body))
            assert written["metadata"]["resourceVersion"] == obj["metadata"]["resourceVersion"], found.name


async def check_applies(own: httpx.AsyncClient, manifest: Manifest, obj: JSONObject) -> None:
    """Check that applying leaves the object as it is, and that doing it once more changes nothing at all."""

    async def applied(force: str) -> JSONObject:
        content, headers = yaml.safe_dump(manifest.obj), {"content-type": APPLY}
        params = {"fieldManager": "applier", "fieldValidation": "Strict", "force": force}
        return accepted(await own.patch(manifest.target, content=content, headers=headers, params=params))

    # By force: with the defaults that its items got, an atomic list is not what the applier says it is.
    once = await applied("true")
    assert "applier" in {entry["manager"] for entry in once["metadata"]["managedFields"]}
    changing = ("managedFields", "resourceVersion")
    before, after = (
        {**found, "metadata": {key: value for key, value in found["metadata"].items() if key not in changing}}
        for found in (obj, once)
    )
    assert after == before
    assert await applied("false") == once


@pytest.mark.parametrize("manifest", ANSWERED)
async def test_only_answered(own: httpx.AsyncClient, manifest: Manifest) -> None:
    """Reviews are answered and forgotten."""
    before = accepted(await own.get("/api/v1/nodes"))["metadata"]["resourceVersion"]
    response = await own.post(manifest.collection, json=manifest.obj, params={"fieldValidation": "Strict"})
    if manifest.info.kind == "Binding":
        check_status(response.json(), 404, "NotFound")
    else:
        answer = accepted(response, 201)
        assert (answer["kind"], answer["apiVersion"]) == (manifest.info.kind, manifest.info.api_version)
        assert "status" in answer
    assert accepted(await own.get("/api/v1/nodes"))["metadata"]["resourceVersion"] == before
