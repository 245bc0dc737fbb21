"""Services over HTTP: what they are given, what they give back, and who they are found by."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.apiserver.conftest import Api, check_status
from tests.apiserver.objects import JSONObject, meta
from tests.live.processes import ProcessFailed, ServerProcess
from tests.live.waiting import eventually


def service(name: str = "", **spec: Any) -> JSONObject:
    return {"metadata": meta(name), "spec": {"ports": [{"port": 80}], "selector": {"app": "a"}, **spec}}


def node_port(number: int) -> list[JSONObject]:
    return [{"port": 80, "nodePort": number}]


class TestAddresses:
    async def test_a_service_gets_one_of_the_range(self, api: Api) -> None:
        found = await api.create("services", service("a"))
        assert re.fullmatch(r"127\.64\.\d+\.\d+", found["spec"]["clusterIP"])
        assert found["spec"]["clusterIPs"] == [found["spec"]["clusterIP"]]
        assert found["status"] == {"loadBalancer": {}}
        assert "generation" not in found["metadata"]

    async def test_many_at_once_get_different_ones(self, api: Api) -> None:
        found = await asyncio.gather(*(api.create("services", service(f"s-{number}")) for number in range(40)))
        assert len({obj["spec"]["clusterIP"] for obj in found}) == 40

    async def test_generated_names(self, api: Api) -> None:
        body = service()
        body["metadata"]["generateName"] = "s-"
        found = await api.create("services", body)
        assert found["metadata"]["name"].startswith("s-")

    async def test_one_is_taken_until_its_service_is_gone(self, api: Api) -> None:
        mine = (await api.create("services", service("a")))["spec"]["clusterIP"]
        async with api.unchanged("services"):
            status = await api.create("services", service("b", clusterIP=mine), code=422)
        check_status(
            status,
            422,
            "Invalid",
            ("spec.clusterIPs",),
            f'Service "b" is invalid: spec.clusterIPs: Invalid value: ["{mine}"]: failed to allocate IP {mine}: '
            "provided IP is already allocated",
        )
        assert (await api.delete("services", "a"))["spec"]["clusterIP"] == mine
        assert (await api.create("services", service("b", clusterIP=mine)))["spec"]["clusterIP"] == mine

    async def test_one_from_elsewhere_is_refused(self, api: Api) -> None:
        status = await api.create("services", service("b", clusterIP="10.0.0.1"), code=422)
        check_status(
            status,
            422,
            "Invalid",
            ("spec.clusterIPs",),
            "failed to allocate IP 10.0.0.1: the provided IP (10.0.0.1) is not in the valid range. "
            "The range of valid IPs is 127.64.0.0/16",
        )

    async def test_a_rehearsal_takes_nothing(self, api: Api) -> None:
        rehearsed = await api.create("services", service("a", type="NodePort"), dryRun="All")
        address, number = rehearsed["spec"]["clusterIP"], rehearsed["spec"]["ports"][0]["nodePort"]
        await api.create("services", service("b", type="NodePort", clusterIP=address, ports=node_port(number)))

    async def test_a_refused_name_takes_nothing(self, api: Api) -> None:
        await api.create("services", service("a"))
        address = (await api.create("services", service("probe"), dryRun="All"))["spec"]["clusterIP"]
        await api.create("services", service("a", clusterIP=address), code=409)
        await api.create("services", service("b", clusterIP=address))

    async def test_finalizers_hold_on_to_it(self, api: Api) -> None:
        body = service("a")
        body["metadata"]["finalizers"] = ["example.com/hold"]
        mine = (await api.create("services", body))["spec"]["clusterIP"]
        await api.delete("services", "a")
        await api.create("services", service("b", clusterIP=mine), code=422)
        await api.patch("services", "a", {"metadata": {"finalizers": None}})
        await api.get("services", "a", code=404)
        await api.create("services", service("b", clusterIP=mine))

    async def test_a_deleted_collection_gives_back_all(self, api: Api) -> None:
        created = [await api.create("services", service(name)) for name in ("a", "b")]
        await api.delete("services")
        for obj in created:
            await api.create("services", service(obj["metadata"]["name"], clusterIP=obj["spec"]["clusterIP"]))


class TestTypes:
    async def test_a_change_of_type_gives_out_and_takes_back(self, api: Api) -> None:
        await api.create("services", service("a"))
        number = (await api.patch("services", "a", {"spec": {"type": "NodePort"}}))["spec"]["ports"][0]["nodePort"]
        assert 30000 <= number <= 32767
        status = await api.create("services", service("b", type="NodePort", ports=node_port(number)), code=422)
        check_status(
            status, 422, "Invalid", ("spec.ports[0].nodePort",), f"Invalid value: {number}: provided port is already"
        )
        back = await api.patch("services", "a", {"spec": {"type": "ClusterIP"}})
        assert "nodePort" not in back["spec"]["ports"][0]
        await api.create("services", service("b", type="NodePort", ports=node_port(number)))

    async def test_to_an_external_name_and_back(self, api: Api) -> None:
        mine = (await api.create("services", service("a")))["spec"]["clusterIP"]
        external = {"spec": {"type": "ExternalName", "externalName": "example.com"}}
        assert not {"clusterIP", "clusterIPs"} & set((await api.patch("services", "a", external))["spec"])
        await api.create("services", service("b", clusterIP=mine))
        back = await api.patch("services", "a", {"spec": {"type": "ClusterIP", "externalName": None}})
        assert back["spec"]["clusterIP"] not in {"", mine}

    async def test_a_load_balancer_with_local_traffic_has_a_port_for_health_checks(self, api: Api) -> None:
        body = service("a", type="LoadBalancer", externalTrafficPolicy="Local")
        spec = (await api.create("services", body))["spec"]
        assert spec["healthCheckNodePort"] != spec["ports"][0]["nodePort"]
        status = {"loadBalancer": {"ingress": [{"ip": "10.0.0.1"}]}}
        found = await api.patch("services", "a", {"status": status}, subresource="status")
        assert found["status"]["loadBalancer"]["ingress"] == [{"ip": "10.0.0.1", "ipMode": "VIP"}]

    async def test_a_port_from_elsewhere_is_refused(self, api: Api) -> None:
        status = await api.create("services", service("a", type="NodePort", ports=node_port(80)), code=422)
        check_status(
            status,
            422,
            "Invalid",
            ("spec.ports[0].nodePort",),
            "provided port is not in the valid range. The range of valid ports is 30000-32767",
        )


class TestReplacing:
    async def test_what_was_given_out_may_be_left_out(self, api: Api) -> None:
        created = await api.create("services", service("a", type="NodePort"))
        replaced = await api.replace("services", service("a", type="NodePort", selector={"app": "b"}))
        assert replaced["spec"] == {**created["spec"], "selector": {"app": "b"}}

    async def test_put_creates(self, api: Api) -> None:
        assert (await api.replace("services", service("a"), code=201))["spec"]["clusterIP"]

    async def test_an_address_stays(self, api: Api) -> None:
        await api.create("services", service("a"))
        status = await api.patch("services", "a", {"spec": {"clusterIP": "127.64.200.200"}}, code=422)
        check_status(status, 422, "Invalid", ("spec.clusterIPs[0]",), "may not change once set")

    async def test_a_name_begins_with_a_letter(self, api: Api) -> None:
        status = await api.create("services", service("1a"), code=422)
        check_status(status, 422, "Invalid", ("metadata.name",), "a DNS-1035 label must consist of")


async def test_services_are_selected_by_type_and_address(api: Api) -> None:
    mine = (await api.create("services", service("a")))["spec"]["clusterIP"]
    await api.create("services", service("b", type="NodePort"))
    await api.create("services", service("c", clusterIP="None"))
    assert await api.names("services", fieldSelector="spec.type=NodePort") == ["b"]
    assert await api.names("services", fieldSelector=f"spec.clusterIP={mine}") == ["a"]
    assert await api.names("services", fieldSelector="spec.clusterIP=None") == ["c"]


class TestOptions:
    async def test_the_ranges_are_those_of_the_command_line(self, start_server: Callable[..., ServerProcess]) -> None:
        server = start_server("--service-cluster-ip-range", "127.65.0.0/29", "--service-node-port-range", "31000-31001")
        async with httpx.AsyncClient(base_url=server.url, verify=False, trust_env=False) as http:
            api = Api(http, "default")
            assert (await api.get("services", "kubernetes"))["spec"]["clusterIP"] == "127.65.0.1"
            found = [await api.create("services", service(f"s-{number}")) for number in range(5)]
            assert {obj["spec"]["clusterIP"] for obj in found} == {f"127.65.0.{number}" for number in range(2, 7)}
            status = await api.create("services", service("more"), code=500)
            check_status(status, 500, "InternalError", (), "failed to allocate a serviceIP: range is full")
            cidr = await api.request("GET", "/apis/networking.k8s.io/v1/servicecidrs/kubernetes")
            assert cidr["spec"]["cidrs"] == ["127.65.0.0/29"]
            assert cidr["status"]["conditions"][0]["status"] == "True"

    @pytest.mark.parametrize(
        ("option", "value"),
        [("--service-cluster-ip-range", "127.64.0.0/31"), ("--service-node-port-range", "32767-30000")],
    )
    def test_a_range_that_will_not_do(
        self, start_server: Callable[..., ServerProcess], option: str, value: str
    ) -> None:
        with pytest.raises(ProcessFailed, match=re.escape(value)):
            start_server(option, value)


class TestFromTheStart:
    async def test_the_server_is_a_service_of_its_own_cluster(self, http: httpx.AsyncClient) -> None:
        api = Api(http, "default")
        port = http.base_url.port
        found = await api.get("services", "kubernetes")
        assert found["metadata"]["labels"] == {"component": "apiserver", "provider": "kubernetes"}
        assert found["spec"]["clusterIP"] == "127.64.0.1"
        assert found["spec"]["ports"] == [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": port}]
        ports = [{"name": "https", "port": port, "protocol": "TCP"}]
        endpoints = await api.get("endpoints", "kubernetes")
        assert endpoints["subsets"] == [{"addresses": [{"ip": "127.0.0.1"}], "ports": ports}]
        endpoint_slice = await api.get("endpointslices", "kubernetes")
        assert endpoint_slice["endpoints"] == [{"addresses": ["127.0.0.1"], "conditions": {"ready": True}}]
        assert (endpoint_slice["addressType"], endpoint_slice["ports"]) == ("IPv4", ports)

    async def test_a_new_namespace_has_its_account_and_its_certificates(self, api: Api) -> None:
        await api.get("serviceaccounts", "default")
        assert (await api.get("configmaps", "kube-root-ca.crt"))["data"] == {"ca.crt": ""}

    async def test_they_come_back(self, api: Api) -> None:
        before = [(await api.get(*which))["metadata"]["uid"] for which in CONTENTS]
        for plural, name in CONTENTS:
            await api.delete(plural, name)

        async def restored() -> bool:
            answers = [await api.http.get(api.path(*which)) for which in CONTENTS]
            return all(
                answer.status_code == 200 and answer.json()["metadata"]["uid"] != uid
                for answer, uid in zip(answers, before, strict=True)
            )

        await eventually(restored)

    async def test_changed_certificates_are_put_right(self, api: Api) -> None:
        await api.patch("configmaps", "kube-root-ca.crt", {"data": {"ca.crt": "x", "more": "y"}})

        async def restored() -> bool:
            return (await api.get("configmaps", "kube-root-ca.crt"))["data"] == {"ca.crt": ""}

        await eventually(restored)

    async def test_a_rehearsed_namespace_has_nothing(self, http: httpx.AsyncClient) -> None:
        body = {"metadata": {"name": "rehearsed"}}
        (await http.post("/api/v1/namespaces", json=body, params={"dryRun": "All"})).raise_for_status()
        assert (await http.get("/api/v1/namespaces/rehearsed/serviceaccounts")).json()["items"] == []

    async def test_system_priority_classes_stay(self, http: httpx.AsyncClient) -> None:
        api = Api(http, "default")
        path = "/apis/scheduling.k8s.io/v1/priorityclasses"
        found = await api.request("GET", path)
        values = {item["metadata"]["name"]: item["value"] for item in found["items"]}
        assert values["system-node-critical"] == 2_000_001_000
        assert values["system-cluster-critical"] == 2_000_000_000
        status = await api.request("DELETE", f"{path}/system-node-critical", code=403)
        check_status(
            status,
            403,
            "Forbidden",
            (),
            'priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: '
            "this is a system priority class and cannot be deleted",
        )


CONTENTS = (("serviceaccounts", "default"), ("configmaps", "kube-root-ca.crt"))
