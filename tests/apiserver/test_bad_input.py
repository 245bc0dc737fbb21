"""What the server refuses: upstream's code, reason and field, and a store as it was."""

import json
from typing import Any

import httpx
import pytest

from tests.apiserver.conftest import JSON_PATCH, MERGE, STRATEGIC, Api, check_status
from tests.apiserver.objects import JSONObject, container, pod, replica_set, with_field

PROBE = {"httpGet": {"port": 80}}


def probe(name: str = "livenessProbe", **fields: Any) -> JSONObject:
    return pod("p", containers=[container(**{name: {**PROBE, **fields}})])


class TestBodies:
    @pytest.mark.parametrize(
        ("body", "text"),
        [
            pytest.param(b"", "unexpected end of JSON input", id="empty"),
            pytest.param(b'{"metadata": {', "unexpected end of JSON input", id="cut short"),
            pytest.param(b"{metadata: 1}", "invalid character 'm'", id="not quoted"),
            pytest.param(b"apiVersion: v1\nkind: Pod\n", "invalid character 'a'", id="YAML"),
            pytest.param(b"[]", "cannot unmarshal", id="a list"),
            pytest.param(b'"pod"', "cannot unmarshal", id="text"),
            pytest.param(b"null", "cannot unmarshal", id="null"),
            pytest.param(b'{"metadata": {"name": "\xff"}}', "invalid UTF-8", id="no UTF-8"),
            pytest.param(b"[" * 50_000, "exceeded max depth", id="too deep"),
            pytest.param(b'{"metadata": {"name": "a"}, "spec": NaN}', "invalid character 'N'", id="NaN"),
            pytest.param(b'{"metadata": 1}', "cannot unmarshal number into Go struct field", id="wrong type"),
            pytest.param(
                b'{"spec": {"containers": {"name": "a"}}}', "PodSpec.spec.containers of type", id="object for a list"
            ),
            pytest.param(b'{"kind": "Sandwich", "apiVersion": "v1"}', "Sandwich", id="unknown kind"),
            pytest.param(b'{"kind": "Node", "apiVersion": "v1"}', "cannot be handled as a Pod", id="another kind"),
            pytest.param(b'{"kind": "Pod", "apiVersion": "v2"}', "(v2) does not match", id="another version"),
            pytest.param(b'{"kind": 1}', "", id="the kind is a number"),
            pytest.param(b'{"kind": ["Pod"], "apiVersion": {"v1": 1}}', "", id="the kind is a list"),
        ],
    )
    async def test_malformed(self, api: Api, body: bytes, text: str) -> None:
        async with api.unchanged():
            headers = {"content-type": "application/json"}
            status = await api.request("POST", api.path("pods"), code=400, content=body, headers=headers)
        check_status(status, 400, "BadRequest", text=text)

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    async def test_four_megabytes_are_too_much(self, api: Api, method: str) -> None:
        body = json.dumps(with_field(pod("big"), "metadata.annotations.a", "x" * 4 * 1024 * 1024)).encode()
        path = api.path("pods", "" if method == "POST" else "big")
        headers = {"content-type": MERGE if method == "PATCH" else "application/json"}
        async with api.unchanged():
            status = await api.request(method, path, code=413, content=body, headers=headers)
        check_status(status, 413, "RequestEntityTooLarge", text="limit is 3145728")

    async def test_a_large_body_within_the_limit_is_read(self, api: Api) -> None:
        await api.create("pods", with_field(pod("big"), "metadata.annotations.a", "x" * 200_000))

    @pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "application/cbor"])
    async def test_other_media_types(self, api: Api, media_type: str) -> None:
        async with api.unchanged():
            for method, path in (("POST", api.path("pods")), ("PUT", api.path("pods", "p"))):
                headers = {"content-type": media_type}
                status = await api.request(method, path, code=415, content=b"a: 1", headers=headers)
                check_status(status, 415, "UnsupportedMediaType")

    async def test_a_charset_beside_the_media_type_is_fine(self, api: Api) -> None:
        headers = {"content-type": "application/json; charset=utf-8"}
        await api.request("POST", api.path("pods"), code=201, content=json.dumps(pod("p")), headers=headers)


