"""Custom resources on a live server, from the definition to the last instance's end."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.apimachinery.protobuf.encoder import envelope
from tests.apiserver.apiextensions.definitions import SCHEMA, definition, version
from tests.apiserver.conftest import MERGE, check_status
from tests.live import Kubectl, eventually

JSONObject = dict[str, Any]

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


class Definitions:
    """Definitions that are gone when the test ends."""

    def __init__(self, http: httpx.AsyncClient, namespace: str) -> None:
        self.http = http
        self.namespace = namespace
        # A group of the test's own: the server is shared.
        self.group = f"{namespace}.example.com"
        self.created: list[str] = []

    async def create(self, obj: JSONObject) -> JSONObject:
        answer = await self.http.post(DEFINITIONS, json=obj)
        assert answer.status_code == 201, answer.text
        self.created.append(obj["metadata"]["name"])
        return await self.until(obj["metadata"]["name"], "Established", "True")

    async def until(self, name: str, kind: str, status: str) -> JSONObject:
        async def there() -> JSONObject:
            found: JSONObject = (await self.http.get(f"{DEFINITIONS}/{name}")).json()
            conditions = {entry.get("type"): entry.get("status") for entry in found["status"]["conditions"]}
            assert conditions.get(kind) == status, found["status"]
            return found

        return await eventually(there)

    def path(self, name: str = "", subresource: str = "", *, version: str = "v1", plural: str = "crontabs") -> str:
        root = f"/apis/{self.group}/{version}/namespaces/{self.namespace}/{plural}"
        return "/".join(part for part in (root, name, subresource) if part)

    def object(self, name: str = "mine", *, version: str = "v1", **spec: Any) -> JSONObject:
        return {
            "apiVersion": f"{self.group}/{version}",
            "kind": "Crontab",
            "metadata": {"name": name},
            "spec": {"cronSpec": "* * * * *", **spec},
        }


@pytest.fixture
async def crds(http: httpx.AsyncClient, namespace: str) -> AsyncIterator[Definitions]:
    definitions = Definitions(http, namespace)
    yield definitions
    for name in definitions.created:
        await http.delete(f"{DEFINITIONS}/{name}")


async def test_a_definition_is_established_and_served(http: httpx.AsyncClient, crds: Definitions) -> None:
    found = await crds.create(definition(group=crds.group))
    assert found["status"]["acceptedNames"]["kind"] == "Crontab"
    assert {entry["type"]: entry["reason"] for entry in found["status"]["conditions"]} == {
        "NamesAccepted": "NoConflicts",
        "Established": "InitialNamesAccepted",
    }
    created = await http.post(crds.path(), json=crds.object())
    assert created.status_code == 201, created.text
    assert created.json()["spec"] == {"cronSpec": "* * * * *", "replicas": 2}
    assert created.json()["metadata"]["generation"] == 1
    listed = (await http.get(crds.path())).json()
    assert (listed["kind"], len(listed["items"])) == ("CrontabList", 1)


@pytest.mark.parametrize(
    ("spec", "fields", "text"),
    [
        pytest.param({"replicas": 11}, ("spec.replicas",), "should be less than or equal to 10", id="bound"),
        pytest.param({"replicas": "3"}, ("spec.replicas",), 'must be of type integer: "string"', id="type"),
        pytest.param({"cronSpec": None}, ("spec.cronSpec",), "spec.cronSpec: Required value", id="null"),
    ],
)
async def test_values_are_checked(
    http: httpx.AsyncClient, crds: Definitions, spec: JSONObject, fields: tuple[str, ...], text: str
) -> None:
    await crds.create(definition(group=crds.group))
    answer = await http.post(crds.path(), json=crds.object(**spec))
    check_status(answer.json(), 422, "Invalid", fields, text)


async def test_unknown_fields(http: httpx.AsyncClient, crds: Definitions) -> None:
    await crds.create(definition(group=crds.group))
    obj = crds.object(other=1)
    strict = await http.post(crds.path(), json=obj, params={"fieldValidation": "Strict"})
    check_status(strict.json(), 400, "BadRequest", (), 'strict decoding error: unknown field "spec.other"')
    warned = await http.post(crds.path(), json=obj)
    assert (warned.status_code, "other" in warned.json()["spec"]) == (201, False)
    assert warned.headers["warning"] == '299 - "unknown field \\"spec.other\\""'


async def test_protobuf_is_for_built_in_kinds(http: httpx.AsyncClient, crds: Definitions) -> None:
    """A definition can be sent so, its instances cannot, whatever they look like; options of deletes can."""
    defined = definition(group=crds.group)
    name = defined["metadata"]["name"]
    headers = {"content-type": "application/vnd.kubernetes.protobuf"}
    assert (await http.post(DEFINITIONS, content=envelope(defined), headers=headers)).status_code == 201
    crds.created.append(name)
    assert (await crds.until(name, "Established", "True"))["spec"]["versions"] == defined["spec"]["versions"]
    refused = await http.post(crds.path(), content=envelope(crds.object(), b""), headers=headers)
    text = "accepted media types include: application/json, application/yaml"
    check_status(refused.json(), 415, "UnsupportedMediaType", text=text)
    assert refused.json()["message"].endswith(text)
    await http.post(crds.path(), json=crds.object())
    options = {"apiVersion": "v1", "kind": "DeleteOptions", "dryRun": ["All"]}
    deleted = await http.request("DELETE", crds.path("mine"), content=envelope(options), headers=headers)
    assert deleted.status_code == (await http.get(crds.path("mine"))).status_code == 200


async def test_status_and_spec_keep_to_their_halves(http: httpx.AsyncClient, crds: Definitions) -> None:
    await crds.create(definition(version(subresources={"status": {}}), group=crds.group))
    created = (await http.post(crds.path(), json={**crds.object(), "status": {"replicas": 9}})).json()
    assert "status" not in created
    patch = {"spec": {"replicas": 5}, "status": {"replicas": 5}}
    headers = {"content-type": MERGE}
    status = (await http.patch(crds.path("mine", "status"), json=patch, headers=headers)).json()
    assert (status["spec"]["replicas"], status["status"]["replicas"], status["metadata"]["generation"]) == (2, 5, 1)
    spec = (await http.patch(crds.path("mine"), json=patch | {"status": {"replicas": 1}}, headers=headers)).json()
    assert (spec["spec"]["replicas"], spec["status"]["replicas"], spec["metadata"]["generation"]) == (5, 5, 2)


async def test_without_the_subresource_a_status_is_like_any_field(http: httpx.AsyncClient, crds: Definitions) -> None:
    await crds.create(definition(group=crds.group))
    created = (await http.post(crds.path(), json={**crds.object(), "status": {"replicas": 9}})).json()
    assert created["status"] == {"replicas": 9}
    missing = await http.patch(crds.path("mine", "status"), json={}, headers={"content-type": MERGE})
    assert missing.status_code == 404


async def test_scale(http: httpx.AsyncClient, crds: Definitions) -> None:
    paths = {
        "specReplicasPath": ".spec.replicas",
        "statusReplicasPath": ".status.replicas",
        "labelSelectorPath": ".status.labelSelector",
    }
    await crds.create(definition(version(subresources={"status": {}, "scale": paths}), group=crds.group))
    await http.post(crds.path(), json=crds.object())
    headers = {"content-type": MERGE}
    status = {"status": {"replicas": 2, "labelSelector": "app=web"}}
    await http.patch(crds.path("mine", "status"), json=status, headers=headers)
    scale = (await http.get(crds.path("mine", "scale"))).json()
    assert (scale["kind"], scale["spec"], scale["status"]) == (
        "Scale",
        {"replicas": 2},
        {"replicas": 2, "selector": "app=web"},
    )
    scale["spec"]["replicas"] = 7
    assert (await http.put(crds.path("mine", "scale"), json=scale)).json()["spec"] == {"replicas": 7}
    refused = await http.patch(crds.path("mine", "scale"), json={"spec": {"replicas": 70}}, headers=headers)
    assert refused.status_code == 422, refused.text
    assert (await http.get(crds.path("mine"))).json()["spec"]["replicas"] == 7


async def test_two_versions_of_the_same_objects(http: httpx.AsyncClient, crds: Definitions) -> None:
    newer = {"type": "object", "properties": {"spec": {**SCHEMA["properties"]["spec"]}}}
    newer["properties"]["spec"]["properties"] = {
        **SCHEMA["properties"]["spec"]["properties"],
        "zone": {"type": "string", "default": "UTC"},
    }
    await crds.create(definition(version("v1"), version("v2", storage=False, schema=newer), group=crds.group))
    assert (await http.post(crds.path(), json=crds.object())).status_code == 201
    seen = (await http.get(crds.path("mine", version="v2"))).json()
    assert (seen["apiVersion"], seen["spec"]["zone"]) == (f"{crds.group}/v2", "UTC")
    listed = (await http.get(crds.path(version="v2"))).json()
    assert (listed["apiVersion"], listed["items"][0]["apiVersion"]) == (f"{crds.group}/v2", f"{crds.group}/v2")
    changed = await http.patch(
        crds.path("mine", version="v2"), json={"spec": {"replicas": 4}}, headers={"content-type": MERGE}
    )
    assert changed.json()["apiVersion"] == f"{crds.group}/v2"
    old = (await http.get(crds.path("mine"))).json()
    assert (old["apiVersion"], old["spec"]["replicas"], "zone" in old["spec"]) == (f"{crds.group}/v1", 4, False)
    watch = {"watch": "1", "resourceVersion": listed["metadata"]["resourceVersion"], "timeoutSeconds": "1"}
    (line,) = (await http.get(crds.path(version="v2"), params=watch)).text.splitlines()
    event = json.loads(line)
    assert (event["type"], event["object"]["apiVersion"]) == ("MODIFIED", f"{crds.group}/v2")
    assert event["object"]["spec"] == {"cronSpec": "* * * * *", "replicas": 4, "zone": "UTC"}


async def test_the_stored_version_need_not_be_served(http: httpx.AsyncClient, crds: Definitions) -> None:
    obj = definition(version("v1", served=False), version("v2", storage=False), group=crds.group)
    created = await crds.create(obj)
    assert created["status"]["storedVersions"] == ["v1"]
    answer = await http.post(crds.path(version="v2"), json=crds.object(version="v2"))
    assert (answer.status_code, answer.json()["apiVersion"]) == (201, f"{crds.group}/v2")
    assert (await http.get(crds.path("mine"))).status_code == 404


async def test_a_new_default_shows_in_old_objects(http: httpx.AsyncClient, crds: Definitions) -> None:
    plain = {
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": {"cronSpec": {"type": "string"}}}},
    }
    obj = await crds.create(definition(version(schema=plain), group=crds.group))
    await http.post(crds.path(), json=crds.object())
    obj["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = SCHEMA
    assert (await http.put(f"{DEFINITIONS}/{obj['metadata']['name']}", json=obj)).status_code == 200

    async def defaulted() -> bool:
        found = (await http.get(crds.path("mine"))).json()
        return bool(found["spec"].get("replicas") == 2)

    assert await eventually(defaulted)


async def test_field_selectors_and_columns(http: httpx.AsyncClient, crds: Definitions) -> None:
    columns = [
        {"name": "Spec", "type": "string", "jsonPath": ".spec.cronSpec"},
        {"name": "Replicas", "type": "integer", "jsonPath": ".spec.replicas"},
        {"name": "Wrong", "type": "integer", "jsonPath": ".spec.cronSpec", "priority": 1},
    ]
    fields = [{"jsonPath": ".spec.image"}]
    one = version(additionalPrinterColumns=columns, selectableFields=fields)
    await crds.create(definition(one, group=crds.group))
    for name in ("one", "two"):
        await http.post(crds.path(), json=crds.object(name, image=name))
    chosen = (await http.get(crds.path(), params={"fieldSelector": "spec.image=two"})).json()
    assert [item["metadata"]["name"] for item in chosen["items"]] == ["two"]
    refused = await http.get(crds.path(), params={"fieldSelector": "spec.cronSpec=x"})
    check_status(refused.json(), 400, "BadRequest", (), "field label not supported: spec.cronSpec")
    accept = {"accept": "application/json;as=Table;g=meta.k8s.io;v=v1"}
    table = (await http.get(crds.path(), headers=accept)).json()
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Spec", "Replicas", "Wrong"]
    assert table["rows"][0]["cells"] == ["one", "* * * * *", 2, None]


async def test_fields_that_become_selectable_later(http: httpx.AsyncClient, crds: Definitions) -> None:
    obj = await crds.create(definition(version(), group=crds.group))
    for name in ("one", "two"):
        await http.post(crds.path(), json=crds.object(name, image=name))
    path = f"{DEFINITIONS}/{obj['metadata']['name']}"
    newer = {"spec": {"versions": [version(selectableFields=[{"jsonPath": ".spec.image"}])]}}
    assert (await http.patch(path, json=newer, headers={"content-type": MERGE})).status_code == 200
    params = {"fieldSelector": "spec.image=two"}

    async def served() -> bool:
        return (await http.get(crds.path(), params=params)).status_code == 200

    assert await eventually(served)
    for page in ({}, {"limit": "1"}):
        found = (await http.get(crds.path(), params={**params, **page})).json()
        assert [item["metadata"]["name"] for item in found["items"]] == ["two"]
    await http.delete(crds.path(), params=params)
    assert [item["metadata"]["name"] for item in (await http.get(crds.path())).json()["items"]] == ["one"]


async def test_names_that_are_taken(http: httpx.AsyncClient, crds: Definitions) -> None:
    await crds.create(definition(group=crds.group, names={"shortNames": ["ct"]}))
    other = definition(plural="others", group=crds.group, names={"shortNames": ["ct"], "kind": "Crontab"})
    assert (await http.post(DEFINITIONS, json=other)).status_code == 201
    crds.created.append(other["metadata"]["name"])
    found = await crds.until(other["metadata"]["name"], "NamesAccepted", "False")
    conditions = {entry["type"]: entry for entry in found["status"]["conditions"]}
    assert conditions["NamesAccepted"]["message"] == '"CrontabList" is already in use'
    assert (conditions["Established"]["status"], conditions["Established"]["reason"]) == ("False", "NotAccepted")
    assert (await http.get(crds.path(plural="others"))).status_code == 404


async def test_instances_go_with_their_definition(http: httpx.AsyncClient, crds: Definitions) -> None:
    obj = await crds.create(definition(group=crds.group))
    held = crds.object("held")
    held["metadata"]["finalizers"] = ["example.com/hold"]
    for instance in (held, crds.object("free")):
        assert (await http.post(crds.path(), json=instance)).status_code == 201
    path = f"{DEFINITIONS}/{obj['metadata']['name']}"
    assert (await http.delete(path)).status_code == 200

    async def only_the_held_is_left() -> bool:
        items = (await http.get(crds.path())).json()["items"]
        return [(item["metadata"]["name"], "deletionTimestamp" in item["metadata"]) for item in items] == [
            ("held", True)
        ]

    assert await eventually(only_the_held_is_left)
    refused = await http.post(crds.path(), json=crds.object("late"))
    text = "create not allowed while custom resource definition is terminating"
    check_status(refused.json(), 405, "MethodNotAllowed", (), text)
    found = (await http.get(path)).json()
    terminating = {entry["type"]: entry["status"] for entry in found["status"]["conditions"]}
    assert terminating["Terminating"] == "True"
    await http.patch(crds.path("held"), json={"metadata": {"finalizers": []}}, headers={"content-type": MERGE})

    async def gone() -> bool:
        return (await http.get(path)).status_code == 404 and (await http.get(crds.path())).status_code == 404

    assert await eventually(gone)


async def test_watches_of_custom_resources(http: httpx.AsyncClient, crds: Definitions) -> None:
    await crds.create(definition(group=crds.group))
    listed = (await http.get(crds.path())).json()
    await http.post(crds.path(), json=crds.object())
    await http.delete(crds.path("mine"))
    params = {"watch": "1", "resourceVersion": listed["metadata"]["resourceVersion"], "timeoutSeconds": "1"}
    lines = (await http.get(crds.path(), params=params)).text.splitlines()
    assert [line.split('"')[3] for line in lines] == ["ADDED", "DELETED"]


async def test_strategic_merge_is_for_built_in_kinds(http: httpx.AsyncClient, crds: Definitions) -> None:
    await crds.create(definition(group=crds.group))
    await http.post(crds.path(), json=crds.object())
    headers = {"content-type": "application/strategic-merge-patch+json"}
    answer = await http.patch(crds.path("mine"), json={"spec": {"replicas": 3}}, headers=headers)
    check_status(answer.json(), 415, "UnsupportedMediaType")


async def test_server_side_apply(http: httpx.AsyncClient, crds: Definitions) -> None:
    await crds.create(definition(group=crds.group))
    headers = {"content-type": "application/apply-patch+yaml"}
    for manager, code in (("one", 201), ("one", 200), ("two", 200)):
        params = {"fieldManager": manager}
        answer = await http.patch(crds.path("mine"), json=crds.object(), params=params, headers=headers)
        assert answer.status_code == code, answer.text
    other = crds.object(replicas=2) | {"spec": {"cronSpec": "1 * * * *"}}
    answer = await http.patch(crds.path("mine"), json=other, params={"fieldManager": "two"}, headers=headers)
    check_status(answer.json(), 409, "Conflict", (".spec.cronSpec",), 'conflict with "one"')


async def test_a_deprecated_version_warns(http: httpx.AsyncClient, crds: Definitions) -> None:
    await crds.create(definition(version(deprecated=True), group=crds.group))
    answer = await http.get(crds.path())
    assert answer.headers["warning"] == f'299 - "{crds.group}/v1 Crontab is deprecated"'


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        pytest.param({"type": "array", "items": {"type": "object", "required": "a"}}, 400, id="items"),
        pytest.param({"type": "array", "items": {"type": "object", "properties": [1]}}, 400, id="properties"),
        pytest.param({"type": "object", "additionalProperties": {"minimum": "3"}}, 400, id="additional-properties"),
        pytest.param({"type": "object", "additionalProperties": "x"}, 400, id="additional-text"),
        pytest.param({"type": "number", "multipleOf": 0}, 422, id="cannot-be-compiled"),
        pytest.param({"type": "string", "pattern": "("}, 422, id="pattern"),
        pytest.param({"type": "object", "required": ["a", "a"]}, 201, id="required-twice"),
    ],
)
async def test_no_schema_takes_the_server_down(
    http: httpx.AsyncClient, crds: Definitions, spec: JSONObject, code: int
) -> None:
    obj = definition(version(schema={"type": "object", "properties": {"spec": spec}}), group=crds.group)
    answer = await http.post(DEFINITIONS, json=obj)
    assert answer.status_code == code, answer.text
    if code == 201:
        crds.created.append(obj["metadata"]["name"])
    await crds.create(definition(plural="others", group=crds.group))


async def test_a_status_that_makes_no_sense_is_set_right(http: httpx.AsyncClient, crds: Definitions) -> None:
    obj = await crds.create(definition(group=crds.group))
    name = obj["metadata"]["name"]
    patch = {"status": {"conditions": [{"type": "Odd"}, {}], "acceptedNames": None}}
    headers = {"content-type": MERGE}
    answer = await http.patch(f"{DEFINITIONS}/{name}/status", json=patch, headers=headers)
    assert answer.status_code == 200, answer.text
    found = await crds.until(name, "Established", "True")
    assert found["status"]["acceptedNames"]["plural"] == "crontabs"


async def test_names_that_come_free_are_given_to_those_who_wait(http: httpx.AsyncClient, crds: Definitions) -> None:
    first = await crds.create(definition(group=crds.group))
    other = definition(plural="others", group=crds.group, names={"kind": "Crontab"})
    assert (await http.post(DEFINITIONS, json=other)).status_code == 201
    crds.created.append(other["metadata"]["name"])
    await crds.until(other["metadata"]["name"], "NamesAccepted", "False")
    await http.delete(f"{DEFINITIONS}/{first['metadata']['name']}")
    await crds.until(other["metadata"]["name"], "Established", "True")

    async def served() -> bool:
        return (await http.get(crds.path(plural="others"))).status_code == 200

    assert await eventually(served)


async def test_objects_inside_objects(http: httpx.AsyncClient, crds: Definitions) -> None:
    inner = {"type": "object", "x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True}
    schema = {
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": {"cronSpec": {"type": "string"}, "template": inner}}},
    }
    await crds.create(definition(version(schema=schema), group=crds.group))
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "colour": "red"}, "spec": {"free": 1}}
    created = await http.post(crds.path(), json=crds.object(template=pod))
    assert created.json()["spec"]["template"] == {**pod, "metadata": {"name": "x"}}
    assert created.headers["warning"] == '299 - "unknown field \\"spec.template.metadata.colour\\""'
    nameless = await http.post(crds.path(), json=crds.object("bad", template={"metadata": {"labels": {"a b": "c"}}}))
    fields = ("spec.template.apiVersion", "spec.template.kind", "spec.template.metadata.labels")
    check_status(nameless.json(), 422, "Invalid", fields)
    wrong = await http.post(crds.path(), json=crds.object("bad", template={**pod, "metadata": {"labels": 5}}))
    check_status(wrong.json(), 400, "BadRequest", (), "spec.template.metadata: Invalid value")


async def test_what_was_fine_before_a_schema_changed_can_still_be_written(
    http: httpx.AsyncClient, crds: Definitions
) -> None:
    obj = await crds.create(definition(version(subresources={"status": {}}), group=crds.group))
    await http.post(crds.path(), json=crds.object())
    spec = obj["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    spec["required"] = ["cronSpec", "image"]
    assert (await http.put(f"{DEFINITIONS}/{obj['metadata']['name']}", json=obj)).status_code == 200

    async def stricter() -> bool:
        answer = await http.post(crds.path(), json=crds.object("new"), params={"dryRun": "All"})
        return answer.status_code == 422

    assert await eventually(stricter)
    headers = {"content-type": MERGE}
    status = await http.patch(crds.path("mine", "status"), json={"status": {"replicas": 3}}, headers=headers)
    assert status.status_code == 200, status.text
    changed = await http.patch(crds.path("mine"), json={"spec": {"replicas": 3}}, headers=headers)
    check_status(changed.json(), 422, "Invalid", ("spec.image",), "Required value")


async def test_the_numbers_of_a_scale_are_checked_without_a_schema(http: httpx.AsyncClient, crds: Definitions) -> None:
    free = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    scale = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
    await crds.create(definition(version(schema=free, subresources={"scale": scale}), group=crds.group))
    negative = await http.post(crds.path(), json=crds.object(replicas=-1))
    check_status(negative.json(), 422, "Invalid", (".spec.replicas",), "should be a non-negative integer")
    text = await http.post(crds.path(), json=crds.object(replicas="3"))
    message = ".spec.replicas accessor error: 3 is of the type string, expected int64"
    check_status(text.json(), 422, "Invalid", (".spec.replicas",), message)


async def test_kubectl_knows_a_definition_at_once(kubectl: Kubectl, crds: Definitions) -> None:
    columns = [
        {"name": "Spec", "type": "string", "jsonPath": ".spec.cronSpec"},
        {"name": "Replicas", "type": "integer", "jsonPath": ".spec.replicas"},
        {"name": "Image", "type": "string", "jsonPath": ".spec.image", "priority": 1},
        {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
    ]
    short = f"ct{crds.namespace.replace('-', '')}"
    obj = definition(version(additionalPrinterColumns=columns), group=crds.group, names={"shortNames": [short]})
    crds.created.append(obj["metadata"]["name"])
    kubectl.run("apply", "-f", "-", stdin=json.dumps(obj))
    kubectl.run("wait", "--for=condition=Established", f"crd/{obj['metadata']['name']}", "--timeout=20s")
    kubectl.run("apply", "-f", "-", stdin=json.dumps(crds.object(image="busybox")))
    header, row = (kubectl.run("get", short)).splitlines()
    assert header.split() == ["NAME", "SPEC", "REPLICAS", "AGE"]
    assert row.split()[:1] + row.split()[-2:-1] == ["mine", "2"]
    wide = kubectl.run("get", short, "-o", "wide")
    assert "busybox" in wide
