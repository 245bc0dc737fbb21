"""Endpoints and EndpointSlices that are refused, and in which words."""

from typing import Any

import pytest

from apiserver.registry.endpoints import EndpointSliceStrategy, EndpointsStrategy
from apiserver.validation import endpoints
from tests.apiserver.objects import JSONObject
from tests.apiserver.validation.causes import lines

VALID_IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"


def subset(*ports: JSONObject, ip: str = "127.128.0.5", **address: Any) -> JSONObject:
    obj = {"subsets": [{"addresses": [{"ip": ip, **address}], "ports": list(ports)}]}
    EndpointsStrategy().default(obj)
    return obj


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(subset({"port": 80}), [], id="loopback"),
        pytest.param(
            {"subsets": [{}]},
            ["subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`"],
            id="no address",
        ),
        pytest.param(subset(ip="x"), [f'subsets[0].addresses[0].ip: Invalid value: "x": {VALID_IP}'], id="bad address"),
        pytest.param(
            subset(ip="169.254.169.254"),
            [
                'subsets[0].addresses[0].ip: Invalid value: "169.254.169.254": '
                "may not be in the link-local range (169.254.0.0/16, fe80::/10)"
            ],
            id="link-local",
        ),
        pytest.param(
            subset(ip="224.0.0.1"),
            [
                'subsets[0].addresses[0].ip: Invalid value: "224.0.0.1": '
                "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
            ],
            id="multicast",
        ),
        pytest.param(
            subset({"port": 80}, {"name": "b", "port": 0}),
            [
                "subsets[0].ports[0].name: Required value",
                "subsets[0].ports[1].port: Invalid value: 0: must be between 1 and 65535, inclusive",
            ],
            id="ports",
        ),
        pytest.param(
            subset({"port": 80, "protocol": "X"}),
            ['subsets[0].ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"'],
            id="protocol",
        ),
    ],
)
def test_endpoints(obj: JSONObject, expected: list[str]) -> None:
    assert lines(endpoints.validate_endpoints(obj)) == expected


def slice_of(*addresses: str, family: str = "IPv4", **fields: Any) -> JSONObject:
    obj = {"addressType": family, "endpoints": [{"addresses": list(addresses)}], **fields}
    EndpointSliceStrategy().default(obj)
    return obj


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(slice_of("127.128.0.5", ports=[{"port": 80}]), [], id="loopback"),
        pytest.param(slice_of("::1", family="IPv6"), [], id="IPv6 loopback"),
        pytest.param(slice_of("a.example.com", family="FQDN"), [], id="name"),
        pytest.param({"endpoints": []}, ["addressType: Required value"], id="no type"),
        pytest.param(
            {"addressType": "IP"},
            ['addressType: Unsupported value: "IP": supported values: "FQDN", "IPv4", "IPv6"'],
            id="unknown type",
        ),
        pytest.param(
            slice_of(), ["endpoints[0].addresses: Required value: must contain at least 1 address"], id="no address"
        ),
        pytest.param(
            slice_of(*[f"10.0.0.{number}" for number in range(1, 102)]),
            ["endpoints[0].addresses: Too many: 101: must have at most 100 items"],
            id="too many addresses",
        ),
        pytest.param(
            {"addressType": "IPv4", "endpoints": [{"addresses": ["10.0.0.1"]}] * 1001},
            ["endpoints: Too many: 1001: must have at most 1000 items"],
            id="too many endpoints",
        ),
        pytest.param(
            slice_of("fd00::1"),
            ['endpoints[0].addresses[0]: Invalid value: "fd00::1": must be a valid IPv4 address'],
            id="another family",
        ),
        pytest.param(
            slice_of("host", family="FQDN"),
            [
                'endpoints[0].addresses[0]: Invalid value: "host": '
                "should be a domain with at least two segments separated by dots"
            ],
            id="short name",
        ),
        pytest.param(
            slice_of("10.0.0.1", ports=[{"port": 80}, {"port": 81}]),
            ['ports[1].name: Duplicate value: ""'],
            id="two ports without names",
        ),
    ],
)
def test_slices(obj: JSONObject, expected: list[str]) -> None:
    assert lines(endpoints.validate_endpoint_slice(obj)) == expected


def test_the_type_of_addresses_never_changes() -> None:
    old, new = slice_of("10.0.0.1"), slice_of("fd00::1", family="IPv6")
    assert lines(endpoints.validate_endpoint_slice_update(new, old)) == [
        'addressType: Invalid value: "IPv6": field is immutable'
    ]


def test_ports_of_slices_are_filled_in() -> None:
    assert slice_of("10.0.0.1", ports=[{"port": 80}])["ports"] == [{"port": 80, "name": "", "protocol": "TCP"}]
