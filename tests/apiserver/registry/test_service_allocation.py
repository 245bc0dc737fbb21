"""What services get, what they give back, and what is refused."""

import copy
import random
from typing import Any

import pytest

from apimachinery.errors import InternalError, Invalid
from apiserver.registry.service_allocation import ServiceAllocators, parse_port_range
from tests.apiserver.objects import JSONObject


def service(kind: str = "ClusterIP", **spec: Any) -> JSONObject:
    ports = [{"port": 80, "protocol": "TCP"}]
    return {"metadata": {"name": "s", "namespace": "n"}, "spec": {"type": kind, "ports": ports, **spec}}


@pytest.fixture
def allocators() -> ServiceAllocators:
    return ServiceAllocators("127.64.0.0/24", "30000-30099", random.Random(1))


def create(allocators: ServiceAllocators, obj: JSONObject) -> JSONObject:
    allocators.reserve(obj, None, dry_run=False).commit()
    return obj


def update(allocators: ServiceAllocators, old: JSONObject, **spec: Any) -> JSONObject:
    new = copy.deepcopy(old)
    new["spec"] |= spec
    allocators.reserve(new, old, dry_run=False).commit()
    return new


def given(address: str) -> JSONObject:
    return {"clusterIP": address, "clusterIPs": [address]}


def node_port(number: int) -> list[JSONObject]:
    return [{"port": 80, "protocol": "TCP", "nodePort": number}]


class TestAddresses:
    def test_each_service_gets_its_own(self, allocators: ServiceAllocators) -> None:
        found = [create(allocators, service())["spec"] for _ in range(254)]
        assert len({spec["clusterIP"] for spec in found}) == 254
        assert all(spec["clusterIPs"] == [spec["clusterIP"]] for spec in found)
        with pytest.raises(InternalError, match="failed to allocate a serviceIP: range is full"):
            create(allocators, service())

    def test_one_may_be_asked_for(self, allocators: ServiceAllocators) -> None:
        assert create(allocators, service(**given("127.64.0.9")))["spec"]["clusterIP"] == "127.64.0.9"
        with pytest.raises(Invalid) as error:
            create(allocators, service(**given("127.64.0.9")))
        assert error.value.message == (
            'Service "s" is invalid: spec.clusterIPs: Invalid value: ["127.64.0.9"]: '
            "failed to allocate IP 127.64.0.9: provided IP is already allocated"
        )

    @pytest.mark.parametrize("address", ["127.64.1.1", "127.64.0.0", "127.64.0.255", "10.0.0.1"])
    def test_one_from_elsewhere_is_refused(self, allocators: ServiceAllocators, address: str) -> None:
        with pytest.raises(Invalid) as error:
            create(allocators, service(**given(address)))
        assert error.value.message.endswith(
            f"failed to allocate IP {address}: the provided IP ({address}) is not in the valid range. "
            "The range of valid IPs is 127.64.0.0/24"
        )

    @pytest.mark.parametrize(
        "obj",
        [
            pytest.param(service(**given("None")), id="headless"),
            pytest.param(service("ExternalName", externalName="a.b"), id="external name"),
        ],
    )
    def test_some_want_none(self, allocators: ServiceAllocators, obj: JSONObject) -> None:
        before = copy.deepcopy(obj)
        assert create(allocators, obj) == before

    def test_one_is_free_again_after_the_service_is_gone(self, allocators: ServiceAllocators) -> None:
        obj = create(allocators, service(**given("127.64.0.9")))
        allocators.release(obj)
        create(allocators, service(**given("127.64.0.9")))

    def test_one_is_free_again_after_a_change_of_type(self, allocators: ServiceAllocators) -> None:
        old = create(allocators, service(**given("127.64.0.9")))
        new = copy.deepcopy(old)
        new["spec"] = {"type": "ExternalName", "externalName": "a.b"}
        allocators.reserve(new, old, dry_run=False).commit()
        create(allocators, service(**given("127.64.0.9")))
        back = update(allocators, new, type="ClusterIP")
        assert back["spec"]["clusterIP"] not in {"", "127.64.0.9"}

    def test_what_is_stored_is_taken(self, allocators: ServiceAllocators) -> None:
        allocators.restore(service("NodePort", **given("127.64.0.9"), ports=node_port(30001)))
        for wanted in (given("127.64.0.9"), {"ports": node_port(30001)}):
            with pytest.raises(Invalid, match="already allocated"):
                create(allocators, service("NodePort", **wanted))