class TestFieldValidation:
    BAD = with_field(with_field(pod("p"), "spec.unknownField", 1), "spec.containers.0.imagee", "x")
    DUPLICATE = b'{"metadata": {"name": "d"}, "spec": {"containers": [{"name": "a", "image": "x", "image": "y"}]}}'

    async def test_strict_refuses_unknown_fields(self, api: Api) -> None:
        async with api.unchanged():
            status = await api.create("pods", self.BAD, code=400, fieldValidation="Strict")
        check_status(status, 400, "BadRequest", text="strict decoding error: unknown field")
        assert 'unknown field "spec.unknownField"' in status["message"]
        assert 'unknown field "spec.containers[0].imagee"' in status["message"]

    async def test_strict_refuses_duplicate_fields(self, api: Api) -> None:
        async with api.unchanged():
            status = await api.request(
                "POST", api.path("pods"), code=400, content=self.DUPLICATE, params={"fieldValidation": "Strict"}
            )
        check_status(status, 400, "BadRequest", text='duplicate field "spec.containers[0].image"')

    @pytest.mark.parametrize("params", [{}, {"fieldValidation": "Warn"}])
    async def test_warn_keeps_what_it_knows_and_warns(self, api: Api, params: dict[str, str]) -> None:
        response = await api.http.post(api.path("pods"), json=self.BAD, params=params)
        assert response.status_code == 201
        assert "unknownField" not in response.json()["spec"]
        assert sorted(response.headers.get_list("warning")) == [
            '299 - "unknown field \\"spec.containers[0].imagee\\""',
            '299 - "unknown field \\"spec.unknownField\\""',
        ]
        response = await api.http.post(api.path("pods"), content=self.DUPLICATE, params=params)
        assert response.status_code == 201
        assert response.json()["spec"]["containers"][0]["image"] == "y"
        assert response.headers["warning"] == '299 - "duplicate field \\"spec.containers[0].image\\""'

    async def test_ignore_says_nothing(self, api: Api) -> None:
        response = await api.http.post(api.path("pods"), json=self.BAD, params={"fieldValidation": "Ignore"})
        assert (response.status_code, response.headers.get("warning")) == (201, None)

    async def test_another_word_is_refused(self, api: Api) -> None:
        async with api.unchanged():
            status = await api.create("pods", pod("p"), code=422, fieldValidation="Loose")
        check_status(status, 422, "Invalid", ("fieldValidation",))

    async def test_patches_are_checked_too(self, api: Api) -> None:
        await api.create("pods", pod("p"))
        async with api.unchanged():
            status = await api.patch("pods", "p", {"spec": {"x": 1}}, code=422, fieldValidation="Strict")
        check_status(status, 422, "Invalid", ("patch",), 'strict decoding error: unknown field "spec.x"')


