"""ConfigMaps, Secrets, service accounts, volumes and quotas over HTTP."""

import base64

import httpx
import pytest

from tests.apiserver.conftest import MERGE, STRATEGIC, Api, check_status
from tests.apiserver.objects import JSONObject, meta

CLASSES = "/apis/storage.k8s.io/v1/storageclasses"
FROZEN = "field is immutable when `immutable` is set"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


class TestSecrets:
    async def test_plain_text_is_written_and_never_read(self, api: Api) -> None:
        body = {"metadata": meta("a"), "data": {"a": encoded("1")}, "stringData": {"b": "2"}}
        found = await api.create("secrets", body)
        assert found["data"] == {"a": encoded("1"), "b": encoded("2")}
        assert "stringData" not in found
        assert found["type"] == "Opaque"
        assert "generation" not in found["metadata"]

    @pytest.mark.parametrize("kind", [MERGE, STRATEGIC])
    async def test_plain_text_in_a_patch(self, api: Api, kind: str) -> None:
        await api.create("secrets", {"metadata": meta("a"), "stringData": {"a": "1"}})
        found = await api.patch("secrets", "a", {"stringData": {"b": "2"}}, kind=kind)
        assert found["data"] == {"a": encoded("1"), "b": encoded("2")}

    async def test_the_type_is_selectable_and_stays(self, api: Api) -> None:
        tls = {"metadata": meta("t"), "type": "kubernetes.io/tls", "stringData": {"tls.crt": "", "tls.key": ""}}
        await api.create("secrets", tls)
        await api.create("secrets", {"metadata": meta("o")})
        assert await api.names("secrets", fieldSelector="type=kubernetes.io/tls") == ["t"]
        assert await api.names("secrets", fieldSelector="type!=kubernetes.io/tls") == ["o"]
        status = await api.patch("secrets", "t", {"type": "Opaque"}, code=422)
        check_status(status, 422, "Invalid", ("type",), 'Secret "t" is invalid: type: Invalid value: "Opaque": field')

    async def test_a_type_needs_its_keys(self, api: Api) -> None:
        async with api.unchanged("secrets"):
            status = await api.create("secrets", {"metadata": meta("t"), "type": "kubernetes.io/tls"}, code=422)
        check_status(status, 422, "Invalid", ("data[tls.crt]", "data[tls.key]"), "Required value")


