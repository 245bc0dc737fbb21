"""Services that are refused, and in which words."""

import copy
from typing import Any

import pytest

from apiserver.registry.services import ServiceStrategy
from apiserver.validation.service import validate_service
from tests.apiserver.objects import JSONObject
from tests.apiserver.validation.causes import lines

STRATEGY = ServiceStrategy()


def service(**spec: Any) -> JSONObject:
    return {
        "metadata": {"name": "s", "namespace": "n"},
        "spec": {"ports": [{"port": 80}], "selector": {"app": "a"}, **spec},
    }


def create(obj: JSONObject) -> list[str]:
    """Take a service through what happens before it is written; return what is wrong with it."""
    STRATEGY.default(obj)
    STRATEGY.prepare_for_create(obj)
    return lines(STRATEGY.validate(obj))


def stored(**spec: Any) -> JSONObject:
    """Return a service as it is in the store, with an address if its type has one."""
    obj = service(**spec)
    assert create(obj) == []
    if obj["spec"]["type"] != "ExternalName" and "clusterIP" not in obj["spec"]:
        obj["spec"] |= {"clusterIP": "127.64.1.1", "clusterIPs": ["127.64.1.1"]}
    return obj


def update(old: JSONObject, **spec: Any) -> tuple[JSONObject, list[str]]:
    """Replace fields of the spec, ``...`` removing one; return what would be written and what is wrong with it."""
    new = copy.deepcopy(old)
    for key, value in spec.items():
        if value is ...:
            new["spec"].pop(key, None)
        else:
            new["spec"][key] = value
    STRATEGY.default(new)
    STRATEGY.prepare_for_update(new, old)
    return new, lines(STRATEGY.validate_update(new, old))