@pytest.mark.parametrize(
    ("obj", "fields"),
    [
        pytest.param(pod("Not_A_Label"), ("metadata.name",), id="name"),
        pytest.param(pod("a" * 254), ("metadata.name",), id="long name"),
        pytest.param(pod(""), ("metadata.name",), id="no name"),
        pytest.param(
            with_field(pod(), "metadata.generateName", "Not_"),
            ("metadata.generateName", "metadata.name"),
            id="base of a name",
        ),
        pytest.param(pod("p", labels={"a b": "1"}), ("metadata.labels",), id="label key"),
        pytest.param(pod("p", labels={"a": "-"}), ("metadata.labels",), id="label value"),
        pytest.param(
            with_field(pod("p"), "metadata.annotations", {"a b": ""}), ("metadata.annotations",), id="annotation key"
        ),
        pytest.param(
            with_field(pod("p"), "metadata.annotations", {"a": "x" * 300_000}),
            ("metadata.annotations",),
            id="too many annotations",
        ),
        pytest.param(with_field(pod("p"), "metadata.finalizers", ["x"]), ("metadata.finalizers[0]",), id="finalizer"),
        pytest.param(
            with_field(pod("p"), "metadata.ownerReferences", [{"kind": "ReplicaSet", "name": "x", "uid": "u"}]),
            ("metadata.ownerReferences[0].apiVersion",),
            id="owner without a version",
        ),
        pytest.param(
            with_field(
                pod("p"),
                "metadata.ownerReferences",
                [{"apiVersion": "v1", "kind": "X", "name": n, "uid": n, "controller": True} for n in "ab"],
            ),
            ("metadata.ownerReferences",),
            id="two controllers",
        ),
        pytest.param(pod("p", containers=[]), ("spec.containers",), id="no containers"),
        pytest.param({"metadata": {"name": "p"}}, ("spec.containers",), id="no spec"),
        pytest.param(
            pod("p", containers=[{"image": "x"}]), ("spec.containers[0].name",), id="container without a name"
        ),
        pytest.param(pod("p", containers=[container("A")]), ("spec.containers[0].name",), id="container's name"),
        pytest.param(pod("p", containers=[{"name": "a"}]), ("spec.containers[0].image",), id="no image"),
        pytest.param(
            pod("p", containers=[container(image=" x")]), ("spec.containers[0].image",), id="image with a blank"
        ),
        pytest.param(
            pod("p", containers=[container("a"), container("b"), container("a")]),
            ("spec.containers[2].name",),
            id="two containers of one name",
        ),
        pytest.param(
            pod("p", initContainers=[container("main")]), ("spec.initContainers[0].name",), id="init of the same name"
        ),
        pytest.param(
            pod("p", initContainers=[container("i", readinessProbe=PROBE)]),
            ("spec.initContainers[0].readinessProbe",),
            id="init container with a probe",
        ),
        pytest.param(
            pod("p", containers=[container(imagePullPolicy="Often")]),
            ("spec.containers[0].imagePullPolicy",),
            id="pull",
        ),
        pytest.param(
            pod("p", containers=[container(resources={"requests": {"cpu": "-1"}})]),
            ("spec.containers[0].resources.requests[cpu]",),
            id="negative request",
        ),
        pytest.param(
            pod("p", containers=[container(resources={"limits": {"memory": "-1Mi"}})]),
            ("spec.containers[0].resources.limits[memory]", "spec.containers[0].resources.requests[memory]"),
            id="negative limit, which is the request too",
        ),
        pytest.param(
            pod("p", containers=[container(resources={"requests": {"cpu": "2"}, "limits": {"cpu": "1"}})]),
            ("spec.containers[0].resources.requests",),
            id="request over limit",
        ),
        pytest.param(
            pod("p", containers=[container(resources={"requests": {"cpus": "2"}})]),
            ("spec.containers[0].resources.requests", "spec.containers[0].resources.limits"),
            id="unknown resource",
        ),
        pytest.param(
            pod("p", containers=[container(resources={"limits": {"example.com/gpu": "500m"}})]),
            (
                "spec.containers[0].resources.limits[example.com/gpu]",
                "spec.containers[0].resources.requests[example.com/gpu]",
            ),
            id="half a device",
        ),
        pytest.param(
            pod("p", containers=[container(ports=[{"containerPort": 0}])]),
            ("spec.containers[0].ports[0].containerPort",),
            id="port 0",
        ),
        pytest.param(
            pod("p", containers=[container(ports=[{"containerPort": 65536}])]),
            ("spec.containers[0].ports[0].containerPort",),
            id="port 65536",
        ),
        pytest.param(
            pod("p", containers=[container(ports=[{"containerPort": 80, "protocol": "tcp"}])]),
            ("spec.containers[0].ports[0].protocol",),
            id="protocol",
        ),
        pytest.param(
            pod(
                "p",
                containers=[container(ports=[{"containerPort": 1, "name": "a"}, {"containerPort": 2, "name": "a"}])],
            ),
            ("spec.containers[0].ports[1].name",),
            id="two ports of one name",
        ),
        pytest.param(
            pod(
                "p",
                containers=[
                    container("a", ports=[{"containerPort": 1, "hostPort": 9}]),
                    container("b", ports=[{"containerPort": 2, "hostPort": 9}]),
                ],
            ),
            ("spec.containers[1].ports[0].hostPort",),
            id="one host port twice",
        ),
        pytest.param(
            pod("p", containers=[container(env=[{"name": "a=b"}])]), ("spec.containers[0].env[0].name",), id="variable"
        ),
        pytest.param(
            pod("p", containers=[container(env=[{"name": "A", "valueFrom": {}}])]),
            ("spec.containers[0].env[0].valueFrom",),
            id="variable from nowhere",
        ),
        pytest.param(
            pod("p", containers=[container(env=[{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "spec.x"}}}])]),
            ("spec.containers[0].env[0].valueFrom.fieldRef.fieldPath",),
            id="variable from a field there is not",
        ),
        pytest.param(
            pod("p", containers=[container(volumeMounts=[{"name": "v", "mountPath": "/v"}])]),
            ("spec.containers[0].volumeMounts[0].name",),
            id="mount of no volume",
        ),
        pytest.param(
            pod("p", volumes=[{"name": "v"}], containers=[container(volumeMounts=[{"name": "v"}])]),
            ("spec.containers[0].volumeMounts[0].mountPath",),
            id="mount without a path",
        ),
        pytest.param(pod("p", volumes=[{"name": "v"}, {"name": "v"}]), ("spec.volumes[1].name",), id="volumes"),
        pytest.param(
            pod("p", volumes=[{"name": "v", "emptyDir": {}, "hostPath": {"path": "/x"}}]),
            ("spec.volumes[0].hostPath",),
            id="two sources of one volume",
        ),
        pytest.param(probe(periodSeconds=-1), ("spec.containers[0].livenessProbe.periodSeconds",), id="period -1"),
        pytest.param(
            probe(timeoutSeconds=-1, failureThreshold=-1),
            ("spec.containers[0].livenessProbe.timeoutSeconds", "spec.containers[0].livenessProbe.failureThreshold"),
            id="negative timeout and threshold",
        ),
        pytest.param(
            probe(successThreshold=2), ("spec.containers[0].livenessProbe.successThreshold",), id="liveness twice"
        ),
        pytest.param(
            probe("startupProbe", successThreshold=2),
            ("spec.containers[0].startupProbe.successThreshold",),
            id="startup twice",
        ),
        pytest.param(
            pod("p", containers=[container(livenessProbe={})]), ("spec.containers[0].livenessProbe",), id="no handler"
        ),
        pytest.param(probe(tcpSocket={"port": 80}), ("spec.containers[0].livenessProbe.tcpSocket",), id="two handlers"),
        pytest.param(
            probe(httpGet={"port": 0}), ("spec.containers[0].livenessProbe.httpGet.port",), id="probe of port 0"
        ),
        pytest.param(
            probe(httpGet={"port": "web_1"}), ("spec.containers[0].livenessProbe.httpGet.port",), id="port's name"
        ),
        pytest.param(
            probe(httpGet={"port": 80, "scheme": "FTP"}),
            ("spec.containers[0].livenessProbe.httpGet.scheme",),
            id="scheme",
        ),
        pytest.param(pod("p", restartPolicy="Sometimes"), ("spec.restartPolicy",), id="restart policy"),
        pytest.param(pod("p", dnsPolicy="x"), ("spec.dnsPolicy",), id="DNS policy"),
        pytest.param(
            pod("p", terminationGracePeriodSeconds=-1), ("spec.terminationGracePeriodSeconds",), id="grace period"
        ),
        pytest.param(pod("p", activeDeadlineSeconds=0), ("spec.activeDeadlineSeconds",), id="deadline"),
        pytest.param(pod("p", nodeName="A b"), ("spec.nodeName",), id="node's name"),
        pytest.param(pod("p", nodeSelector={"a b": "c"}), ("spec.nodeSelector",), id="node selector"),
        pytest.param(
            pod("p", tolerations=[{"operator": "Equal"}]), ("spec.tolerations[0].operator",), id="toleration of no key"
        ),
        pytest.param(
            pod("p", tolerations=[{"key": "a", "operator": "Exists", "effect": "Maybe"}]),
            ("spec.tolerations[0].effect",),
            id="effect",
        ),
        pytest.param(
            pod("p", tolerations=[{"key": "a", "operator": "Exists", "effect": "NoSchedule", "tolerationSeconds": 1}]),
            ("spec.tolerations[0].effect",),
            id="seconds of another effect",
        ),
        pytest.param(
            pod(
                "p",
                affinity={
                    "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []}}
                },
            ),
            ("spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms",),
            id="no terms",
        ),
        pytest.param(
            pod(
                "p",
                affinity={
                    "podAntiAffinity": {
                        "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 101, "podAffinityTerm": {}}]
                    }
                },
            ),
            (
                "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight",
                "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm"
                ".topologyKey",
            ),
            id="weight and topology",
        ),
    ],
)
async def test_invalid_pods(api: Api, obj: JSONObject, fields: tuple[str, ...]) -> None:
    async with api.unchanged():
        status = await api.create("pods", obj, code=422)
    check_status(status, 422, "Invalid", fields)
    assert status["details"]["kind"] == "Pod"
    assert status["message"].startswith('Pod "')


