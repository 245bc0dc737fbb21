"""Server-side apply and managed fields over HTTP, with upstream's codes, reasons and messages."""

import json
from typing import Any

import httpx
import pytest
import yaml

from tests.apiserver.conftest import JSON_PATCH, MERGE, STRATEGIC, check_status
from tests.apiserver.objects import JSONObject

APPLY = "application/apply-patch+yaml"
_ROOTS = {
    "configmaps": "/api/v1",
    "pods": "/api/v1",
    "services": "/api/v1",
    "serviceaccounts": "/api/v1",
    "deployments": "/apis/apps/v1",
    "replicasets": "/apis/apps/v1",
    "events": "/apis/events.k8s.io/v1",
}


class Server:
    """One namespace, with every write in the name of a manager."""

    def __init__(self, http: httpx.AsyncClient, namespace: str) -> None:
        self.http = http
        self.namespace = namespace

    def path(self, plural: str, name: str = "", subresource: str = "") -> str:
        parts = (f"{_ROOTS[plural]}/namespaces/{self.namespace}/{plural}", name, subresource)
        return "/".join(part for part in parts if part)

    async def send(
        self, method: str, path: str, body: Any, kind: str = "application/json", code: int = 200, **params: str
    ) -> JSONObject:
        content = body if isinstance(body, str) else None
        options: dict[str, Any] = {"content": content} if content is not None else {"json": body}
        answer = await self.http.request(method, path, params=params, headers={"content-type": kind}, **options)
        assert answer.status_code == code, f"{method} {path}: {answer.status_code} {answer.text}"
        found: JSONObject = answer.json()
        return found

    async def apply(
        self,
        plural: str,
        config: Any,
        manager: str = "a",
        *,
        name: str = "",
        subresource: str = "",
        code: int = 200,
        **params: str,
    ) -> JSONObject:
        name = name or config["metadata"]["name"]
        if manager:
            params["fieldManager"] = manager
        return await self.send("PATCH", self.path(plural, name, subresource), config, APPLY, code, **params)

    async def create(self, plural: str, obj: JSONObject, manager: str = "creator") -> JSONObject:
        return await self.send("POST", self.path(plural), obj, code=201, fieldManager=manager)

    async def get(self, plural: str, name: str) -> JSONObject:
        return await self.send("GET", self.path(plural, name), None)


@pytest.fixture
def server(http: httpx.AsyncClient, namespace: str) -> Server:
    return Server(http, namespace)


def config_map(name: str = "c", *, labels: JSONObject | None = None, **data: str) -> JSONObject:
    metadata: JSONObject = {"name": name, **({"labels": labels} if labels else {})}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **({"data": data} if data else {})}


def deployment(name: str = "d", **spec: Any) -> JSONObject:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def full_deployment(**spec: Any) -> JSONObject:
    return deployment(
        selector={"matchLabels": {"app": "d"}},
        template={
            "metadata": {"labels": {"app": "d"}},
            "spec": {"containers": [{"name": "web", "image": "nginx:1.27", "ports": [{"containerPort": 80}]}]},
        },
        **spec,
    )


def full_replica_set(**spec: Any) -> JSONObject:
    return {**full_deployment(**spec), "kind": "ReplicaSet"}


def entries(obj: JSONObject) -> dict[tuple[str, str, str], Any]:
    """The fields of each manager, by its name, operation and subresource."""
    return {
        (entry["manager"], entry["operation"], entry.get("subresource", "")): entry["fieldsV1"]
        for entry in obj["metadata"].get("managedFields", [])
    }