PORT = {"port": 80}
BALANCER = "Forbidden: may only be used when `type` is 'LoadBalancer'"
DNS_LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"ports": []}, ["spec.ports: Required value"], id="no ports"),
        pytest.param({"ports": [], "clusterIP": "None"}, [], id="headless without ports"),
        pytest.param(
            {"ports": [PORT, {"port": 81}]},
            ["spec.ports[0].name: Required value", "spec.ports[1].name: Required value"],
            id="two ports without names",
        ),
        pytest.param(
            {"ports": [{"name": "a", "port": 80}, {"name": "a", "port": 81}]},
            ['spec.ports[1].name: Duplicate value: "a"'],
            id="one name twice",
        ),
        pytest.param(
            {"ports": [{"name": "a", "port": 80}, {"name": "b", "port": 80}]},
            [
                'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,'
                '"TargetPort":0,"NodePort":0}'
            ],
            id="one port twice",
        ),
        pytest.param(
            {"ports": [{"name": "a", "port": 53}, {"name": "b", "port": 53, "protocol": "UDP"}]},
            [],
            id="one number for two protocols",
        ),
        pytest.param(
            {"ports": [{"port": 0, "targetPort": 80}]},
            ["spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive"],
            id="port 0",
        ),
        pytest.param(
            {"ports": [{"port": 80, "targetPort": 65536}]},
            ["spec.ports[0].targetPort: Invalid value: 65536: must be between 1 and 65535, inclusive"],
            id="target port too large",
        ),
        pytest.param(
            {"ports": [{"port": 80, "targetPort": "-"}]},
            [
                'spec.ports[0].targetPort: Invalid value: "-": must contain at least one letter (a-z)',
                'spec.ports[0].targetPort: Invalid value: "-": must not begin or end with a hyphen',
            ],
            id="target port with a bad name",
        ),
        pytest.param(
            {"ports": [{"port": 80, "protocol": "ICMP"}]},
            ['spec.ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"'],
            id="unknown protocol",
        ),
        pytest.param(
            {"ports": [{"port": 80, "name": "A"}]},
            [f'spec.ports[0].name: Invalid value: "A": {DNS_LABEL}'],
            id="name of a port",
        ),
        pytest.param(
            {"ports": [{"port": 80, "nodePort": 30080}]},
            ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
            id="node port of a ClusterIP service",
        ),
        pytest.param(
            {
                "type": "NodePort",
                "ports": [{"name": "a", "port": 80, "nodePort": 30080}, {"name": "b", "port": 81, "nodePort": 30080}],
            },
            ["spec.ports[1].nodePort: Duplicate value: 30080"],
            id="one node port twice",
        ),
        pytest.param(
            {"type": "Cluster"},
            [
                'spec.type: Unsupported value: "Cluster": supported values: "ClusterIP", "ExternalName", '
                '"LoadBalancer", "NodePort"'
            ],
            id="unknown type",
        ),
        pytest.param(
            {"type": "NodePort", "clusterIP": "None"},
            ["spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"],
            id="headless NodePort",
        ),
        pytest.param(
            {"type": "LoadBalancer", "clusterIP": "None"},
            ["spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for LoadBalancer services"],
            id="headless LoadBalancer",
        ),
        pytest.param({"type": "ExternalName"}, ["spec.externalName: Required value"], id="no external name"),
        pytest.param({"type": "ExternalName", "externalName": "example.com."}, [], id="external name with a last dot"),
        pytest.param(
            {"type": "ExternalName", "externalName": "example.com", "clusterIP": "127.64.0.9"},
            ["spec.clusterIPs: Forbidden: may not be set for ExternalName services"],
            id="external name with an address",
        ),
        pytest.param(
            {"clusterIP": "127.64.0"},
            [
                'spec.clusterIPs[0]: Invalid value: "127.64.0": must be a valid IP address, '
                "(e.g. 10.9.8.7 or 2001:db8::ffff)"
            ],
            id="no address",
        ),
        pytest.param(
            {"clusterIP": "127.64.0.9", "clusterIPs": ["127.64.0.8"]},
            ['spec.clusterIPs: Invalid value: ["127.64.0.8"]: first value must match `clusterIP`'],
            id="two first addresses",
        ),
        pytest.param(
            {"clusterIPs": ["127.64.0.8"]},
            ['spec.clusterIPs: Invalid value: ["127.64.0.8"]: must be empty when `clusterIP` is not specified'],
            id="the plural alone",
        ),
        pytest.param(
            {"clusterIP": "None", "clusterIPs": ["None", "127.64.0.8"]},
            ['spec.clusterIPs: Invalid value: ["None","127.64.0.8"]: \'None\' must be the first and only value'],
            id="None and more",
        ),
        pytest.param(
            {"ipFamilyPolicy": "RequireDualStack"},
            [
                'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": '
                "this cluster is not configured for dual-stack services"
            ],
            id="two stacks",
        ),
        pytest.param(
            {"ipFamilies": ["IPv6"]},
            ['spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
            id="the other family",
        ),
        pytest.param(
            {"ipFamilies": ["IPv5"]},
            ['spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"'],
            id="no family",
        ),
        pytest.param({"ipFamilyPolicy": "PreferDualStack"}, [], id="two stacks if there are"),
        pytest.param(
            {"sessionAffinity": "Client"},
            ['spec.sessionAffinity: Unsupported value: "Client": supported values: "ClientIP", "None"'],
            id="unknown affinity",
        ),
        pytest.param(
            {"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 86401}}},
            [
                "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: "
                "must be greater than 0 and less than 86400"
            ],
            id="affinity for too long",
        ),
        pytest.param(
            {"externalTrafficPolicy": "Local"},
            ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'],
            id="external traffic of a ClusterIP service",
        ),
        pytest.param(
            {"healthCheckNodePort": 30001},
            [
                "spec.healthCheckNodePort: Invalid value: 30001: "
                "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
            ],
            id="health check port of a ClusterIP service",
        ),
        pytest.param(
            {"internalTrafficPolicy": "Zone"},
            ['spec.internalTrafficPolicy: Unsupported value: "Zone": supported values: "Cluster", "Local"'],
            id="unknown internal policy",
        ),
        pytest.param(
            {"allocateLoadBalancerNodePorts": True},
            [f"spec.allocateLoadBalancerNodePorts: {BALANCER}"],
            id="node ports of no load balancer",
        ),
        pytest.param(
            {"loadBalancerClass": "a.b/c"}, [f"spec.loadBalancerClass: {BALANCER}"], id="class of no load balancer"
        ),
        pytest.param(
            {"type": "LoadBalancer", "loadBalancerSourceRanges": ["10.0.0.0"]},
            [
                'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.0": must be a valid CIDR value, '
                "(e.g. 10.9.8.0/24 or 2001:db8::/64)"
            ],
            id="sources",
        ),
        pytest.param(
            {"externalIPs": ["0.0.0.0"]},
            ['spec.externalIPs[0]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)'],
            id="external address",
        ),
    ],
)
def test_refusals(spec: JSONObject, expected: list[str]) -> None:
    assert create(service(**spec)) == expected


