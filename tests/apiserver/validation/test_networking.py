"""Ingresses, network policies and what services' addresses are written down as: what is refused, in which words."""

from typing import Any

import pytest

from apiserver.registry.networking import IngressClassStrategy, NetworkPolicyStrategy
from apiserver.validation import networking
from tests.apiserver.objects import JSONObject
from tests.apiserver.validation.causes import lines

BACKEND = {"service": {"name": "web", "port": {"number": 80}}}
SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
LABEL_1035 = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')"
)
CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"


def ingress(*paths: JSONObject, host: str = "", **spec: Any) -> JSONObject:
    rule: JSONObject = {"http": {"paths": list(paths)}, **({"host": host} if host else {})}
    return {"metadata": {"name": "i"}, "spec": {**({"rules": [rule]} if paths or host else {}), **spec}}


def at(path: str, kind: str | None = "Prefix", backend: JSONObject = BACKEND) -> JSONObject:
    return {"path": path, "backend": backend, **({"pathType": kind} if kind else {})}


PATH = "spec.rules[0].http.paths[0]"


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(ingress(at("/"), host="*.example.com"), [], id="fine"),
        pytest.param(
            ingress(),
            ["spec: Invalid value: []: either `defaultBackend` or `rules` must be specified"],
            id="nothing",
        ),
        pytest.param(
            ingress(at("/"), host="10.0.0.1"),
            ['spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address'],
            id="address",
        ),
        pytest.param(
            ingress(at("/"), host="A.b"), [f'spec.rules[0].host: Invalid value: "A.b": {SUBDOMAIN}'], id="host"
        ),
        pytest.param(ingress(host="a.b"), ["spec.rules[0].http.paths: Required value"], id="no paths"),
        pytest.param(
            ingress(at("/", None)), [f"{PATH}.pathType: Required value: pathType must be specified"], id="no type"
        ),
        pytest.param(
            ingress(at("/", "Regex")),
            [
                f'{PATH}.pathType: Unsupported value: "Regex": '
                'supported values: "Exact", "ImplementationSpecific", "Prefix"'
            ],
            id="type",
        ),
        pytest.param(
            ingress(at("a")), [f'{PATH}.path: Invalid value: "a": must be an absolute path'], id="relative path"
        ),
        pytest.param(
            ingress(at("/a//..")),
            [
                f"{PATH}.path: Invalid value: \"/a//..\": must not contain '//'",
                f"{PATH}.path: Invalid value: \"/a//..\": cannot end with '/..'",
            ],
            id="path that goes up",
        ),
        pytest.param(
            ingress(at("/", backend={})),
            [f'{PATH}.backend: Invalid value: "": resource or service backend is required'],
            id="no backend",
        ),
        pytest.param(
            ingress(at("/", backend={"service": {"name": "1", "port": {}}})),
            [
                f'{PATH}.backend.service.name: Invalid value: "1": {LABEL_1035}',
                f"{PATH}.backend: Required value: port name or number is required",
            ],
            id="backend",
        ),
        pytest.param(
            ingress(defaultBackend={**BACKEND, "resource": {"kind": "A", "name": "a"}}),
            ['spec.defaultBackend: Invalid value: "": cannot set both resource and service backends'],
            id="two backends",
        ),
        pytest.param(
            ingress(defaultBackend={"resource": {"kind": "A"}}),
            ["spec.defaultBackend.resource.name: Required value"],
            id="resource without a name",
        ),
        pytest.param(
            ingress(at("/"), tls=[{"hosts": ["a_b"]}]),
            [f'spec.tls[0].hosts[0]: Invalid value: "a_b": {SUBDOMAIN}'],
            id="tls",
        ),
    ],
)
def test_ingresses(obj: JSONObject, expected: list[str]) -> None:
    assert lines(networking.validate_ingress(obj)) == expected


def test_the_older_annotation_may_not_contradict_the_class() -> None:
    obj = ingress(at("/"), ingressClassName="a")
    obj["metadata"]["annotations"] = {"kubernetes.io/ingress.class": "b"}
    assert lines(networking.validate_new_ingress(obj)) == [
        'annotations.kubernetes.io/ingress.class: Invalid value: "b": '
        "must match `ingressClassName` when both are specified"
    ]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"controller": "example.com/ingress"}, [], id="fine"),
        pytest.param({}, ["spec.controller: Required value"], id="no controller"),
        pytest.param(
            {"controller": "ingress"},
            ['spec.controller: Invalid value: "ingress": must be a domain-prefixed path (such as "acme.io/foo")'],
            id="no domain",
        ),
        pytest.param(
            {"controller": "a.b/c", "parameters": {"kind": "K", "name": "n", "scope": "Namespace"}},
            ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
            id="no namespace",
        ),
        pytest.param(
            {"controller": "a.b/c", "parameters": {"kind": "K", "name": "n", "namespace": "x"}},
            ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
            id="namespace",
        ),
    ],
)
def test_ingress_classes(spec: JSONObject, expected: list[str]) -> None:
    obj = {"metadata": {}, "spec": spec}
    IngressClassStrategy().default(obj)
    assert lines(networking.validate_ingress_class(obj)) == expected


def test_the_controller_never_changes() -> None:
    old, new = ({"spec": {"controller": f"a.b/{name}"}} for name in "cd")
    assert lines(networking.validate_ingress_class_update(new, old)) == [
        'spec.controller: Invalid value: "a.b/d": field is immutable'
    ]