@pytest.mark.parametrize(
    ("obj", "fields"),
    [
        pytest.param(replica_set("r", replicas=-1), ("spec.replicas",), id="negative replicas"),
        pytest.param(replica_set("r", minReadySeconds=-1), ("spec.minReadySeconds",), id="negative seconds"),
        pytest.param(replica_set("r", selector={}), ("spec.selector",), id="empty selector"),
        pytest.param(
            replica_set("r", selector={"matchLabels": {"app": "other"}}),
            ("spec.template.metadata.labels",),
            id="the template does not match",
        ),
        pytest.param(
            replica_set("r", selector={"matchExpressions": [{"key": "app", "operator": "Near"}]}),
            ("spec.selector.matchExpressions[0].operator",),
            id="operator",
        ),
        pytest.param(
            replica_set("r", selector={"matchExpressions": [{"key": "app", "operator": "In"}]}),
            ("spec.selector.matchExpressions[0].values",),
            id="in nothing",
        ),
        pytest.param(
            with_field(replica_set("r"), "spec.template.spec.restartPolicy", "Never"),
            ("spec.template.spec.restartPolicy",),
            id="pods that do not restart",
        ),
        pytest.param(
            with_field(replica_set("r"), "spec.template.spec.containers.0.image", ""),
            ("spec.template.spec.containers[0].image",),
            id="the template's image",
        ),
        pytest.param(
            {"metadata": {"name": "r"}},
            ("spec.selector", "spec.template.spec.containers"),
            id="nothing at all",
        ),
    ],
)
async def test_invalid_replica_sets(api: Api, obj: JSONObject, fields: tuple[str, ...]) -> None:
    """Shows S27: a replica set whose pods do not restart always is refused."""
    async with api.unchanged():
        status = await api.create("replicasets", obj, code=422)
    check_status(status, 422, "Invalid", fields)
    assert status["details"]["group"] == "apps"
    assert status["message"].startswith('ReplicaSet.apps "r" is invalid: ')