class TestPorts:
    def test_each_port_gets_its_own(self, allocators: ServiceAllocators) -> None:
        ports = [{"port": 80, "protocol": "TCP"}, {"port": 81, "protocol": "TCP"}]
        spec = create(allocators, service("NodePort", ports=ports))["spec"]
        first, second = (port["nodePort"] for port in spec["ports"])
        assert first != second
        assert 30000 <= min(first, second) <= max(first, second) <= 30099

    @pytest.mark.parametrize("wanted", [0, 30053])
    def test_two_protocols_of_one_port_share_a_number(self, allocators: ServiceAllocators, wanted: int) -> None:
        ports: list[JSONObject] = [{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]
        if wanted:
            ports[1]["nodePort"] = wanted
        spec = create(allocators, service("NodePort", ports=ports))["spec"]
        first, second = (port["nodePort"] for port in spec["ports"])
        assert first == second == (wanted or first)

    @pytest.mark.parametrize(
        ("number", "problem"),
        [
            pytest.param(30001, "provided port is already allocated", id="taken"),
            pytest.param(
                80, "provided port is not in the valid range. The range of valid ports is 30000-30099", id="elsewhere"
            ),
        ],
    )
    def test_what_cannot_be_had(self, allocators: ServiceAllocators, number: int, problem: str) -> None:
        create(allocators, service("NodePort", ports=node_port(30001)))
        with pytest.raises(Invalid) as error:
            create(allocators, service("NodePort", ports=node_port(number)))
        assert error.value.message == (
            f'Service "s" is invalid: spec.ports[0].nodePort: Invalid value: {number}: {problem}'
        )
        assert [cause.field for cause in error.value.causes] == ["spec.ports[0].nodePort"]

    def test_a_refused_service_keeps_nothing(self, allocators: ServiceAllocators) -> None:
        with pytest.raises(Invalid):
            create(allocators, service("NodePort", **given("127.64.0.9"), ports=node_port(80)))
        create(allocators, service(**given("127.64.0.9")))

    def test_load_balancers_may_do_without(self, allocators: ServiceAllocators) -> None:
        spec = create(allocators, service("LoadBalancer", allocateLoadBalancerNodePorts=False))["spec"]
        assert "nodePort" not in spec["ports"][0]

    def test_a_health_check_port_is_given_out_and_taken_back(self, allocators: ServiceAllocators) -> None:
        old = create(allocators, service("LoadBalancer", externalTrafficPolicy="Local"))
        number = old["spec"]["healthCheckNodePort"]
        assert number != old["spec"]["ports"][0]["nodePort"]
        with pytest.raises(Invalid, match="already allocated"):
            create(allocators, service("NodePort", ports=node_port(number)))
        update(allocators, old, externalTrafficPolicy="Cluster", healthCheckNodePort=0)
        create(allocators, service("NodePort", ports=node_port(number)))

    def test_a_changed_port_frees_the_number_it_had(self, allocators: ServiceAllocators) -> None:
        old = create(allocators, service("NodePort", ports=node_port(30001)))
        new = update(allocators, old, ports=node_port(30002))
        create(allocators, service("NodePort", ports=node_port(30001)))
        with pytest.raises(Invalid, match="already allocated"):
            create(allocators, service("NodePort", ports=node_port(30002)))
        update(allocators, new, ports=node_port(30002))


class TestReservations:
    def test_a_rehearsal_fills_in_and_takes_nothing(self, allocators: ServiceAllocators) -> None:
        obj = service("NodePort")
        allocators.reserve(obj, None, dry_run=True).commit()
        spec = obj["spec"]
        create(
            allocators, service("NodePort", **given(spec["clusterIP"]), ports=node_port(spec["ports"][0]["nodePort"]))
        )

    def test_a_rehearsed_change_gives_nothing_back(self, allocators: ServiceAllocators) -> None:
        old = create(allocators, service("NodePort", ports=node_port(30001)))
        new = copy.deepcopy(old)
        new["spec"]["ports"] = node_port(30002)
        allocators.reserve(new, old, dry_run=True).commit()
        create(allocators, service("NodePort", ports=node_port(30002)))
        with pytest.raises(Invalid, match="already allocated"):
            create(allocators, service("NodePort", ports=node_port(30001)))

    def test_a_write_that_failed_keeps_what_was(self, allocators: ServiceAllocators) -> None:
        old = create(allocators, service("NodePort", ports=node_port(30001)))
        new = copy.deepcopy(old)
        new["spec"]["ports"] = node_port(30002)
        allocators.reserve(new, old, dry_run=False).revert()
        create(allocators, service("NodePort", ports=node_port(30002)))
        with pytest.raises(Invalid, match="already allocated"):
            create(allocators, service("NodePort", ports=node_port(30001)))

    def test_between_reservation_and_write_nobody_else_gets_it(self, allocators: ServiceAllocators) -> None:
        allocators.reserve(service(**given("127.64.0.9")), None, dry_run=False)
        with pytest.raises(Invalid, match="already allocated"):
            allocators.reserve(service(**given("127.64.0.9")), None, dry_run=False)


@pytest.mark.parametrize("text", ["", "30000", "30000-", "a-b", "2-1", "0-10", "1-65536"])
def test_ranges_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="no range of ports"):
        parse_port_range(text)


@pytest.mark.parametrize("text", ["127.64.0.0/32", "127.64.0.0/31", "fd00::/112", "127.64.0.1/24", "x"])
def test_networks_that_will_not_do(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        ServiceAllocators(text, "30000-30099", random.Random(1))
