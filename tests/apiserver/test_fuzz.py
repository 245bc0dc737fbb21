"""Real manifests with something wrong in them never end in a 5xx, nor in an object that cannot be read again."""

import copy
import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.apiserver.objects import JSONObject, container, pod, replica_set

FULL_POD = pod(
    "fuzz",
    labels={"app": "web"},
    initContainers=[container("init", command=["true"])],
    containers=[
        container(
            "a",
            ports=[{"name": "http", "containerPort": 80}],
            env=[{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}, {"name": "B", "value": "1"}],
            resources={"requests": {"cpu": "100m"}, "limits": {"memory": "1Gi"}},
            readinessProbe={"httpGet": {"port": "http", "path": "/"}, "periodSeconds": 1},
            livenessProbe={"exec": {"command": ["true"]}},
            lifecycle={"preStop": {"sleep": {"seconds": 1}}},
            volumeMounts=[{"name": "v", "mountPath": "/v"}],
            securityContext={"runAsUser": 1000},
        )
    ],
    volumes=[{"name": "v", "emptyDir": {}}, {"name": "d", "downwardAPI": {"items": [{"path": "x"}]}}],
    nodeSelector={"disk": "ssd"},
    tolerations=[{"key": "a", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 3}],
    affinity={
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}]
            }
        },
        "podAntiAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {"weight": 1, "podAffinityTerm": {"topologyKey": "x", "labelSelector": {"matchLabels": {"a": "b"}}}}
            ]
        },
    },
    schedulingGates=[{"name": "example.com/gate"}],
    topologySpreadConstraints=[{"maxSkew": 1, "topologyKey": "x", "whenUnsatisfiable": "DoNotSchedule"}],
    securityContext={"fsGroup": 1},
    hostAliases=[{"ip": "10.0.0.1", "hostnames": ["a"]}],
)
FULL_POD["metadata"] |= {
    "annotations": {"a": "b"},
    "finalizers": ["example.com/hold"],
    "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "u", "controller": True}],
}
FULL_POD["status"] = {
    "conditions": [{"type": "Ready", "status": "True"}],
    "containerStatuses": [{"name": "a", "state": {}}],
}
NODE: JSONObject = {
    "metadata": {"name": "fuzz"},
    "spec": {"taints": [{"key": "a", "effect": "NoSchedule"}], "podCIDRs": ["10.0.0.0/24"], "unschedulable": True},
    "status": {
        "capacity": {"cpu": "1", "memory": "1Gi"},
        "conditions": [{"type": "Ready", "status": "True"}],
        "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}],
        "nodeInfo": {"kubeletVersion": "v1"},
    },
}
EVENT: JSONObject = {
    "metadata": {"name": "fuzz"},
    "involvedObject": {"kind": "Pod", "name": "p", "namespace": "default"},
    "source": {"component": "me"},
    "series": {"count": 1},
    "firstTimestamp": "2026-01-01T00:00:00Z",
    "count": 1,
}
LEASE: JSONObject = {
    "metadata": {"name": "fuzz"},
    "spec": {"holderIdentity": "me", "leaseDurationSeconds": 3, "renewTime": "2026-01-01T00:00:00.000000Z"},
}
KINDS: list[tuple[str, JSONObject]] = [
    ("/api/v1/namespaces/default/pods", FULL_POD),
    ("/apis/apps/v1/namespaces/default/replicasets", replica_set("fuzz")),
    ("/api/v1/nodes", NODE),
    ("/api/v1/namespaces/default/events", EVENT),
    ("/apis/coordination.k8s.io/v1/namespaces/default/leases", LEASE),
    ("/api/v1/namespaces", {"metadata": {"name": "fuzz"}, "spec": {"finalizers": ["kubernetes"]}}),
]
APPLY = "application/apply-patch+yaml"
PATCHES = [
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/json-patch+json",
    APPLY,
]
TABLE = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}

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

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["", "-", "1Gi", "-1", "$patch", "a" * 300, "../..", "\x00", "٣", "2026-01-01T00:00:00Z"]),
    st.sampled_from([[], {}, [None], [{}], {"": ""}, [[]], [1], ["a", "a"], {"$patch": "delete"}, {"name": None}]),
)


def paths_of(value: Any, path: tuple[int | str, ...] = ()) -> list[tuple[int | str, ...]]:
    found = [path] if path else []
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        found += paths_of(inner, (*path, key))
    return found


