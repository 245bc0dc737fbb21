"""Real manifests with something wrong in them never end in a 5xx, nor in an object that cannot be read again.

Every kind that is served, every route that writes: POST, PUT, each kind of PATCH, every subresource.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.apiserver.manifests import Manifest, manifests, registry
from tests.apiserver.mutations import garbled, mutated
from tests.live.processes import ServerProcess

JSONObject = dict[str, Any]

APPLY = "application/apply-patch+yaml"
JSON_PATCH = "application/json-patch+json"
PATCHES = ["application/merge-patch+json", "application/strategic-merge-patch+json", JSON_PATCH, APPLY]
TABLE = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
KINDS = [pytest.param(number, id=manifest.id) for number, manifest in enumerate(manifests())]
DEFINITIONS = "customresourcedefinitions"

DELETE_OPTIONS: JSONObject = {
    "apiVersion": "v1",
    "kind": "DeleteOptions",
    "gracePeriodSeconds": 30,
    "preconditions": {"uid": "u", "resourceVersion": "1"},
    "propagationPolicy": "Foreground",
    "orphanDependents": False,
    "dryRun": ["All"],
}
WRITE_PARAMETERS = [
    "dryRun",
    "fieldManager",
    "fieldValidation",
    "force",
    "gracePeriodSeconds",
    "orphanDependents",
    "pretty",
    "propagationPolicy",
    "resourceVersion",
    "timeout",
]
ODD_VALUES = [
    "",
    "All",
    "Foreground",
    "Strict",
    "true",
    "x",
    "\x00",
    "²",
    "٣",
    "1_0",
    "-1",
    "5s",
    "1" * 13,
    "9" * 30,
    "9" * 5000,
]

PARAMETERS = [
    "labelSelector",
    "fieldSelector",
    "limit",
    "continue",
    "resourceVersion",
    "resourceVersionMatch",
    "dryRun",
    "includeObject",
    "fieldValidation",
    "gracePeriodSeconds",
    "propagationPolicy",
    "sendInitialEvents",
]


@dataclass(frozen=True, slots=True)
class Write:
    """One way to send a body: to the collection, to the object or to one of its subresources."""

    method: str
    subresource: str = ""
    content_type: str = "application/json"
    params: dict[str, str] = field(default_factory=dict)
    as_yaml: bool = False

    @property
    def dry(self) -> bool:
        return self.params.get("dryRun") == "All"

    def send(self, server: httpx.Client, manifest: Manifest, body: Any) -> httpx.Response:
        path = manifest.target if self.method != "POST" or self.subresource else manifest.collection
        path = f"{path}/{self.subresource}" if self.subresource else path
        params = {"fieldManager": "fuzz", "force": "true"} if self.content_type == APPLY else {}
        content = body if isinstance(body, bytes) else self._text(body)
        headers = {"content-type": "application/yaml" if self.as_yaml and not self._patches else self.content_type}
        return server.request(self.method, path, content=content, headers=headers, params={**params, **self.params})

    @property
    def _patches(self) -> bool:
        return self.content_type in PATCHES

    def _text(self, body: JSONObject) -> str:
        # Of the patches, only what is applied can be YAML.
        if self.as_yaml and (self.content_type == APPLY or not self._patches):
            text: str = yaml.safe_dump(body, allow_unicode=True)
            return text
        return json.dumps(self._form(body))

    def _form(self, body: JSONObject) -> Any:
        if self.content_type != JSON_PATCH:
            return body
        return [{"op": "add", "path": f"/{key}", "value": value} for key, value in body.items()]


def writes(manifest: Manifest) -> Iterator[tuple[Write, JSONObject]]:
    """Yield every write of an object that is there, each with what it would take if nothing were wrong."""
    for content_type in PATCHES:
        yield Write("PATCH", "", content_type), manifest.obj
    yield Write("PUT"), manifest.obj
    yield Write("DELETE"), DELETE_OPTIONS
    for found in manifest.info.subresources:
        if found.name == "proxy":
            continue
        body = manifest.body_of(found)
        if "create" in found.verbs:
            yield Write("POST", found.name), body
        if "update" in found.verbs:
            yield Write("PUT", found.name), body
        if "patch" in found.verbs:
            yield from ((Write("PATCH", found.name, content_type), body) for content_type in PATCHES)


@st.composite
def varied(draw: st.DrawFn, write: Write) -> Write:
    """The same write, at times in YAML, at times with an odd parameter."""
    parameters = st.dictionaries(st.sampled_from(WRITE_PARAMETERS), st.sampled_from(ODD_VALUES), max_size=2)
    return replace(write, params=draw(parameters), as_yaml=draw(st.booleans()))


@pytest.fixture(scope="module")
def server(own_apiserver: ServerProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=own_apiserver.url, verify=False, trust_env=False, timeout=20) as client:
        yield client


@pytest.fixture(scope="module")
def kept(server: httpx.Client) -> dict[str, set[str]]:
    """The names of what was there before, by collection."""
    return {manifest.collection: _names(server, manifest) for manifest in manifests() if manifest.stored}


def _names(server: httpx.Client, manifest: Manifest) -> set[str]:
    return {item["metadata"]["name"] for item in server.get(manifest.collection).json()["items"]}


def _clean(server: httpx.Client, manifest: Manifest, kept: set[str]) -> None:
    """Remove whatever has come into a collection."""
    for name in _names(server, manifest) - kept:
        path = f"{manifest.collection}/{name}"
        headers = {"content-type": "application/merge-patch+json"}
        server.request("DELETE", path, json={"gracePeriodSeconds": 0})
        if server.get(path).status_code == 200:
            server.patch(path, json={"metadata": {"finalizers": None}}, headers=headers)
        if manifest.info.plural == "namespaces":
            server.put(f"{path}/finalize", json={"metadata": {"name": name}, "spec": {}})


def _revision(server: httpx.Client) -> str:
    """The revision of the whole store, for which any collection will do."""
    revision: str = server.get("/api/v1/nodes?limit=1").json()["metadata"]["resourceVersion"]
    return revision


_CIDRS = "/apis/networking.k8s.io/v1/servicecidrs"


def _trace(server: httpx.Client, manifest: Manifest) -> Any:
    """Return what a write would change: the store's revision, where the server has nothing of its own to write."""
    match manifest.info.plural:
        case "customresourcedefinitions":
            # It is still being taken care of after it has been accepted.
            return None
        case "services":
            # Its address is written down moments after it.
            return server.get(manifest.collection).json()["items"]
        case "servicecidrs" | "ipaddresses":
            # Moments later the server puts a finalizer and a condition on the one, and takes the other away.
            return [(item["metadata"]["name"], item["spec"]) for item in server.get(_CIDRS).json()["items"]]
    return _revision(server)