@pytest.mark.parametrize("plural", ["configmaps", "secrets"])
class TestImmutable:
    async def test_content_stays_and_labels_change(self, api: Api, plural: str) -> None:
        await api.create(plural, {"metadata": meta("a"), "data": {"a": "eA=="}, "immutable": True})
        await api.patch(plural, "a", {"metadata": {"labels": {"a": "b"}}})
        async with api.unchanged(plural):
            status = await api.patch(plural, "a", {"data": {"a": "eQ=="}, "immutable": None}, code=422)
        check_status(status, 422, "Invalid", ("data", "immutable"), FROZEN)

    async def test_a_mebibyte_is_the_limit(self, api: Api, plural: str) -> None:
        # What stands for a mebibyte in base64 is a mebibyte and a third of text.
        length = 1024 * 1024 if plural == "configmaps" else 4 * (1024 * 1024 // 3 + 1)
        status = await api.create(plural, {"metadata": meta("a"), "data": {"a": "A" * (length + 4)}}, code=422)
        assert status["details"]["causes"][0]["reason"] == "FieldValueTooLong"
        assert "Too long: may not be more than 1048576 bytes" in status["message"]


async def test_service_accounts_keep_names_of_secrets(api: Api) -> None:
    body = {"metadata": meta("a"), "secrets": [{"name": "s", "namespace": "other"}]}
    assert (await api.create("serviceaccounts", body))["secrets"] == [{"name": "s"}]
    assert (await api.delete("serviceaccounts", "a"))["kind"] == "ServiceAccount"


class TestVolumes:
    async def test_a_claim_from_creation_to_growth(self, api: Api) -> None:
        claims, name = "persistentvolumeclaims", f"growing-{api.namespace}"
        storage_class = {"metadata": meta(name), "provisioner": "example.com/none", "allowVolumeExpansion": True}
        await api.request("POST", CLASSES, code=201, json=storage_class)
        spec: JSONObject = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        found = await api.create(claims, {"metadata": meta("c"), "spec": {**spec, "storageClassName": name}})
        assert found["status"] == {"phase": "Pending"}
        assert found["spec"]["volumeMode"] == "Filesystem"
        grow = {"spec": {"resources": {"requests": {"storage": "2Gi"}}}}
        check_status(await api.patch(claims, "c", grow, code=422), 422, "Invalid", ("spec",), "spec is immutable after")
        await api.patch(claims, "c", {"spec": {"volumeName": "v"}})
        bound = {"status": {"phase": "Bound", "capacity": {"storage": "1Gi"}}}
        await api.patch(claims, "c", bound, subresource="status")
        assert (await api.patch(claims, "c", grow))["spec"]["resources"]["requests"] == {"storage": "2Gi"}
        shrink = {"spec": {"resources": {"requests": {"storage": "1Gi"}}}}
        status = await api.patch(claims, "c", shrink, code=422)
        check_status(
            status, 422, "Invalid", ("spec.resources.requests.storage",), "field can not be less than status.capacity"
        )
        await api.request("DELETE", f"{CLASSES}/{name}")

    async def test_a_volume_is_pending_at_first(self, http: httpx.AsyncClient, namespace: str) -> None:
        api, path = Api(http, namespace), "/api/v1/persistentvolumes"
        spec = {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, "hostPath": {"path": "/x"}}
        body = {"metadata": meta(f"volume-{namespace}"), "spec": spec, "status": {"phase": "Bound"}}
        found = await api.request("POST", path, code=201, json=body)
        assert found["status"]["phase"] == "Pending"
        assert found["status"]["lastPhaseTransitionTime"] == found["metadata"]["creationTimestamp"]
        assert found["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
        await api.request("DELETE", f"{path}/volume-{namespace}")


class TestQuotas:
    async def test_a_quota_is_checked_and_starts_without_status(self, api: Api) -> None:
        found = await api.create("resourcequotas", {"metadata": meta("q"), "spec": {"hard": {"pods": "5"}}})
        assert found["status"] == {}
        assert "generation" not in found["metadata"]
        status = await api.create("resourcequotas", {"metadata": meta("r"), "spec": {"hard": {"cpus": "5"}}}, code=422)
        check_status(status, 422, "Invalid", ("spec.hard[cpus]",), "must be a standard resource for quota")
        used = {"status": {"hard": {"pods": "5"}, "used": {"pods": "half"}}}
        await api.patch("resourcequotas", "q", used, subresource="status", code=422)

    async def test_put_creates_a_limit_range(self, api: Api) -> None:
        limits = [{"type": "Container", "max": {"cpu": "2"}}]
        found = await api.replace("limitranges", {"metadata": meta("l"), "spec": {"limits": limits}}, code=201)
        assert found["spec"]["limits"][0]["defaultRequest"] == {"cpu": "2"}


class TestEndpoints:
    async def test_loopback_is_an_address_like_any_other(self, api: Api) -> None:
        subsets = [{"addresses": [{"ip": "127.128.0.7"}], "ports": [{"port": 80}]}]
        found = await api.create("endpoints", {"metadata": meta("e"), "subsets": subsets})
        assert found["subsets"][0]["ports"] == [{"port": 80, "protocol": "TCP"}]
        body = {"metadata": meta("e"), "addressType": "IPv4", "endpoints": [{"addresses": ["127.128.0.7"]}]}
        assert (await api.create("endpointslices", body))["metadata"]["generation"] == 1

    async def test_link_local_addresses_are_none(self, api: Api) -> None:
        subsets = [{"addresses": [{"ip": "169.254.169.254"}]}]
        status = await api.create("endpoints", {"metadata": meta("e"), "subsets": subsets}, code=422)
        check_status(status, 422, "Invalid", ("subsets[0].addresses[0].ip",), "may not be in the link-local range")