@st.composite
def mutated(draw: st.DrawFn, manifest: JSONObject) -> JSONObject:
    """The manifest with up to three values replaced, removed or added."""
    changed = copy.deepcopy(manifest)
    for _ in range(draw(st.integers(1, 3))):
        paths = paths_of(changed)
        if not paths:
            break
        *parents, last = draw(st.sampled_from(paths))
        place: Any = changed
        for part in parents:
            place = place[part]
        match draw(st.sampled_from(["replace", "replace", "replace", "remove", "add"])):
            case "replace":
                place[last] = copy.deepcopy(draw(ODD))
            case "remove":
                del place[last]
            case _ if isinstance(place, dict):
                place[draw(st.sampled_from(["name", "$patch", "$retainKeys", "value", "unknown", ""]))] = copy.deepcopy(
                    draw(ODD)
                )
            case _:
                place.append(copy.deepcopy(draw(ODD)))
    return changed


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, JSONObject, JSONObject, str]:
    path, manifest = draw(st.sampled_from(KINDS))
    return path, manifest, draw(mutated(manifest)), draw(st.sampled_from(["POST", "PUT", *PATCHES]))


@pytest.fixture(scope="module")
def server(apiserver_process: Any) -> Any:
    with httpx.Client(base_url=apiserver_process.url, verify=False, trust_env=False, timeout=20) as client:
        yield client


def _attempt(server: httpx.Client, path: str, manifest: JSONObject, changed: JSONObject, verb: str) -> httpx.Response:
    if verb == "POST":
        return server.post(path, json=changed)
    server.post(path, json=manifest)
    target = f"{path}/fuzz"
    if verb == APPLY:
        stored = server.get(target).json()
        body = {"apiVersion": stored["apiVersion"], "kind": stored["kind"], **changed}
        params = {"fieldManager": "fuzz", "force": "true"}
        return server.patch(target, content=json.dumps(body), headers={"content-type": APPLY}, params=params)
    if verb == "PUT":
        return server.put(target, json=changed)
    patch: Any = changed
    if verb.startswith("application/json-patch"):
        patch = [{"op": "add", "path": f"/{key}", "value": value} for key, value in changed.items()]
    return server.patch(target, content=json.dumps(patch), headers={"content-type": verb})


def _clean(server: httpx.Client, path: str) -> None:
    patch = {"metadata": {"finalizers": None}}
    headers = {"content-type": "application/merge-patch+json"}
    for item in server.get(path).json()["items"]:
        name = item["metadata"]["name"]
        if path != "/api/v1/namespaces" or name.startswith("fuzz"):
            server.patch(f"{path}/{name}", json=patch, headers=headers)
            server.request("DELETE", f"{path}/{name}", json={"gracePeriodSeconds": 0})
            if path == "/api/v1/namespaces":
                server.put(f"{path}/{name}/finalize", json={"metadata": {"name": name}, "spec": {}})


def _check(server: httpx.Client, request: tuple[str, JSONObject, JSONObject, str]) -> None:
    path, manifest, changed, verb = request
    response = _attempt(server, path, manifest, changed, verb)
    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        status = response.json()
        assert (status["kind"], status["code"]) == ("Status", response.status_code)
    # Whatever was let in can be listed, shown, put back as it is, and removed.
    for item in server.get(path).json()["items"]:
        name = item["metadata"]["name"]
        if name == "fuzz":
            assert server.put(f"{path}/{name}", json=item).status_code == 200, item
    assert server.get(path, headers=TABLE).status_code == 200
    _clean(server, path)


_CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=150, deadline=None, suppress_health_check=_CHECKS)
@given(requests())
def test_mutated_manifests(server: httpx.Client, made: tuple[str, JSONObject, JSONObject, str]) -> None:
    _check(server, made)


@pytest.mark.slow
@settings(max_examples=3000, deadline=None, suppress_health_check=_CHECKS)
@given(requests())
@pytest.mark.timeout(600)
def test_many_mutated_manifests(server: httpx.Client, made: tuple[str, JSONObject, JSONObject, str]) -> None:
    _check(server, made)


@settings(max_examples=150, deadline=None, suppress_health_check=_CHECKS)
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


@settings(max_examples=100, deadline=None, suppress_health_check=_CHECKS)
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