class TestApply:
    async def test_an_object_that_is_not_there_is_created(self, server: Server) -> None:
        created = await server.apply("configmaps", config_map(x="1"), code=201)
        assert created["data"] == {"x": "1"}
        (entry,) = created["metadata"]["managedFields"]
        # A second may begin between the two.
        assert entry["time"] <= created["metadata"]["creationTimestamp"]
        assert entry == {
            "manager": "a",
            "operation": "Apply",
            "apiVersion": "v1",
            "time": entry["time"],
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:data": {"f:x": {}}},
        }
        assert await server.get("configmaps", "c") == created

    async def test_defaults_belong_to_nobody(self, server: Server) -> None:
        created = await server.apply("replicasets", full_replica_set(), code=201)
        assert created["spec"]["replicas"] == 1
        assert entries(created) == {
            ("a", "Apply", ""): {
                "f:spec": {
                    "f:selector": {},
                    "f:template": {
                        "f:metadata": {"f:labels": {"f:app": {}}},
                        "f:spec": {
                            "f:containers": {
                                'k:{"name":"web"}': {
                                    ".": {},
                                    "f:image": {},
                                    "f:name": {},
                                    "f:ports": {
                                        'k:{"containerPort":80,"protocol":"TCP"}': {".": {}, "f:containerPort": {}}
                                    },
                                }
                            }
                        },
                    },
                }
            }
        }

    async def test_applying_again_changes_nothing(self, server: Server) -> None:
        created = await server.apply("deployments", full_deployment(replicas=2), code=201)
        assert await server.apply("deployments", full_deployment(replicas=2)) == created

    async def test_quantities_are_the_same_however_they_are_written(self, server: Server) -> None:
        config = full_deployment()
        container = config["spec"]["template"]["spec"]["containers"][0]
        container["resources"] = {"requests": {"cpu": "1000m", "memory": "1024Mi"}}
        created = await server.apply("deployments", config, code=201)
        assert await server.apply("deployments", config) == created

    async def test_yaml(self, server: Server) -> None:
        text = """
            # A comment, and YAML's own ways to write values.
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: c, creationTimestamp: null}
            data:
              multiline: |
                one
                two
              quoted: 'yes'
              date: 2001-01-01
        """
        created = await server.apply("configmaps", text, name="c", code=201)
        assert created["data"] == {"multiline": "one\ntwo\n", "quoted": "yes", "date": "2001-01-01"}
        assert await server.apply("configmaps", yaml.safe_dump(config_map(x="1")), name="c") != created

    async def test_what_is_left_out_goes(self, server: Server) -> None:
        await server.apply("configmaps", config_map(labels={"l": "1", "m": "2"}, x="1", y="2"), code=201)
        applied = await server.apply("configmaps", config_map(labels={"m": "2"}, y="2"))
        assert (applied["data"], applied["metadata"]["labels"]) == ({"y": "2"}, {"m": "2"})
        applied = await server.apply("configmaps", config_map())
        assert "data" not in applied
        assert "labels" not in applied["metadata"]
        assert entries(applied) == {}

    async def test_what_others_own_stays(self, server: Server) -> None:
        await server.apply("configmaps", config_map(x="1", y="2"), code=201)
        await server.apply("configmaps", config_map(y="2", z="3"), "b")
        await server.send("PATCH", server.path("configmaps", "c"), {"data": {"u": "4"}}, MERGE, fieldManager="u")
        applied = await server.apply("configmaps", config_map())
        assert applied["data"] == {"y": "2", "z": "3", "u": "4"}

    async def test_a_default_comes_back_when_its_value_is_left_out(self, server: Server) -> None:
        await server.apply("replicasets", full_replica_set(replicas=5), code=201)
        assert (await server.apply("replicasets", full_replica_set()))["spec"]["replicas"] == 1

    async def test_list_items_by_their_keys(self, server: Server) -> None:
        def service(*ports: JSONObject) -> JSONObject:
            metadata = {"name": "s"}
            return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"ports": list(ports)}}

        udp = {"name": "dns", "port": 53, "protocol": "UDP"}
        await server.apply("services", service(udp, {"name": "dns-tcp", "port": 53}), code=201)
        applied = await server.apply("services", service({"name": "web", "port": 80}), "b")
        assert [port["name"] for port in applied["spec"]["ports"]] == ["dns", "dns-tcp", "web"]
        applied = await server.apply("services", service(udp))
        assert [port["name"] for port in applied["spec"]["ports"]] == ["dns", "web"]

    async def test_generation_counts_changes_of_the_spec_alone(self, server: Server) -> None:
        await server.apply("deployments", full_deployment(), code=201)
        labelled = full_deployment()
        labelled["metadata"]["labels"] = {"a": "1"}
        assert (await server.apply("deployments", labelled))["metadata"]["generation"] == 1
        assert (await server.apply("deployments", full_deployment(replicas=3)))["metadata"]["generation"] == 2

    async def test_a_dry_run_writes_nothing(self, server: Server) -> None:
        await server.apply("configmaps", config_map(x="1"), dryRun="All", code=201)
        await server.send("GET", server.path("configmaps", "c"), None, code=404)
        created = await server.apply("configmaps", config_map(x="1"), code=201)
        tried = await server.apply("configmaps", config_map(x="2"), dryRun="All")
        assert tried["data"] == {"x": "2"}
        assert await server.get("configmaps", "c") == created