class TestDefaults:
    @pytest.mark.parametrize(
        ("spec", "expected"),
        [
            pytest.param(
                {},
                {
                    "type": "ClusterIP",
                    "sessionAffinity": "None",
                    "internalTrafficPolicy": "Cluster",
                    "ipFamilies": ["IPv4"],
                    "ipFamilyPolicy": "SingleStack",
                    "ports": [{"port": 80, "targetPort": 80, "protocol": "TCP"}],
                },
                id="plain",
            ),
            pytest.param(
                {"type": "LoadBalancer"},
                {"allocateLoadBalancerNodePorts": True, "externalTrafficPolicy": "Cluster"},
                id="load balancer",
            ),
            pytest.param({"externalIPs": ["10.0.0.1"]}, {"externalTrafficPolicy": "Cluster"}, id="external addresses"),
            pytest.param(
                {"sessionAffinity": "ClientIP"},
                {"sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 10800}}},
                id="affinity",
            ),
            pytest.param({"clusterIP": "None"}, {"clusterIPs": ["None"], "ipFamilies": ["IPv4"]}, id="headless"),
            pytest.param(
                {"clusterIP": "None", "selector": {}},
                {"ipFamilies": ["IPv4", "IPv6"], "ipFamilyPolicy": "RequireDualStack"},
                id="headless without a selector",
            ),
        ],
    )
    def test_filled_in(self, spec: JSONObject, expected: JSONObject) -> None:
        obj = service(**spec)
        assert create(obj) == []
        assert expected.items() <= obj["spec"].items()

    def test_a_status_is_not_taken_over(self) -> None:
        obj = service()
        obj["status"] = {"loadBalancer": {"ingress": [{"ip": "10.0.0.1"}]}}
        assert create(obj) == []
        assert obj["status"] == {"loadBalancer": {}}

    def test_an_external_name_gets_no_family(self) -> None:
        assert not {"ipFamilies", "internalTrafficPolicy"} & set(
            stored(type="ExternalName", externalName="a.b")["spec"]
        )


class TestUpdates:
    @pytest.mark.parametrize(
        ("before", "change", "expected"),
        [
            pytest.param(
                {},
                {"clusterIP": "127.64.0.9"},
                ['spec.clusterIPs[0]: Invalid value: ["127.64.0.9"]: may not change once set'],
                id="another address",
            ),
            pytest.param(
                {},
                {"clusterIP": "None"},
                ['spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set'],
                id="to headless",
            ),
            pytest.param(
                {"clusterIP": "None"},
                {"clusterIP": "127.64.0.9"},
                ['spec.clusterIPs[0]: Invalid value: ["127.64.0.9"]: may not change once set'],
                id="from headless",
            ),
            pytest.param(
                {},
                {"ipFamilies": ["IPv6"]},
                [
                    'spec.ipFamilies[0]: Invalid value: ["IPv6"]: may not change once set',
                    'spec.clusterIPs[0]: Invalid value: "127.64.1.1": expected an IPv6 value as indicated by '
                    "`ipFamilies[0]`",
                ],
                id="another family",
            ),
            pytest.param(
                {"type": "LoadBalancer", "loadBalancerClass": "a.b/c"},
                {"loadBalancerClass": "a.b/d"},
                ['spec.loadBalancerClass: Invalid value: "a.b/d": may not change once set'],
                id="another class",
            ),
            pytest.param(
                {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "healthCheckNodePort": 30001},
                {"healthCheckNodePort": 30002},
                ["spec.healthCheckNodePort: Forbidden: field is immutable"],
                id="another health check port",
            ),
        ],
    )
    def test_refusals(self, before: JSONObject, change: JSONObject, expected: list[str]) -> None:
        assert update(stored(**before), **change)[1] == expected

    def test_what_was_given_out_is_kept_when_left_out(self) -> None:
        ports = [{"name": "a", "port": 80, "nodePort": 30080}, {"name": "b", "port": 81, "nodePort": 30081}]
        old = stored(type="NodePort", ports=ports)
        bare = [{"name": "b", "port": 82}, {"name": "a", "port": 80}, {"name": "c", "port": 83}]
        new, problems = update(old, clusterIP=..., clusterIPs=..., ipFamilies=..., ipFamilyPolicy=..., ports=bare)
        assert problems == []
        assert new["spec"]["clusterIPs"] == ["127.64.1.1"]
        assert [port.get("nodePort") for port in new["spec"]["ports"]] == [30081, 30080, None]

    def test_a_port_that_takes_over_a_number_keeps_it(self) -> None:
        old = stored(type="NodePort", ports=[{"name": "a", "port": 80, "nodePort": 30080}])
        ports = [{"name": "a", "port": 80}, {"name": "b", "port": 81, "nodePort": 30080}]
        new, problems = update(old, ports=ports)
        assert problems == []
        assert [port.get("nodePort") for port in new["spec"]["ports"]] == [None, 30080]

    def test_to_an_external_name_and_back(self) -> None:
        old = stored(type="NodePort", ports=[{"port": 80, "nodePort": 30080}])
        new, problems = update(old, type="ExternalName", externalName="example.com")
        assert problems == []
        assert not {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"} & set(new["spec"])
        assert "nodePort" not in new["spec"]["ports"][0]
        back, problems = update(new, type="ClusterIP", externalName=...)
        assert problems == []
        assert back["spec"]["ipFamilies"] == ["IPv4"]

    def test_from_a_load_balancer_to_a_cluster_ip(self) -> None:
        old = stored(
            type="LoadBalancer",
            externalTrafficPolicy="Local",
            healthCheckNodePort=30001,
            loadBalancerClass="a.b/c",
            ports=[{"port": 80, "nodePort": 30080}],
        )
        new, problems = update(old, type="ClusterIP")
        assert problems == []
        gone = {"allocateLoadBalancerNodePorts", "externalTrafficPolicy", "healthCheckNodePort", "loadBalancerClass"}
        assert not gone & set(new["spec"])
        assert "nodePort" not in new["spec"]["ports"][0]

    def test_a_node_port_set_with_the_new_type_is_refused(self) -> None:
        old = stored(type="NodePort", ports=[{"port": 80, "nodePort": 30080}])
        _, problems = update(old, type="ClusterIP", ports=[{"port": 80, "nodePort": 30081}])
        assert problems == ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"]

    def test_the_second_family_is_given_up_by_policy_alone(self) -> None:
        old = stored(clusterIP="None", selector={})
        new, problems = update(old, ipFamilyPolicy="SingleStack")
        assert problems == []
        assert new["spec"]["ipFamilies"] == ["IPv4"]


@pytest.mark.parametrize(
    ("kind", "entry", "expected"),
    [
        pytest.param("LoadBalancer", {"ip": "10.0.0.1"}, [], id="fine"),
        pytest.param(
            "ClusterIP",
            {"ip": "10.0.0.1"},
            ["status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"],
            id="no load balancer",
        ),
        pytest.param(
            "LoadBalancer",
            {"hostname": "10.0.0.1"},
            [
                'status.loadBalancer.ingress[0].hostname: Invalid value: "10.0.0.1": '
                "must be a DNS name, not an IP address"
            ],
            id="address for a name",
        ),
        pytest.param(
            "LoadBalancer",
            {"hostname": "a.b", "ipMode": "VIP"},
            ["status.loadBalancer.ingress[0].ipMode: Forbidden: may not be specified when `ip` is not set"],
            id="mode without an address",
        ),
        pytest.param(
            "LoadBalancer",
            {"ip": "10.0.0.1", "ipMode": "Tunnel"},
            ['status.loadBalancer.ingress[0].ipMode: Unsupported value: "Tunnel": supported values: "Proxy", "VIP"'],
            id="unknown mode",
        ),
    ],
)
def test_status(kind: str, entry: JSONObject, expected: list[str]) -> None:
    old = stored(type=kind)
    new = copy.deepcopy(old)
    new["status"] = {"loadBalancer": {"ingress": [entry]}}
    STRATEGY.default(new)
    assert lines(STRATEGY.validate_status_update(new, old)) == expected


def test_the_annotation_for_sources_is_checked() -> None:
    obj = stored()
    obj["metadata"]["annotations"] = {"service.beta.kubernetes.io/load-balancer-source-ranges": "10.0.0.0/8, x"}
    path = "metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]"
    assert lines(validate_service(obj)) == [
        f"{path}: {BALANCER}",
        f'{path}: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ]
