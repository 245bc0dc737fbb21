"""Bodies in protobuf, as Go's clients send them: the same objects as in JSON, and the same refusals."""

from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apimachinery.schema.bundle import load_bundle
from tests.apimachinery.protobuf.encoder import as_go_writes, delimited, envelope, key, message
from tests.apiserver.conftest import Api, check_status
from tests.apiserver.manifests import Manifest, manifests
from tests.apiserver.objects import JSONObject, pod
from tests.live.processes import ServerProcess

PROTOBUF = "application/vnd.kubernetes.protobuf"
GO_CLIENT = {"content-type": PROTOBUF, "accept": f"{PROTOBUF},application/json"}
POD = {"apiVersion": "v1", "kind": "Pod"}
DEPLOYMENT: JSONObject = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "labels": {"app": "web"}},
    "spec": {
        "replicas": 0,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "containers": [{"name": "web", "image": "nginx", "ports": [{"containerPort": 80}]}],
                "terminationGracePeriodSeconds": 0,
                "enableServiceLinks": False,
            },
        },
    },
}


def raw_of(obj: JSONObject) -> bytes:
    return message(load_bundle().kind(obj["apiVersion"], obj["kind"]).name, obj)


async def send(api: Api, method: str, path: str, body: bytes, *, code: int, **params: str) -> JSONObject:
    return await api.request(method, path, code=code, content=body, headers=GO_CLIENT, params=params)


@pytest.fixture(scope="module")
def server(own_apiserver: ServerProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=own_apiserver.url, verify=False, trust_env=False, timeout=20) as client:
        yield client


def comparable(response: httpx.Response) -> JSONObject:
    """An answer without what differs from request to request."""
    answer: JSONObject = response.json()
    # A job's UID is in its labels, too.
    answer = orjson.loads(response.text.replace(answer.get("metadata", {}).get("uid", "no UID"), "UID"))
    metadata, spec = answer.get("metadata", {}), answer.get("spec", {})
    for name in ("creationTimestamp", "managedFields"):
        metadata.pop(name, None)
    for name in ("clusterIP", "clusterIPs", "healthCheckNodePort"):
        spec.pop(name, None)
    if answer["kind"] == "Service":
        for port in spec["ports"]:
            port.pop("nodePort")
    return answer


@pytest.mark.parametrize("manifest", [pytest.param(each, id=each.id) for each in manifests()])
def test_every_kind_is_read_as_from_json(server: httpx.Client, manifest: Manifest) -> None:
    params = {"dryRun": "All", "fieldValidation": "Strict"}
    obj = as_go_writes(manifest.obj)
    wanted = server.post(manifest.collection, json=obj, params=params)
    found = server.post(manifest.collection, content=envelope(obj), headers=GO_CLIENT, params=params)
    assert found.status_code == wanted.status_code, found.text
    assert comparable(found) == comparable(wanted)