class TestConflicts:
    async def test_one_conflict(self, server: Server) -> None:
        await server.create("configmaps", config_map(x="1"))
        before = await server.get("configmaps", "c")
        status = await server.apply("configmaps", config_map(x="2"), code=409)
        assert status == {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": 'Apply failed with 1 conflict: conflict with "creator" using v1: .data.x',
            "reason": "Conflict",
            "details": {
                "causes": [
                    {
                        "reason": "FieldManagerConflict",
                        "message": 'conflict with "creator" using v1',
                        "field": ".data.x",
                    }
                ]
            },
            "code": 409,
        }
        assert await server.get("configmaps", "c") == before

    async def test_several_conflicts(self, server: Server) -> None:
        await server.apply("configmaps", config_map(x="1", y="1"), "one", code=201)
        await server.apply("configmaps", config_map(y="1", z="1"), "two")
        status = await server.apply("configmaps", config_map(x="2", y="2", z="2"), code=409)
        assert status["message"] == (
            'Apply failed with 4 conflicts: conflicts with "one":\n- .data.x\n- .data.y\n'
            'conflicts with "two":\n- .data.y\n- .data.z'
        )
        assert [cause["field"] for cause in status["details"]["causes"]] == [".data.x", ".data.y", ".data.y", ".data.z"]

    async def test_paths_name_list_items_by_their_keys(self, server: Server) -> None:
        await server.apply("deployments", full_deployment(), code=201)
        other = full_deployment()
        other["spec"]["template"]["spec"]["containers"][0]["image"] = "nginx:1.28"
        status = await server.apply("deployments", other, "b", code=409)
        text = 'conflict with "a": .spec.template.spec.containers[name="web"].image'
        check_status(status, 409, "Conflict", ('.spec.template.spec.containers[name="web"].image',), text)

    async def test_a_manager_of_a_subresource_is_named_with_it(self, server: Server) -> None:
        await server.apply("deployments", full_deployment(replicas=1), code=201)
        scale = {"spec": {"replicas": 3}}
        await server.send("PATCH", server.path("deployments", "d", "scale"), scale, MERGE, fieldManager="hpa")
        status = await server.apply("deployments", full_deployment(replicas=1), code=409)
        assert status["message"] == (
            'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale" using apps/v1: .spec.replicas'
        )

    async def test_force_takes_the_field_over(self, server: Server) -> None:
        await server.apply("configmaps", config_map(x="1", y="1"), "one", code=201)
        applied = await server.apply("configmaps", config_map(x="2"), "two", force="true")
        assert applied["data"] == {"x": "2", "y": "1"}
        assert entries(applied) == {
            ("one", "Apply", ""): {"f:data": {"f:y": {}}},
            ("two", "Apply", ""): {"f:data": {"f:x": {}}},
        }

    async def test_the_same_value_is_owned_together(self, server: Server) -> None:
        await server.apply("configmaps", config_map(x="1"), "one", code=201)
        applied = await server.apply("configmaps", config_map(x="1"), "two")
        assert entries(applied).keys() == {("one", "Apply", ""), ("two", "Apply", "")}

    async def test_an_object_without_managers_has_been_written_before_the_first_apply(self, server: Server) -> None:
        await server.create("configmaps", config_map(x="1"))
        reset = {"metadata": {"managedFields": [{}]}}
        await server.send("PATCH", server.path("configmaps", "c"), reset, MERGE)
        status = await server.apply("configmaps", config_map(x="2"), code=409)
        assert 'conflict with "before-first-apply" using v1: .data.x' in status["message"]
        applied = await server.apply("configmaps", config_map(x="1", y="1"))
        assert entries(applied).keys() == {("a", "Apply", ""), ("before-first-apply", "Update", "")}