async def test_a_period_of_zero_is_the_default(api: Api) -> None:
    """Go cannot tell 0 from "not given" here, so upstream's SetDefaults_Probe makes it 10."""
    created = await api.create("pods", probe(periodSeconds=0, timeoutSeconds=0, successThreshold=0))
    shown = created["spec"]["containers"][0]["livenessProbe"]
    assert {key: shown[key] for key in ("periodSeconds", "timeoutSeconds", "successThreshold", "failureThreshold")} == {
        "periodSeconds": 10,
        "timeoutSeconds": 1,
        "successThreshold": 1,
        "failureThreshold": 3,
    }


class TestPlaces:
    async def test_a_namespace_that_is_not_there(self, api: Api) -> None:
        async with api.unchanged():
            status = await api.request("POST", "/api/v1/namespaces/nowhere/pods", code=404, json=pod("p"))
        check_status(status, 404, "NotFound", text='namespaces "nowhere" not found')
        assert status["details"] == {"name": "nowhere", "kind": "namespaces"}

    async def test_another_namespace_than_the_paths(self, api: Api) -> None:
        async with api.unchanged():
            status = await api.create("pods", with_field(pod("p"), "metadata.namespace", "default"), code=400)
        check_status(status, 400, "BadRequest", text="does not match the namespace sent on the request")

    async def test_no_namespace_at_all(self, api: Api) -> None:
        status = await api.request("POST", "/api/v1/pods", code=405, json=pod("p"))
        check_status(status, 405, "MethodNotAllowed")

    async def test_nothing_is_deleted_across_namespaces(self, api: Api) -> None:
        await api.create("pods", pod("p"))
        async with api.unchanged():
            check_status(await api.request("DELETE", "/api/v1/pods", code=405), 405, "MethodNotAllowed")

    async def test_what_has_no_namespace_loses_it(self, api: Api) -> None:
        node = {"metadata": {"name": f"node-{api.namespace}", "namespace": "default"}}
        created = await api.request("POST", "/api/v1/nodes", code=201, json=node)
        assert "namespace" not in created["metadata"]

    async def test_a_namespaces_name_is_a_label(self, api: Api) -> None:
        status = await api.request("POST", "/api/v1/namespaces", code=422, json={"metadata": {"name": "a.b"}})
        check_status(status, 422, "Invalid", ("metadata.name",))

    async def test_a_resource_version_on_something_new(self, api: Api) -> None:
        async with api.unchanged():
            status = await api.create("pods", with_field(pod("p"), "metadata.resourceVersion", "1"), code=400)
        check_status(status, 400, "BadRequest", text="resourceVersion should not be set on objects to be created")

    async def test_a_name_that_is_taken(self, api: Api) -> None:
        await api.create("pods", pod("p"))
        async with api.unchanged():
            status = await api.create("pods", pod("p"), code=409)
        check_status(status, 409, "AlreadyExists", text='pods "p" already exists')
        assert status["details"] == {"name": "p", "kind": "pods"}

    async def test_what_is_not_there(self, api: Api) -> None:
        for request in (api.get("pods", "p", code=404), api.delete("pods", "p", code=404)):
            status = await request
            check_status(status, 404, "NotFound", text='pods "p" not found')
        status = await api.get("replicasets", "r", code=404)
        assert status["message"] == 'replicasets.apps "r" not found'
        assert status["details"] == {"name": "r", "group": "apps", "kind": "replicasets"}

    @pytest.mark.parametrize(
        "path",
        [
            "/api/v1/sandwiches",
            "/apis/batch/v1/works",
            "/apis/apps/v2/replicasets",
            "/api/v1/pods/x",
            "/api/v1/nodes/a/b/c",
        ],
    )
    async def test_paths_of_nothing(self, api: Api, path: str) -> None:
        check_status(await api.request("GET", path, code=404), 404, "NotFound")


