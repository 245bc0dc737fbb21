"""What services get out of pools: cluster addresses, node ports, health check ports.

Follows ``pkg/registry/core/service/storage/alloc.go`` (v1.36). A service is reserved for right before it is
written, and what came of the write decides about the reservation: nothing is given out twice, and a refused or
rehearsed write keeps nothing.
"""

import ipaddress
import random
from typing import Any

from apimachinery.errors import InternalError, StatusError
from apiserver.registry.pools import AlreadyAllocatedError, NumberPool, OutOfRangeError, PoolFullError, set_aside
from apiserver.registry.services import has_node_ports
from apiserver.validation import field
from apiserver.validation.field import refusal
from apiserver.validation.service import needs_health_check

JSONObject = dict[str, Any]
Held = tuple[NumberPool, int]


class ServiceReservation:
    """What one write takes and gives back; :meth:`commit` or :meth:`revert` it, once."""

    def __init__(self) -> None:
        self._taken: list[Held] = []
        self._released: list[Held] = []

    def take(self, pool: NumberPool, number: int) -> None:
        pool.take(number)
        self._taken.append((pool, number))

    def release(self, pool: NumberPool, number: int) -> None:
        """Give a number back if the write succeeds."""
        self._released.append((pool, number))

    def commit(self) -> None:
        for pool, number in self._released:
            pool.give_back(number)

    def revert(self) -> None:
        for pool, number in self._taken:
            pool.give_back(number)