class TestWrites:
    async def test_create_keeps_zeros_that_are_set(self, api: Api) -> None:
        path = f"/apis/apps/v1/namespaces/{api.namespace}/deployments"
        created = await send(api, "POST", path, envelope(DEPLOYMENT), code=201)
        spec = created["spec"]
        assert (spec["replicas"], spec["revisionHistoryLimit"]) == (0, 10)
        assert "minReadySeconds" not in spec
        template = spec["template"]["spec"]
        assert (template["terminationGracePeriodSeconds"], template["enableServiceLinks"]) == (0, False)

    async def test_update(self, api: Api) -> None:
        await api.create("configmaps", {"metadata": {"name": "c"}, "data": {"a": "1"}})
        changed = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "binaryData": {"b": "AAE="}}
        updated = await send(api, "PUT", api.path("configmaps", "c"), envelope(changed), code=200)
        assert (updated.get("data"), updated["binaryData"]) == (None, {"b": "AAE="})

    async def test_update_of_a_status(self, api: Api) -> None:
        await api.create("pods", pod("p"))
        status = {"phase": "Running", "startTime": "2026-01-01T00:00:00Z"}
        body = envelope({**POD, "metadata": {"name": "p"}, "status": status})
        updated = await send(api, "PUT", api.path("pods", "p", "status"), body, code=200)
        assert updated["status"] | status == updated["status"]

    async def test_parameters_of_the_content_type_are_tolerated(self, api: Api) -> None:
        body = envelope({**POD, **pod("p")})
        headers = {"content-type": f"{PROTOBUF}; charset=utf-8"}
        await api.request("POST", api.path("pods"), code=201, content=body, headers=headers)

    async def test_a_body_need_not_say_its_kind(self, api: Api) -> None:
        created = await send(api, "POST", api.path("pods"), b"k8s\0" + delimited(2, raw_of(POD | pod("p"))), code=201)
        assert (created["apiVersion"], created["kind"]) == ("v1", "Pod")

    async def test_unknown_fields_are_no_error(self, api: Api) -> None:
        raw = raw_of(POD | pod("p")) + delimited(900, b"?") + key(901, 0) + b"\x01"
        response = await api.http.post(
            api.path("pods"), content=envelope(POD, raw), headers=GO_CLIENT, params={"fieldValidation": "Strict"}
        )
        assert response.status_code == 201, response.text
        assert "warning" not in response.headers

    async def test_what_is_invalid_is_refused_as_ever(self, api: Api) -> None:
        status = await send(api, "POST", api.path("pods"), envelope(POD | pod("Not_A_Name")), code=422)
        check_status(status, 422, "Invalid", ("metadata.name",))

    async def test_deleting_with_options(self, api: Api) -> None:
        await api.create("pods", pod("p"))
        await api.bind("p", "node")
        options = {"apiVersion": "apps/v1", "kind": "DeleteOptions", "gracePeriodSeconds": 7}
        deleted = await send(api, "DELETE", api.path("pods", "p"), envelope(options), code=200)
        assert deleted["metadata"]["deletionGracePeriodSeconds"] == 7
        options["gracePeriodSeconds"] = 0
        await send(api, "DELETE", api.path("pods", "p"), envelope(options), code=200)
        assert await api.names("pods") == []

    async def test_deleting_with_preconditions(self, api: Api) -> None:
        await api.create("configmaps", {"metadata": {"name": "c"}})
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": "other"}}
        await send(api, "DELETE", api.path("configmaps", "c"), envelope(options), code=409)

    async def test_deleting_a_collection(self, api: Api) -> None:
        await api.create("configmaps", {"metadata": {"name": "c"}})
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "dryRun": ["All"]}
        await send(api, "DELETE", api.path("configmaps"), envelope(options), code=200)
        assert "c" in await api.names("configmaps")

    async def test_eviction(self, api: Api) -> None:
        await api.create("pods", pod("p"))
        eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p"}}
        await send(api, "POST", api.path("pods", "p", "eviction"), envelope(eviction), code=201)
        assert await api.names("pods") == []

    async def test_binding(self, api: Api) -> None:
        await api.create("pods", pod("p"))
        target = {"kind": "Node", "name": "node"}
        binding = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "p"}, "target": target}
        await send(api, "POST", api.path("pods", "p", "binding"), envelope(binding), code=201)
        assert (await api.get("pods", "p"))["spec"]["nodeName"] == "node"

    async def test_scale(self, api: Api) -> None:
        path = f"/apis/apps/v1/namespaces/{api.namespace}/deployments"
        await send(api, "POST", path, envelope(DEPLOYMENT), code=201)
        scale = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "web"}, "spec": {"replicas": 2}}
        scaled = await send(api, "PUT", f"{path}/web/scale", envelope(scale), code=200)
        assert scaled["spec"] == {"replicas": 2}


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "text"),
        [
            pytest.param(b"", "(must be of type Pod): empty data (<empty>)", id="empty"),
            pytest.param(b"k8s\0", "(must be of type Pod): empty body (6b387300)", id="magic-only"),
            pytest.param(
                b'{"kind": "Pod", "apiVersion": "v1", "metadata": {}}',
                "the object provided is unrecognized (must be of type Pod): provided data does not appear to be a "
                "protobuf message, expected prefix [107 56 115 0] "
                "(7b226b696e64223a2022506f64222c202261706956657273696f6e223a20 ...)",
                id="json",
            ),
            pytest.param(b"k8s\0\x0a\xff\xff\xff\xff\x0f", "unexpected EOF", id="huge-length"),
            pytest.param(
                envelope(POD, b"\x0a\x05ab"),
                'Pod in version "v1" cannot be handled as a Pod: unexpected EOF',
                id="cut-short",
            ),
            pytest.param(
                envelope(POD, key(1, 0) + b"\x01"),
                'Pod in version "v1" cannot be handled as a Pod: proto: wrong wireType = 0 for field Metadata',
                id="wrong-wire-type",
            ),
            pytest.param(envelope({"kind": "Sandwich", "apiVersion": "v1"}, b""), "Sandwich", id="unknown-kind"),
            pytest.param(envelope({"kind": "Pod", "apiVersion": "v2"}, b""), "(v2) does not match", id="version"),
        ],
    )
    async def test_malformed(self, api: Api, body: bytes, text: str) -> None:
        async with api.unchanged():
            status = await send(api, "POST", api.path("pods"), body, code=400)
        check_status(status, 400, "BadRequest", text=text)

    async def test_another_kind_is_refused_as_in_json(self, api: Api) -> None:
        node: JSONObject = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}}
        wanted = await api.create("pods", node, code=400)
        assert await send(api, "POST", api.path("pods"), envelope(node), code=400) == wanted

    async def test_malformed_delete_options(self, api: Api) -> None:
        body = envelope({"apiVersion": "v1", "kind": "DeleteOptions"}, b"\x08")
        status = await send(api, "DELETE", api.path("pods", "p"), body, code=400)
        check_status(
            status,
            400,
            "BadRequest",
            text='DeleteOptions in version "v1" cannot be handled as a DeleteOptions: unexpected EOF',
        )

    async def test_something_else_than_delete_options(self, api: Api) -> None:
        status = await send(api, "DELETE", api.path("pods", "p"), envelope(POD | pod("p")), code=400)
        check_status(status, 400, "BadRequest", text="cannot be handled as a DeleteOptions")

    async def test_patches_are_not_read(self, api: Api) -> None:
        await api.create("pods", pod("p"))
        status = await send(api, "PATCH", api.path("pods", "p"), envelope(POD), code=415)
        check_status(status, 415, "UnsupportedMediaType")

    async def test_answers_are_not_written(self, api: Api) -> None:
        headers = {"content-type": PROTOBUF, "accept": PROTOBUF}
        body = envelope(POD | pod("p"))
        status = await api.request("POST", api.path("pods"), code=406, content=body, headers=headers)
        check_status(status, 406, "NotAcceptable")

    async def test_another_media_type(self, api: Api) -> None:
        headers = {"content-type": "application/cbor"}
        status = await api.request("POST", api.path("pods"), code=415, content=b"", headers=headers)
        check_status(status, 415, "UnsupportedMediaType", text=f"application/json, application/yaml, {PROTOBUF}")


@st.composite
def garbled(draw: st.DrawFn, body: bytes) -> bytes:
    """A body with a few bytes replaced, or cut off."""
    start = draw(st.integers(0, len(body) - 1))
    end = min(len(body), start + draw(st.integers(0, 4)))
    inserted = draw(st.binary(max_size=4) | st.sampled_from([b"\xff" * 9 + b"\x01", b"\x0b" * 2000, b"\x7f"]))
    return body[:start] + inserted + (b"" if draw(st.booleans()) else body[end:])


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(data=st.data())
def test_garbled_bodies(server: httpx.Client, data: st.DataObject) -> None:
    """What is sent is read or refused, never a fault of the server's; its module fails when it complains."""
    manifest: Any = data.draw(st.sampled_from(manifests()))
    body = data.draw(garbled(envelope(manifest.obj)))
    response = server.post(manifest.collection, content=body, headers=GO_CLIENT, params={"dryRun": "All"})
    assert response.status_code < 500, f"{body!r}: {response.text}"