class TestRefusals:
    async def test_a_manager_is_required(self, server: Server) -> None:
        status = await server.apply("configmaps", config_map(), "", code=422)
        text = 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch'
        check_status(status, 422, "Invalid", ("fieldManager",), text)

    @pytest.mark.parametrize(
        ("manager", "text"),
        [
            pytest.param("x" * 129, "fieldManager: Too long: may not be more than 128 bytes", id="too-long"),
            pytest.param("a\tb", "invalid character U+0009 (at position 1)", id="unprintable"),
        ],
    )
    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
    async def test_managers_names_are_checked(self, server: Server, method: str, manager: str, text: str) -> None:
        options = {"POST": "CreateOptions", "PUT": "UpdateOptions", "PATCH": "PatchOptions"}[method]
        path = server.path("configmaps", "" if method == "POST" else "c")
        kind = APPLY if method == "PATCH" else "application/json"
        status = await server.send(method, path, config_map(), kind, 422, fieldManager=manager)
        check_status(status, 422, "Invalid", ("fieldManager",), text)
        assert status["message"].startswith(f'{options}.meta.k8s.io "" is invalid: ')

    async def test_force_goes_with_apply_only(self, server: Server) -> None:
        await server.create("configmaps", config_map())
        for kind in (MERGE, STRATEGIC, JSON_PATCH):
            body: Any = [] if kind == JSON_PATCH else {}
            status = await server.send("PATCH", server.path("configmaps", "c"), body, kind, 422, force="true")
            text = "force: Forbidden: may not be specified for non-apply patch"
            check_status(status, 422, "Invalid", ("force",), text)

    @pytest.mark.parametrize(
        ("config", "text"),
        [
            pytest.param(
                {**deployment(), "unknownField": 1},
                ".unknownField: field not declared in schema",
                id="unknown-field",
            ),
            pytest.param(
                deployment(replicas="3"),
                ".spec.replicas: expected numeric (int or float), got string",
                id="wrong-type",
            ),
            pytest.param(
                deployment(
                    template={
                        "spec": {"containers": [{"name": "w", "env": [{"name": "X"}, {"name": "X", "value": "1"}]}]}
                    }
                ),
                '.spec.template.spec.containers[name="w"].env: duplicate entries for key [name="X"]',
                id="duplicate-items",
            ),
        ],
    )
    async def test_what_the_schema_does_not_know(self, server: Server, config: JSONObject, text: str) -> None:
        status = await server.apply("deployments", config, code=400, fieldValidation="Ignore")
        check_status(status, 400, "BadRequest")
        assert status["message"] == f"failed to create typed patch object (/d; apps/v1, Kind=Deployment): {text}"

    async def test_a_list_item_without_its_key(self, server: Server) -> None:
        config = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "s"}, "secrets": [{"kind": "x"}]}
        status = await server.apply("serviceaccounts", config, code=400)
        text = (
            "failed to create typed patch object (/s; /v1, Kind=ServiceAccount): .secrets: element 0: associative list "
            'with keys has an element that omits all key fields ["name"] '
            "(and doesn't have default values for any key fields)"
        )
        assert status["message"] == text

    @pytest.mark.parametrize(
        ("change", "text"),
        [
            pytest.param({"kind": "Secret"}, "invalid object type: /v1, Kind=Secret", id="kind"),
            pytest.param({"apiVersion": "v2"}, "invalid object type: /v2, Kind=ConfigMap", id="version"),
            pytest.param({"apiVersion": "apps/v1"}, "invalid object type: apps/v1, Kind=ConfigMap", id="group"),
            pytest.param({"apiVersion": None, "kind": None}, "invalid object type: /, Kind=", id="neither"),
        ],
    )
    async def test_another_kind(self, server: Server, change: JSONObject, text: str) -> None:
        status = await server.apply("configmaps", {**config_map(x="1"), **change}, code=400)
        check_status(status, 400, "BadRequest", text=text)

    async def test_managed_fields_cannot_be_applied(self, server: Server) -> None:
        config = config_map()
        config["metadata"]["managedFields"] = []
        status = await server.apply("configmaps", config, code=400)
        check_status(status, 400, "BadRequest")
        assert status["message"] == "metadata.managedFields must be nil"

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            pytest.param("a: b: c", "error decoding YAML: error converting YAML to JSON: yaml: line 1: ", id="yaml"),
            pytest.param("[1]", "cannot unmarshal array into Go value of type map[string]interface {}", id="list"),
            pytest.param("3", "cannot unmarshal value into Go value of type map[string]interface {}", id="number"),
            pytest.param("", "invalid object type: /, Kind=", id="nothing"),
            pytest.param('{"a": *x}', "found undefined alias", id="alias"),
        ],
    )
    async def test_bodies_that_are_no_object(self, server: Server, body: str, text: str) -> None:
        check_status(await server.apply("configmaps", body, name="c", code=400), 400, "BadRequest", text=text)

    @pytest.mark.parametrize("depth", [300, 900, 2000, 200_000])
    async def test_bodies_that_are_nested_too_deeply(self, server: Server, depth: int) -> None:
        body = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": ' + '{"a":' * depth
        status = await server.apply("configmaps", body + "1" + "}" * (depth + 1), name="c", code=400)
        check_status(status, 400, "BadRequest")
        status = await server.apply("configmaps", "data: " + "[" * depth + "]" * depth, name="c", code=400)
        check_status(status, 400, "BadRequest", text="exceeded max depth")

    async def test_the_name_has_to_be_that_of_the_path(self, server: Server) -> None:
        status = await server.apply("configmaps", config_map("other"), name="c", code=400)
        text = "the name of the object (other) does not match the name on the URL (c)"
        check_status(status, 400, "BadRequest", text=text)

    async def test_the_namespace_has_to_be_that_of_the_path(self, server: Server) -> None:
        config = config_map()
        config["metadata"]["namespace"] = "default"
        status = await server.apply("configmaps", config, code=400)
        check_status(status, 400, "BadRequest", text="does not match the namespace sent on the request")

    async def test_a_resource_version_has_to_be_the_current_one(self, server: Server) -> None:
        created = await server.apply("configmaps", config_map(x="1"), code=201)
        config = config_map(x="2")
        config["metadata"]["resourceVersion"] = created["metadata"]["resourceVersion"]
        assert (await server.apply("configmaps", config))["data"] == {"x": "2"}
        config["data"]["x"] = "3"
        status = await server.apply("configmaps", config, code=409)
        check_status(status, 409, "Conflict", text="the object has been modified; please apply your changes")

    async def test_a_uid_has_to_be_the_objects(self, server: Server) -> None:
        config = config_map()
        config["metadata"]["uid"] = "11111111-2222-3333-4444-555555555555"
        status = await server.apply("configmaps", config, code=409)
        check_status(
            status,
            409,
            "Conflict",
            text='Operation cannot be fulfilled on configmaps "c": uid mismatch: the provided object specified uid '
            "11111111-2222-3333-4444-555555555555, and no existing object was found",
        )
        await server.create("configmaps", config_map())
        status = await server.apply("configmaps", config, code=409)
        check_status(status, 409, "Conflict", text="Precondition failed: UID in precondition: 11111111-")

    async def test_what_is_not_valid_is_not_stored(self, server: Server) -> None:
        status = await server.apply("replicasets", full_replica_set(replicas=-1), code=422)
        assert status["reason"] == "Invalid"
        await server.send("GET", server.path("replicasets", "d"), None, code=404)
        created = await server.apply("replicasets", full_replica_set(), code=201)
        await server.apply("replicasets", full_replica_set(replicas=-1), code=422)
        assert await server.get("replicasets", "d") == created

    async def test_a_status_is_not_created(self, server: Server) -> None:
        check_status(await server.apply("deployments", deployment(), subresource="status", code=404), 404, "NotFound")

    async def test_keys_that_stand_twice(self, server: Server) -> None:
        text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  foo: a\n  foo: b\n"
        status = await server.apply("configmaps", text, name="c", code=400, fieldValidation="Strict")
        assert status["message"] == (
            "error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n"
            '  line 7: key "foo" already set in map'
        )
        params = {"fieldManager": "a"}
        headers = {"content-type": APPLY}
        answer = await server.http.patch(server.path("configmaps", "c"), content=text, params=params, headers=headers)
        assert answer.status_code == 201
        assert answer.json()["data"] == {"foo": "b"}
        assert 'line 7: key \\"foo\\" already set in map' in answer.headers["warning"]