class TestParameters:
    @pytest.mark.parametrize(
        "params",
        [
            pytest.param({"labelSelector": "a in b"}, id="label selector"),
            pytest.param({"labelSelector": "a=b,"}, id="label selector that goes on"),
            pytest.param({"labelSelector": "a=-"}, id="label selector's value"),
            pytest.param({"fieldSelector": "metadata.name"}, id="field selector"),
            pytest.param({"fieldSelector": "spec.hostname=x"}, id="field that pods are not selected by"),
            pytest.param({"limit": "ten"}, id="limit"),
            pytest.param({"continue": "xyz"}, id="continue"),
            pytest.param({"continue": "eyJydiI6MX0"}, id="half a continue token"),
            pytest.param({"watch": "1", "timeoutSeconds": "x"}, id="timeout"),
        ],
    )
    async def test_refused(self, api: Api, params: dict[str, str]) -> None:
        check_status(await api.collection("pods", code=400, **params), 400, "BadRequest")

    @pytest.mark.parametrize(
        ("params", "fields"),
        [
            pytest.param({"resourceVersionMatch": "Exact"}, ("resourceVersionMatch",), id="match of no version"),
            pytest.param(
                {"resourceVersion": "1", "resourceVersionMatch": "Near"}, ("resourceVersionMatch",), id="match"
            ),
            pytest.param(
                {"resourceVersion": "0", "resourceVersionMatch": "Exact"}, ("resourceVersionMatch",), id="exactly 0"
            ),
            pytest.param({"sendInitialEvents": "true"}, ("sendInitialEvents",), id="initial events of a list"),
        ],
    )
    async def test_what_does_not_go_together(self, api: Api, params: dict[str, str], fields: tuple[str, ...]) -> None:
        check_status(await api.collection("pods", code=422, **params), 422, "Invalid", fields)

    async def test_a_deletion_by_a_bad_selector_deletes_nothing(self, api: Api) -> None:
        await api.create("pods", pod("p"))
        async with api.unchanged():
            check_status(await api.delete("pods", code=400, labelSelector="a in"), 400, "BadRequest")

    async def test_a_version_that_is_no_number(self, api: Api) -> None:
        check_status(await api.collection("pods", code=422, resourceVersion="x"), 422, "Invalid", ("resourceVersion",))

    async def test_a_version_of_the_future(self, api: Api) -> None:
        response = await api.http.get(api.path("pods"), params={"resourceVersion": str(2**62)})
        check_status(response.json(), 504, "Timeout", ("",), "Too large resource version")
        assert response.headers["retry-after"] == "1"

    async def test_another_dry_run_than_all(self, api: Api) -> None:
        async with api.unchanged():
            check_status(await api.create("pods", pod("p"), code=422, dryRun="Some"), 422, "Invalid", ("dryRun",))