def rule(**fields: Any) -> JSONObject:
    return {"ingress": [fields]}


PEER = "spec.ingress[0].from[0]"
PORT = "spec.ingress[0].ports[0]"


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param(rule(**{"from": [{"podSelector": {}, "namespaceSelector": {}}]}), [], id="fine"),
        pytest.param(rule(**{"from": [{}]}), [f"{PEER}: Required value: must specify a peer"], id="no peer"),
        pytest.param(
            rule(**{"from": [{"podSelector": {}, "ipBlock": {"cidr": "10.0.0.0/8"}}]}),
            [f"{PEER}: Forbidden: may not specify both ipBlock and another peer"],
            id="two peers",
        ),
        pytest.param(
            rule(**{"from": [{"ipBlock": {"cidr": "10.0.0.0"}}]}),
            [f'{PEER}.ipBlock.cidr: Invalid value: "10.0.0.0": {CIDR}'],
            id="no network",
        ),
        pytest.param(
            rule(**{"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.0.0.0/8", "11.0.0.0/9", "x"]}}]}),
            [
                f'{PEER}.ipBlock.except[0]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`',
                f'{PEER}.ipBlock.except[1]: Invalid value: "11.0.0.0/9": must be a strict subset of `cidr`',
                f'{PEER}.ipBlock.except[2]: Invalid value: "x": {CIDR}',
            ],
            id="holes",
        ),
        pytest.param(
            rule(ports=[{"port": 80, "endPort": 79}]),
            [f"{PORT}.endPort: Invalid value: 79: must be greater than or equal to `port`"],
            id="range",
        ),
        pytest.param(
            rule(ports=[{"port": "http", "endPort": 80}]),
            [f"{PORT}.endPort: Invalid value: 80: may not be specified when `port` is non-numeric"],
            id="range of a name",
        ),
        pytest.param(
            rule(ports=[{"endPort": 80}]),
            [f"{PORT}.endPort: Invalid value: 80: may not be specified when `port` is not specified"],
            id="range of nothing",
        ),
        pytest.param(
            {"policyTypes": ["Both"]},
            ['spec.policyTypes[0]: Unsupported value: "Both": supported values: "Egress", "Ingress"'],
            id="type",
        ),
    ],
)
def test_network_policies(spec: JSONObject, expected: list[str]) -> None:
    obj = {"metadata": {}, "spec": spec}
    NetworkPolicyStrategy().default(obj)
    assert lines(networking.validate_network_policy(obj)) == expected


@pytest.mark.parametrize(
    ("spec", "types"),
    [
        pytest.param({}, ["Ingress"], id="empty"),
        pytest.param({"egress": [{}]}, ["Ingress", "Egress"], id="egress"),
        pytest.param({"egress": [{}], "policyTypes": ["Egress"]}, ["Egress"], id="given"),
    ],
)
def test_types_of_policies(spec: JSONObject, types: list[str]) -> None:
    obj = {"spec": spec}
    NetworkPolicyStrategy().default(obj)
    assert obj["spec"]["policyTypes"] == types


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("10.0.0.1", [], id="fine"),
        pytest.param("a", ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"], id="none"),
        pytest.param("2001:DB8::1", ['must be in canonical form ("2001:db8::1")'], id="another form"),
    ],
)
def test_names_of_addresses(name: str, expected: list[str]) -> None:
    assert networking.ip_address_name(name) == expected


def test_addresses_have_a_parent_for_good() -> None:
    assert lines(networking.validate_ip_address({"spec": {}})) == ["spec.parentRef: Required value"]
    assert lines(networking.validate_ip_address({"spec": {"parentRef": {}}})) == [
        "spec.parentRef.resource: Required value",
        "spec.parentRef.name: Required value",
    ]
    old, new = ({"spec": {"parentRef": {"resource": "services", "name": name}}} for name in "ab")
    assert lines(networking.validate_ip_address_update(new, old)) == [
        'spec.parentRef: Invalid value: {"resource":"services","name":"b"}: field is immutable'
    ]


@pytest.mark.parametrize(
    ("cidrs", "expected"),
    [
        pytest.param(["10.0.0.0/24", "fd00::/112"], [], id="fine"),
        pytest.param([], ["spec.cidrs: Required value: at least one CIDR required"], id="none"),
        pytest.param(["10.0.0.0"], [f'spec.cidrs[0]: Invalid value: "10.0.0.0": {CIDR}'], id="no network"),
        pytest.param(
            ["10.0.0.0/24", "10.0.1.0/24"],
            [
                'spec.cidrs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: '
                "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"
            ],
            id="one family twice",
        ),
    ],
)
def test_service_networks(cidrs: list[str], expected: list[str]) -> None:
    assert lines(networking.validate_service_cidr({"spec": {"cidrs": cidrs}})) == expected


@pytest.mark.parametrize(
    ("cidrs", "expected"),
    [
        pytest.param(["10.0.0.0/24", "fd00::/112"], [], id="a second family"),
        pytest.param(
            ["10.0.1.0/24"], ['spec.cidrs[0]: Invalid value: "10.0.1.0/24": field is immutable'], id="another"
        ),
        pytest.param([], ["spec.cidrs: Invalid value: []: field is immutable"], id="none"),
    ],
)
def test_changed_service_networks(cidrs: list[str], expected: list[str]) -> None:
    old, new = {"spec": {"cidrs": ["10.0.0.0/24"]}}, {"spec": {"cidrs": cidrs}}
    assert lines(networking.validate_service_cidr_update(new, old)) == expected