class TestSubresources:
    async def test_status(self, server: Server) -> None:
        await server.apply("deployments", full_deployment(replicas=1), code=201)
        status = {**deployment(replicas=7), "status": {"observedGeneration": 1, "replicas": 2}}
        applied = await server.apply("deployments", status, "controller", subresource="status")
        assert (applied["spec"]["replicas"], applied["status"]["replicas"]) == (1, 2)
        assert entries(applied)["controller", "Apply", "status"] == {
            "f:status": {"f:observedGeneration": {}, "f:replicas": {}}
        }
        del status["status"]["replicas"]
        applied = await server.apply("deployments", status, "controller", subresource="status")
        assert applied["status"] == {"observedGeneration": 1}

    async def test_the_object_itself_does_not_own_its_status(self, server: Server) -> None:
        config = full_deployment()
        config["status"] = {"replicas": 5}
        created = await server.apply("deployments", config, code=201)
        assert "replicas" not in created.get("status", {})
        assert "f:status" not in entries(created)["a", "Apply", ""]

    async def test_one_manager_has_an_entry_for_each_subresource(self, server: Server) -> None:
        await server.apply("deployments", full_deployment(), code=201)
        applied = await server.apply("deployments", {**deployment(), "status": {"replicas": 1}}, subresource="status")
        assert entries(applied).keys() == {("a", "Apply", ""), ("a", "Apply", "status")}

    @staticmethod
    def scale(replicas: int | None, **metadata: Any) -> JSONObject:
        spec = {} if replicas is None else {"replicas": replicas}
        return {
            "apiVersion": "autoscaling/v1",
            "kind": "Scale",
            "metadata": {"name": "d", **metadata},
            "spec": spec,
        }

    async def test_scale(self, server: Server) -> None:
        await server.apply("deployments", full_deployment(), code=201)
        applied = await server.apply("deployments", self.scale(4), "scaler", subresource="scale")
        assert (applied["kind"], applied["spec"]) == ("Scale", {"replicas": 4})
        stored = await server.get("deployments", "d")
        assert stored["spec"]["replicas"] == 4
        assert entries(stored)["scaler", "Apply", "scale"] == {"f:spec": {"f:replicas": {}}}
        status = await server.apply("deployments", full_deployment(replicas=1), code=409)
        assert status["message"] == (
            'Apply failed with 1 conflict: conflict with "scaler" with subresource "scale": .spec.replicas'
        )

    async def test_scale_conflicts_and_takes_over(self, server: Server) -> None:
        await server.create("deployments", full_deployment(replicas=1), "maker")
        status = await server.apply("deployments", self.scale(4), "scaler", subresource="scale", code=409)
        assert status["message"] == (
            'Apply failed with 1 conflict: conflict with "maker" using autoscaling/v1: .spec.replicas'
        )
        applied = await server.apply("deployments", self.scale(4), "scaler", subresource="scale", force="true")
        assert applied["spec"] == {"replicas": 4}
        assert "f:replicas" not in entries(await server.get("deployments", "d"))["maker", "Update", ""]["f:spec"]

    @pytest.mark.parametrize(
        ("config", "code", "text"),
        [
            pytest.param(deployment(), 400, "invalid object type: apps/v1, Kind=Deployment", id="the-object"),
            pytest.param(
                {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "d"}, "spec": {"size": 1}},
                400,
                "failed to create typed patch object (/d; autoscaling/v1, Kind=Scale): "
                ".spec.size: field not declared in schema",
                id="unknown-field",
            ),
            pytest.param(
                {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "x"}, "spec": {}},
                400,
                "does not match the name on the URL",
                id="another-name",
            ),
        ],
    )
    async def test_scales_that_are_refused(self, server: Server, config: JSONObject, code: int, text: str) -> None:
        await server.apply("deployments", full_deployment(), code=201)
        status = await server.apply("deployments", config, "s", name="d", subresource="scale", code=code)
        check_status(status, code, "BadRequest", text=text)

    async def test_a_scale_by_update_belongs_to_its_writer(self, server: Server) -> None:
        await server.create("deployments", full_deployment(replicas=1), "maker")
        path = server.path("deployments", "d", "scale")
        await server.send("PUT", path, self.scale(3), fieldManager="hpa")
        assert entries(await server.get("deployments", "d"))["hpa", "Update", "scale"] == {"f:spec": {"f:replicas": {}}}