def _send(server: httpx.Client, write: Write, manifest: Manifest, body: Any) -> bool:
    """Send one write and check the answer; return whether it was stored. What was not leaves no trace."""
    before = _trace(server, manifest)
    response = write.send(server, manifest, body)
    shown = f"{write} {body!r}: {response.status_code} {response.text}"
    assert response.status_code < 500, shown
    if response.status_code < 400 and not write.dry:
        return True
    if response.status_code >= 400:
        status = response.json()
        assert (status["kind"], status["status"], status["code"]) == ("Status", "Failure", response.status_code), shown
    assert _trace(server, manifest) == before, shown
    return False


def _check_stored(server: httpx.Client, manifest: Manifest) -> None:
    """Whatever was let in can be listed, shown, and put back as it is."""
    assert server.get(manifest.collection, headers=TABLE).status_code == 200
    answer = server.get(manifest.target)
    if answer.status_code == 200 and manifest.info.plural != DEFINITIONS:
        again = server.put(manifest.target, json=answer.json())
        assert again.status_code == 200, f"{answer.json()}: {again.text}"


def _ensure(server: httpx.Client, manifest: Manifest, kept: set[str]) -> None:
    """Have the object there as it should be."""
    _clean(server, manifest, kept)
    response = server.post(manifest.collection, json=manifest.obj)
    # A definition may be on its way out still.
    assert response.status_code in {201, 409}, response.text


_CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def _fuzz(server: httpx.Client, manifest: Manifest, kept: dict[str, set[str]], data: st.DataObject) -> None:
    created = data.draw(mutated(manifest.obj))
    if not manifest.stored:
        _send(server, data.draw(varied(Write("POST"))), manifest, created)
        return
    mine = kept[manifest.collection]
    _clean(server, manifest, mine)
    if _send(server, data.draw(varied(Write("POST"))), manifest, created):
        _check_stored(server, manifest)
    _ensure(server, manifest, mine)
    for write, body in writes(manifest):
        if _send(server, data.draw(varied(write)), manifest, data.draw(mutated(body))):
            _check_stored(server, manifest)
            _ensure(server, manifest, mine)
    _clean(server, manifest, mine)