class TestUpdates:
    @pytest.fixture(autouse=True)
    async def stored(self, api: Api) -> JSONObject:
        return await api.create("pods", pod("p"))

    async def test_put_does_not_rename(self, api: Api, stored: JSONObject) -> None:
        async with api.unchanged():
            status = await api.replace("pods", with_field(stored, "metadata.name", "q"), name="p", code=400)
        check_status(
            status, 400, "BadRequest", text="the name of the object (q) does not match the name on the URL (p)"
        )

    @pytest.mark.parametrize("kind", [MERGE, STRATEGIC])
    async def test_patch_does_not_rename(self, api: Api, kind: str) -> None:
        async with api.unchanged():
            status = await api.patch("pods", "p", {"metadata": {"name": "q"}}, kind=kind, code=400)
        check_status(
            status, 400, "BadRequest", text="the name of the object (q) does not match the name on the URL (p)"
        )

    async def test_patch_does_not_move(self, api: Api) -> None:
        async with api.unchanged():
            status = await api.patch("pods", "p", {"metadata": {"namespace": "default"}}, code=400)
        check_status(status, 400, "BadRequest", text="does not match the namespace sent on the request")

    async def test_put_needs_a_name(self, api: Api, stored: JSONObject) -> None:
        async with api.unchanged():
            status = await api.replace("pods", with_field(stored, "metadata.name", ...), name="p", code=400)
        check_status(status, 400, "BadRequest", text="name must be provided")

    async def test_a_stale_resource_version(self, api: Api, stored: JSONObject) -> None:
        await api.patch("pods", "p", {"metadata": {"labels": {"a": "1"}}})
        async with api.unchanged():
            status = await api.replace("pods", stored, code=409)
            check_status(status, 409, "Conflict", text="the object has been modified; please apply your changes")
            version = stored["metadata"]["resourceVersion"]
            patch = {"metadata": {"resourceVersion": version, "labels": {"b": "1"}}}
            check_status(await api.patch("pods", "p", patch, code=409), 409, "Conflict")
        assert status["details"] == {"name": "p", "kind": "pods"}

    async def test_another_uid(self, api: Api, stored: JSONObject) -> None:
        async with api.unchanged():
            status = await api.replace("pods", with_field(stored, "metadata.uid", "u1"), code=409)
        check_status(status, 409, "Conflict", text="Precondition failed: UID in precondition: u1")

    @pytest.mark.parametrize(
        ("path", "value", "fields"),
        [
            ("spec.nodeSelector", {"a": "b"}, ("spec",)),
            ("spec.containers.0.name", "other", ("spec",)),
            ("spec.restartPolicy", "Never", ("spec",)),
            ("spec.containers.0.image", "", ("spec.containers[0].image",)),
            ("spec.activeDeadlineSeconds", -1, ("spec.activeDeadlineSeconds",)),
            ("metadata.labels", {"a b": ""}, ("metadata.labels",)),
            ("spec.schedulingGates", [{"name": "x/y"}], ("spec.schedulingGates[0].name",)),
        ],
    )
    async def test_what_a_pod_cannot_change(
        self, api: Api, stored: JSONObject, path: str, value: Any, fields: tuple[str, ...]
    ) -> None:
        async with api.unchanged():
            status = await api.replace("pods", with_field(stored, path, value), code=422)
        check_status(status, 422, "Invalid", fields)

    async def test_a_pod_gets_no_more_containers(self, api: Api, stored: JSONObject) -> None:
        more = with_field(stored, "spec.containers", [*stored["spec"]["containers"], container("b")])
        async with api.unchanged():
            check_status(await api.replace("pods", more, code=422), 422, "Invalid", ("spec.containers",))

    @pytest.mark.parametrize(
        ("kind", "body", "code", "reason"),
        [
            pytest.param(JSON_PATCH, b"[", 400, "BadRequest", id="bad JSON"),
            pytest.param(JSON_PATCH, b"{}", 400, "BadRequest", id="JSON patch is a list"),
            pytest.param(JSON_PATCH, b'[{"op": "grow", "path": "/a"}]', 422, "Invalid", id="operation"),
            pytest.param(
                JSON_PATCH,
                b'[{"op": "test", "path": "/metadata/name", "value": "q"}]',
                422,
                "Invalid",
                id="a test that fails",
            ),
            pytest.param(JSON_PATCH, b'[{"op": "remove", "path": "/spec/x"}]', 422, "Invalid", id="nothing there"),
            pytest.param(JSON_PATCH, b'[{"op": "remove", "path": "/metadata"}]', 400, "BadRequest", id="no metadata"),
            pytest.param(MERGE, b"[]", 400, "BadRequest", id="merge patch is an object"),
            pytest.param(MERGE, b'{"metadata": null}', 400, "BadRequest", id="metadata away"),
            pytest.param(MERGE, b'{"spec": 1}', 422, "Invalid", id="wrong type"),
            pytest.param(MERGE, b'{"kind": "Node"}', 422, "Invalid", id="another kind"),
            pytest.param(STRATEGIC, b'{"spec": {"containers": [{}]}}', 400, "BadRequest", id="no merge key"),
            pytest.param("application/json", b"{}", 415, "UnsupportedMediaType", id="no patch format"),
            pytest.param("", b"{}", 415, "UnsupportedMediaType", id="no media type"),
        ],
    )
    async def test_patches(self, api: Api, kind: str, body: bytes, code: int, reason: str) -> None:
        async with api.unchanged():
            headers = {"content-type": kind}
            status = await api.request("PATCH", api.path("pods", "p"), code=code, content=body, headers=headers)
        assert (status["code"], status["reason"]) == (code, reason)

    async def test_ten_thousand_operations_are_enough(self, api: Api) -> None:
        operations = [{"op": "test", "path": "/kind", "value": "Pod"}] * 10_001
        status = await api.patch("pods", "p", operations, kind=JSON_PATCH, code=413)
        check_status(status, 413, "RequestEntityTooLarge", text="allowed maximum operations in a JSON patch is 10000")


async def test_the_server_lives_on(http: httpx.AsyncClient) -> None:
    assert (await http.get("/livez")).text == "ok"