class TestUpdates:
    @staticmethod
    async def _put(server: Server) -> JSONObject:
        obj = await server.get("configmaps", "c")
        obj["data"] = {"x": "1", "y": "2"}
        return await server.send("PUT", server.path("configmaps", "c"), obj, fieldManager="w")

    @staticmethod
    async def _merge(server: Server) -> JSONObject:
        return await server.send("PATCH", server.path("configmaps", "c"), {"data": {"y": "2"}}, MERGE, fieldManager="w")

    @staticmethod
    async def _strategic(server: Server) -> JSONObject:
        patch = {"data": {"y": "2"}}
        return await server.send("PATCH", server.path("configmaps", "c"), patch, STRATEGIC, fieldManager="w")

    @staticmethod
    async def _json(server: Server) -> JSONObject:
        patch = [{"op": "add", "path": "/data/y", "value": "2"}]
        return await server.send("PATCH", server.path("configmaps", "c"), patch, JSON_PATCH, fieldManager="w")

    @pytest.mark.parametrize("write", [_put, _merge, _strategic, _json], ids=["put", "merge", "strategic", "json"])
    async def test_whoever_writes_a_field_owns_it(self, server: Server, write: "staticmethod[[Server], Any]") -> None:
        await server.apply("configmaps", config_map(x="1", y="1"), code=201)
        written = await write.__func__(server)
        assert written["data"] == {"x": "1", "y": "2"}
        assert entries(written) == {
            ("a", "Apply", ""): {"f:data": {"f:x": {}}},
            ("w", "Update", ""): {"f:data": {"f:y": {}}},
        }

    async def test_what_is_created_belongs_to_its_maker(self, server: Server) -> None:
        created = await server.create("configmaps", config_map(labels={"l": "1"}, x="1"))
        assert entries(created) == {
            ("creator", "Update", ""): {
                "f:data": {".": {}, "f:x": {}},
                "f:metadata": {"f:labels": {".": {}, "f:l": {}}},
            }
        }

    async def test_who_names_no_manager_is_called_by_the_user_agent(self, server: Server) -> None:
        headers = {"user-agent": "my-tool/v1.2 (linux)"}
        answer = await server.http.post(server.path("configmaps"), json=config_map(), headers=headers)
        assert entries(answer.json()) == {}, "an empty object has no fields to own"
        answer = await server.http.post(server.path("configmaps"), json=config_map("e", x="1"), headers=headers)
        assert entries(answer.json()).keys() == {("my-tool", "Update", "")}
        answer = await server.http.post(
            server.path("configmaps"), json=config_map("f", x="1"), headers={"user-agent": ""}
        )
        assert entries(answer.json()).keys() == {("unknown", "Update", "")}

    async def test_a_write_that_changes_nothing(self, server: Server) -> None:
        created = await server.create("replicasets", full_replica_set())
        path = server.path("replicasets", "d")
        assert await server.send("PUT", path, created, fieldManager="other") == created
        patch = {"spec": {"replicas": 1}}
        assert await server.send("PATCH", path, patch, STRATEGIC, fieldManager="other") == created

    async def test_status_and_spec_have_entries_of_their_own(self, server: Server) -> None:
        await server.create("deployments", full_deployment(), "m")
        patch = {"spec": {"replicas": 9}, "status": {"replicas": 1}}
        path = server.path("deployments", "d", "status")
        written = await server.send("PATCH", path, patch, STRATEGIC, fieldManager="m")
        assert entries(written)["m", "Update", "status"] == {"f:status": {"f:replicas": {}}}

    async def test_managed_fields_can_be_reset(self, server: Server) -> None:
        for reset in ([], [{}]):
            await server.create("configmaps", config_map(f"c{len(reset)}", x="1"))
            path = server.path("configmaps", f"c{len(reset)}")
            written = await server.send("PATCH", path, {"metadata": {"managedFields": reset}}, MERGE)
            assert "managedFields" not in written["metadata"]
            written = await server.send("PATCH", path, {"data": {"y": "1"}}, MERGE)
            assert "managedFields" not in written["metadata"], "nothing is tracked until it is applied"

    async def test_managed_fields_can_be_edited(self, server: Server) -> None:
        """What ``kubectl apply --server-side`` does to take over from client-side apply."""
        created = await server.create("configmaps", config_map(x="1"), "kubectl-client-side-apply")
        (entry,) = created["metadata"]["managedFields"]
        edited = {**entry, "manager": "kubectl", "operation": "Apply"}
        patch = [
            {"op": "replace", "path": "/metadata/managedFields", "value": [edited]},
            {"op": "replace", "path": "/metadata/resourceVersion", "value": created["metadata"]["resourceVersion"]},
        ]
        written = await server.send("PATCH", server.path("configmaps", "c"), patch, JSON_PATCH)
        assert entries(written) == {("kubectl", "Apply", ""): entry["fieldsV1"]}
        applied = await server.apply("configmaps", config_map(), "kubectl")
        assert "data" not in applied

    @pytest.mark.parametrize(
        "entry",
        [
            pytest.param({"manager": "x", "operation": "Steal"}, id="operation"),
            pytest.param({"manager": "x", "operation": "Update", "fieldsType": "FieldsV1"}, id="no-version"),
            pytest.param({"manager": "x", "operation": "Update", "apiVersion": "v1"}, id="no-type"),
            pytest.param(
                {"manager": "x", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV2"}, id="type"
            ),
            pytest.param(
                {
                    "manager": "x",
                    "operation": "Update",
                    "apiVersion": "v1",
                    "fieldsType": "FieldsV1",
                    "fieldsV1": {"nonsense": {}},
                },
                id="fields",
            ),
        ],
    )
    async def test_managed_fields_that_cannot_be_read_are_left_aside(self, server: Server, entry: JSONObject) -> None:
        created = await server.create("configmaps", config_map(x="1"))
        patch = {"metadata": {"managedFields": [entry]}}
        assert await server.send("PATCH", server.path("configmaps", "c"), patch, MERGE) == created

    async def test_managed_fields_are_checked(self, server: Server) -> None:
        created = await server.create("configmaps", config_map(x="1"))
        (entry,) = created["metadata"]["managedFields"]
        patch = {"metadata": {"managedFields": [{**entry, "manager": "x" * 200}]}}
        status = await server.send("PATCH", server.path("configmaps", "c"), patch, MERGE, 422)
        check_status(status, 422, "Invalid", ("metadata.managedFields[0].manager",), "Too long: may not be more than")

    async def test_old_updates_are_kept_as_one(self, server: Server) -> None:
        await server.create("configmaps", config_map(x0="0"), "m0")
        for number in range(1, 13):
            patch = {"data": {f"x{number}": "1"}}
            path = server.path("configmaps", "c")
            written = await server.send("PATCH", path, patch, MERGE, fieldManager=f"m{number:02}")
        names = [entry["manager"] for entry in written["metadata"]["managedFields"]]
        assert len(names) == 10
        assert names.count("ancient-changes") == 1
        owned = {field for fields in entries(written).values() for field in fields["f:data"] if field != "."}
        assert owned == {f"f:x{number}" for number in range(13)}

    async def test_versions_are_told_apart(self, server: Server) -> None:
        event = {
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": {"name": "e"},
            "eventTime": "2026-01-01T00:00:00.000000Z",
            "reportingController": "example.com/a",
            "reportingInstance": "a-1",
            "action": "Testing",
            "reason": "Tested",
            "type": "Normal",
            "note": "one",
            "regarding": {"kind": "Namespace", "name": server.namespace, "namespace": server.namespace},
        }
        created = await server.apply("events", event, code=201)
        owned = entries(created)["a", "Apply", ""]
        assert {"f:note", "f:regarding", "f:reportingController"} <= owned.keys()
        path = f"/api/v1/namespaces/{server.namespace}/events/e"
        written = await server.send("PATCH", path, {"message": "two"}, MERGE, fieldManager="old")
        found = {entry["manager"]: entry for entry in written["metadata"]["managedFields"]}
        assert found["old"]["apiVersion"] == "v1"
        assert found["old"]["fieldsV1"] == {"f:message": {}}
        assert found["a"]["fieldsV1"] == {name: below for name, below in owned.items() if name != "f:note"}
        status = await server.apply("events", event, code=409)
        assert status["message"] == 'Apply failed with 1 conflict: conflict with "old" using v1: .message'
        event.pop("note")
        applied = await server.apply("events", event)
        assert applied["note"] == "two"
        assert "f:note" not in entries(applied)["a", "Apply", ""]


class TestClientSideApply:
    """kubectl goes over from client-side to server-side apply."""

    ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"

    async def _applied_before(self, server: Server, **data: str) -> None:
        config = config_map(**data)
        obj = {**config, "metadata": {"name": "c", "annotations": {self.ANNOTATION: json.dumps(config) + "\n"}}}
        await server.create("configmaps", obj, "kubectl-client-side-apply")

    async def test_what_it_applied_before_is_no_conflict(self, server: Server) -> None:
        await self._applied_before(server, x="1")
        applied = await server.apply("configmaps", config_map(x="2"), "kubectl")
        assert applied["data"] == {"x": "2"}
        assert '"x":"2"' in applied["metadata"]["annotations"][self.ANNOTATION]

    async def test_for_others_it_is(self, server: Server) -> None:
        await self._applied_before(server, x="1")
        status = await server.apply("configmaps", config_map(x="2"), "helm", code=409)
        assert 'conflict with "kubectl-client-side-apply" using v1: .data.x' in status["message"]

    async def test_what_others_have_changed_since_is_one_too(self, server: Server) -> None:
        await self._applied_before(server, x="1", y="1")
        path = server.path("configmaps", "c")
        await server.send("PATCH", path, {"data": {"y": "changed"}}, MERGE, fieldManager="editor")
        status = await server.apply("configmaps", config_map(x="2", y="2"), "kubectl", code=409)
        assert status["message"] == 'Apply failed with 1 conflict: conflict with "editor" using v1: .data.y'