def test_every_kind_has_a_manifest() -> None:
    """Kinds that come to be served are to be fuzzed as well."""
    wanted = {f"{info.api_version}/{info.plural}" for info in registry() if "create" in info.verbs}
    assert {manifest.id for manifest in manifests()} == wanted


@pytest.mark.parametrize("number", KINDS)
def test_manifests_are_valid(server: httpx.Client, kept: dict[str, set[str]], number: int) -> None:
    """Otherwise their mutations would show nothing."""
    manifest = manifests()[number]
    response = server.post(manifest.collection, json=manifest.obj, params={"fieldValidation": "Strict"})
    # There is no pod to bind.
    assert response.status_code == (404 if manifest.info.kind == "Binding" else 201), response.text
    if manifest.stored:
        _check_stored(server, manifest)
        _clean(server, manifest, kept[manifest.collection])


@pytest.mark.parametrize("number", KINDS)
@settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=_CHECKS,
    derandomize=True,
    phases=[Phase.generate],
)
@given(data=st.data())
def test_mutated_manifests(server: httpx.Client, kept: dict[str, set[str]], number: int, data: st.DataObject) -> None:
    _fuzz(server, manifests()[number], kept, data)


@pytest.mark.slow
@pytest.mark.parametrize("number", KINDS)
@settings(max_examples=4, deadline=None, suppress_health_check=_CHECKS, derandomize=True)
@given(data=st.data())
@pytest.mark.timeout(600)
def test_many_mutated_manifests(
    server: httpx.Client, kept: dict[str, set[str]], number: int, data: st.DataObject
) -> None:
    _fuzz(server, manifests()[number], kept, data)


@settings(max_examples=100, deadline=None, suppress_health_check=_CHECKS, derandomize=True)
@given(data=st.data())
def test_garbled_manifests(server: httpx.Client, kept: dict[str, set[str]], data: st.DataObject) -> None:
    """What is not even JSON, sent to where any kind is written."""
    manifest = data.draw(st.sampled_from(manifests()))
    write = data.draw(st.sampled_from([Write("POST"), *(entry for entry, _ in writes(manifest) if manifest.stored)]))
    if write.method != "POST" or write.subresource:
        _ensure(server, manifest, kept[manifest.collection])
    _send(server, write, manifest, data.draw(garbled(manifest.obj)))
    if manifest.stored:
        _clean(server, manifest, kept[manifest.collection])


@settings(max_examples=60, deadline=None, suppress_health_check=_CHECKS, derandomize=True)
@given(
    st.sampled_from(PARAMETERS),
    st.one_of(
        st.text(max_size=12), st.sampled_from(["-1", "1e3", "99999999999999999999", "a in (b", "!", "a==b,", "²"])
    ),
    st.sampled_from(["GET", "DELETE"]),
)
def test_odd_parameters(server: httpx.Client, name: str, value: str, method: str) -> None:
    response = server.request(method, "/api/v1/namespaces/default/pods", params={name: value})
    # 504 is what upstream answers for a resource version of the future.
    assert response.status_code < 500 or response.status_code == 504, response.text
    assert response.json()["kind"] in {"Status", "PodList"}


MANAGED = {
    "manager": "m",
    "operation": "Update",
    "apiVersion": "v1",
    "time": "2026-01-01T00:00:00Z",
    "fieldsType": "FieldsV1",
    "fieldsV1": {"f:metadata": {"f:labels": {".": {}, "f:a": {}}}, "f:spec": {'k:{"a":1}': {}, "v:3": {}, "i:0": {}}},
    "subresource": "status",
}


@settings(max_examples=60, deadline=None, suppress_health_check=_CHECKS, derandomize=True)
@given(st.lists(mutated(MANAGED), max_size=3))
def test_mutated_managed_fields(server: httpx.Client, entries: list[JSONObject]) -> None:
    path = "/api/v1/namespaces/default/configmaps"
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "fuzz", "labels": {"a": "1"}}}
    server.post(path, json=config)
    patch = {"metadata": {"managedFields": entries, "labels": {"a": "2"}}}
    headers = {"content-type": "application/merge-patch+json"}
    response = server.patch(f"{path}/fuzz", json=patch, headers=headers)
    assert response.status_code < 500, response.text
    if response.status_code == 200:
        # Whatever was let in, the object can still be applied to.
        params = {"fieldManager": "fuzz", "force": "true"}
        content = json.dumps({**config, "data": {"x": "1"}})
        response = server.patch(f"{path}/fuzz", content=content, headers={"content-type": APPLY}, params=params)
        assert response.status_code == 200, response.text
    server.delete(f"{path}/fuzz")