class ServiceAllocators:
    """The pools of one server."""

    def __init__(self, cluster_ip_range: str, node_port_range: str, rng: random.Random) -> None:
        """``cluster_ip_range`` is an IPv4 CIDR, ``node_port_range`` is like ``30000-32767``.

        Raises ``ValueError`` for anything else.
        """
        self.network = ipaddress.IPv4Network(cluster_ip_range)
        self._rng = rng
        if self.network.num_addresses < 3:
            raise ValueError(f"{cluster_ip_range} has no room for services")
        self._taken: set[int] = set()
        self.addresses = self._pool(self.network)
        """Of the first range, which is always there; those of others are checked and chosen from beside it."""
        self._more: dict[str, list[tuple[ipaddress.IPv4Network, NumberPool]]] = {}
        low, high = parse_port_range(node_port_range)
        self.node_ports = NumberPool(low, high, set_aside(high - low + 1, 16, 32, 128), rng)

    def _pool(self, network: ipaddress.IPv4Network) -> NumberPool:
        """Return the pool of a network's addresses without the first and the last."""
        first, size = int(network.network_address) + 1, network.num_addresses - 2
        return NumberPool(first, first + size - 1, set_aside(size, 16, 16, 256), self._rng, self._taken)

    def add_range(self, name: str, cidrs: list[str]) -> None:
        """Give out addresses of these ranges too; a range of IPv6, of which services have none here, adds nothing."""
        networks = [ipaddress.IPv4Network(cidr, strict=False) for cidr in cidrs if ":" not in cidr]
        self._more[name] = [(network, self._pool(network)) for network in networks if network.num_addresses > 2]

    def remove_range(self, name: str) -> None:
        """Give no more addresses out of a range; what has been given stays given."""
        self._more.pop(name, None)

    def set_aside(self, address: str, *, aside: bool) -> None:
        """Keep an address from being given out, or let it be given out again."""
        if ":" not in address:
            number = int(ipaddress.IPv4Address(address))
            if aside:
                self.addresses.take(number)
            else:
                self.addresses.give_back(number)

    def only_within(self, address: str, cidrs: list[str]) -> bool:
        """Whether an address is in one of these ranges and in none that addresses are given out of."""
        parsed = ipaddress.ip_address(address)
        networks = [network for network, _ in self._pools()]
        return any(parsed in ipaddress.ip_network(cidr, strict=False) for cidr in cidrs) and not any(
            parsed in network for network in networks
        )

    def _pools(self) -> list[tuple[ipaddress.IPv4Network, NumberPool]]:
        return [(self.network, self.addresses), *(entry for entries in self._more.values() for entry in entries)]

    @property
    def first_address(self) -> str:
        """The address of the ``kubernetes`` service."""
        return str(ipaddress.IPv4Address(self.addresses.first))

    def restore(self, service: JSONObject) -> None:
        """Mark what a stored service has as given out."""
        for pool, number in self._held(service["spec"]):
            pool.take(number)

    def release(self, service: JSONObject) -> None:
        """Take back all that a service had, which is gone."""
        for pool, number in self._held(service["spec"]):
            pool.give_back(number)

    def reserve(self, new: JSONObject, old: JSONObject | None, *, dry_run: bool) -> ServiceReservation:
        """Fill in what ``new`` lacks and take it, unless ``old`` had it; raise 422 when it cannot be had.

        With ``dry_run`` the fields are filled in alike, and nothing is taken.
        """
        reservation = ServiceReservation()
        try:
            self._reserve(reservation, new, old["spec"] if old else {})
        except StatusError:
            reservation.revert()
            raise
        if dry_run:
            reservation.revert()
            return ServiceReservation()
        return reservation

    def _reserve(self, reservation: ServiceReservation, new: JSONObject, before: JSONObject) -> None:
        spec = new["spec"]
        held = set(self._held(before))
        self._address(reservation, new, held)
        if has_node_ports(spec):
            self._ports(reservation, new, held)
        if needs_health_check(spec):
            self._health_check_port(reservation, new, held)
        for pool, number in held - set(self._held(spec)):
            reservation.release(pool, number)

    def _held(self, spec: JSONObject) -> list[Held]:
        found = [
            (self.addresses, int(ipaddress.IPv4Address(address)))
            for address in spec.get("clusterIPs", [])
            if address != "None" and ":" not in address
        ]
        ports = [port.get("nodePort", 0) for port in spec.get("ports", [])]
        ports.append(spec.get("healthCheckNodePort", 0))
        return found + [(self.node_ports, number) for number in ports if number]

    def _address(self, reservation: ServiceReservation, service: JSONObject, held: set[Held]) -> None:
        spec = service["spec"]
        given = spec.get("clusterIPs", [])
        if spec["type"] == "ExternalName" or given == ["None"]:
            return
        pool = self.addresses
        if not given:
            number = self._choose_address()
            spec["clusterIP"] = str(ipaddress.IPv4Address(number))
            spec["clusterIPs"] = [spec["clusterIP"]]
            reservation.take(pool, number)
            return
        number = int(ipaddress.IPv4Address(given[0]))
        if (pool, number) in held:
            return
        ranges = self._pools()
        if not any(other.first <= number <= other.last for _, other in ranges):
            valid = ",".join(dict.fromkeys(str(network) for network, _ in ranges))
            problem = f"the provided IP ({given[0]}) is not in the valid range. The range of valid IPs is {valid}"
        elif number in self._taken:
            problem = "provided IP is already allocated"
        else:
            reservation.take(pool, number)
            return
        raise _refused(service, "spec.clusterIPs", given, f"failed to allocate IP {given[0]}: {problem}")

    def _choose_address(self) -> int:
        """Return a free address of the first range that has one."""
        *first, last = [pool for _, pool in self._pools()]
        for pool in first:
            try:
                return pool.choose()
            except PoolFullError:
                continue
        return _choose(last, "serviceIP")

    def _ports(self, reservation: ServiceReservation, service: JSONObject, held: set[Held]) -> None:
        spec = service["spec"]
        ports, pool = spec.get("ports", []), self.node_ports
        # One number may serve several protocols of one service.
        own = {number for owner, number in held if owner is pool}
        chosen: dict[int, int] = {}
        for index, port in enumerate(ports):
            number = port.get("nodePort", 0)
            if not number:
                continue
            if number not in own:
                self._check_port(service, f"spec.ports[{index}].nodePort", number)
                reservation.take(pool, number)
                own.add(number)
            chosen.setdefault(port["port"], number)
        if spec["type"] == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts") is False:
            return
        used = {(port["protocol"], port["nodePort"]) for port in ports if port.get("nodePort")}
        for port in ports:
            if port.get("nodePort"):
                continue
            number = chosen.get(port["port"], 0)
            if not number or (port["protocol"], number) in used:
                number = _choose(pool, "nodePort")
                reservation.take(pool, number)
                chosen.setdefault(port["port"], number)
            port["nodePort"] = number
            used.add((port["protocol"], number))

    def _check_port(self, service: JSONObject, path: str, number: int) -> None:
        pool = self.node_ports
        try:
            pool.check(number)
        except AlreadyAllocatedError:
            raise _refused(service, path, number, "provided port is already allocated") from None
        except OutOfRangeError:
            detail = f"provided port is not in the valid range. The range of valid ports is {pool.first}-{pool.last}"
            raise _refused(service, path, number, detail) from None

    def _health_check_port(self, reservation: ServiceReservation, service: JSONObject, held: set[Held]) -> None:
        spec = service["spec"]
        pool, number = self.node_ports, spec.get("healthCheckNodePort", 0)
        if (pool, number) in held:
            return
        if number:
            self._check_port(service, "spec.healthCheckNodePort", number)
        else:
            number = spec["healthCheckNodePort"] = _choose(pool, "HealthCheck NodePort")
        reservation.take(pool, number)


def parse_port_range(text: str) -> tuple[int, int]:
    """Return the bounds of ``30000-32767``; raise ``ValueError`` for anything but such a range of ports."""
    low, dash, high = text.partition("-")
    if not dash or not low.isdecimal() or not high.isdecimal() or not 1 <= int(low) <= int(high) <= 65535:
        raise ValueError(f"{text} is no range of ports, such as 30000-32767")
    return int(low), int(high)


def _choose(pool: NumberPool, what: str) -> int:
    try:
        return pool.choose()
    except PoolFullError as error:
        raise InternalError(f"Internal error occurred: failed to allocate a {what}: {error}") from error


def _refused(service: JSONObject, path: str, value: Any, detail: str) -> StatusError:
    return refusal("Service", "", service["metadata"].get("name", ""), [field.invalid(path, value, detail)])
