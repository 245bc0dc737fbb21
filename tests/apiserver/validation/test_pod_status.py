"""What a status of a pod is refused for."""

from typing import Any

import pytest

from apimachinery.pod_defaults import default_pod
from apiserver.validation.pod_status import validate_pod_status_update
from tests.apiserver.validation.causes import lines

JSONObject = dict[str, Any]

RUNNING: JSONObject = {"running": {}}
NO_WAY_BACK = "may not be transitioned to non-terminated state"


def ended(code: int = 0) -> JSONObject:
    return {"terminated": {"exitCode": code}}


def found(old: JSONObject, new: JSONObject, **spec: Any) -> list[str]:
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "a:1"}], **spec}}
    default_pod(pod)
    return lines(validate_pod_status_update({**pod, "status": new}, {**pod, "status": old}))


def statuses(state: JSONObject, key: str = "containerStatuses") -> JSONObject:
    return {key: [{"name": "c", "state": state}]}


@pytest.mark.parametrize(
    ("code", "policy", "container", "goes_back"),
    [
        pytest.param(0, "Always", {}, True, id="always"),
        pytest.param(1, "OnFailure", {}, True, id="failure"),
        pytest.param(0, "OnFailure", {}, False, id="success"),
        pytest.param(1, "Never", {}, False, id="never"),
        pytest.param(1, "Never", {"restartPolicy": "OnFailure"}, True, id="the container's own"),
        pytest.param(1, "Always", {"restartPolicy": "Never"}, False, id="the container's own never"),
        pytest.param(
            42,
            "Never",
            {
                "restartPolicy": "Never",
                "restartPolicyRules": [{"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}}],
            },
            True,
            id="rule",
        ),
        pytest.param(
            42,
            "Never",
            {
                "restartPolicy": "Never",
                "restartPolicyRules": [{"action": "Restart", "exitCodes": {"operator": "NotIn", "values": [42]}}],
            },
            False,
            id="rule for others",
        ),
    ],
)
def test_containers_that_have_ended(code: int, policy: str, container: JSONObject, goes_back: bool) -> None:
    containers = [{"name": "c", "image": "a:1", **container}]
    lines = found(statuses(ended(code)), statuses(RUNNING), containers=containers, restartPolicy=policy)
    assert lines == ([] if goes_back else [f"status.containerStatuses[0].state: Forbidden: {NO_WAY_BACK}"])


def test_all_may_go_back_where_one_starts_all_again() -> None:
    rule = {"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [88]}}
    containers = [
        {"name": "c", "image": "a:1"},
        {"name": "other", "image": "a:1", "restartPolicy": "Never", "restartPolicyRules": [rule]},
    ]
    assert found(statuses(ended()), statuses(RUNNING), containers=containers, restartPolicy="Never") == []


@pytest.mark.parametrize(
    ("key", "spec", "refused"),
    [
        pytest.param("initContainerStatuses", {"initContainers": [{"name": "c", "image": "a"}]}, True, id="init"),
        pytest.param(
            "initContainerStatuses",
            {"initContainers": [{"name": "c", "image": "a", "restartPolicy": "Always"}]},
            False,
            id="sidecar",
        ),
        pytest.param(
            "ephemeralContainerStatuses",
            {"ephemeralContainers": [{"name": "c", "image": "a"}], "restartPolicy": "Always"},
            True,
            id="ephemeral",
        ),
    ],
)
def test_other_kinds_of_containers(key: str, spec: JSONObject, refused: bool) -> None:
    spec = {"containers": [{"name": "main", "image": "a"}], "restartPolicy": "Never", **spec}
    lines = found(statuses(ended(), key), statuses(RUNNING, key), **spec)
    assert lines == ([f"status.{key}[0].state: Forbidden: {NO_WAY_BACK}"] if refused else [])


def ips(*addresses: str) -> list[JSONObject]:
    return [{"ip": address} for address in addresses]


@pytest.mark.parametrize(
    ("status", "line"),
    [
        pytest.param(
            {"podIPs": ips("x")},
            'status.podIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
            id="no address",
        ),
        pytest.param(
            {"podIPs": ips("127.0.0.1", "127.0.0.2")},
            'status.podIPs: Invalid value: [{"ip":"127.0.0.1"},{"ip":"127.0.0.2"}]: '
            "may specify no more than one IP for each IP family",
            id="two of a family",
        ),
        pytest.param(
            {"hostIPs": ips("127.0.0.1"), "hostIP": "127.0.0.2"},
            'status.hostIPs[0].ip: Invalid value: "127.0.0.1": must be equal to `hostIP`',
            id="another host",
        ),
        pytest.param(
            {"qosClass": "Guaranteed"},
            'status.qosClass: Invalid value: "Guaranteed": field is immutable',
            id="class of service",
        ),
        pytest.param(
            {"resourceClaimStatuses": [{"name": "gpu"}]},
            'status.resourceClaimStatuses[0].name: Invalid value: "gpu": must match the name of an entry in '
            "`spec.resourceClaims`",
            id="claim",
        ),
        pytest.param(
            {"containerStatuses": [{"name": "c", "allocatedResourcesStatus": [{"name": "example.com/gpu"}]}]},
            'status.containerStatuses[0].allocatedResourcesStatus[0].name: Invalid value: "example.com/gpu": '
            "must match one of the container's resource requests",
            id="device",
        ),
        pytest.param(
            {"containerStatuses": [{"name": "c", "user": {"linux": {"uid": -1, "gid": 0}}}]},
            "status.containerStatuses[0].linux.uid: Invalid value: -1: must be between 0 and 2147483647, inclusive",
            id="user",
        ),
    ],
)
def test_statuses_that_are_refused(status: JSONObject, line: str) -> None:
    assert found({"qosClass": "BestEffort"}, {"qosClass": "BestEffort", **status}) == [line]


def test_both_families_are_right() -> None:
    status = {"podIPs": ips("127.0.0.1", "::1"), "hostIP": "127.0.0.9", "hostIPs": ips("127.0.0.9")}
    assert found({}, status) == []


def test_the_same_address_twice() -> None:
    assert 'status.podIPs[1]: Duplicate value: {"ip":"127.0.0.1"}' in found({}, {"podIPs": ips(*["127.0.0.1"] * 2)})
