"""Container kinds, claims, whole-pod resources, operating systems and host names in pod specs."""

from typing import Any

import pytest

from apimachinery.pod_defaults import default_pod, qos_class
from apiserver.validation.pod import validate_pod, validate_pod_create
from tests.apiserver.validation.causes import lines

JSONObject = dict[str, Any]

C = "spec.containers[0]"
INIT = "spec.initContainers[0]"
E = "spec.ephemeralContainers[0]"


def pod(container: JSONObject | None = None, **spec: Any) -> JSONObject:
    containers = [{"name": "c", "image": "nginx:1.27", **(container or {})}]
    made = {"metadata": {"name": "p"}, "spec": {"containers": containers, **spec}}
    default_pod(made)
    return made


def rule(**fields: Any) -> JSONObject:
    return {"action": "Restart", "exitCodes": {"operator": "In", "values": [1]}, **fields}


def with_rules(*rules: JSONObject) -> JSONObject:
    return {"restartPolicy": "Never", "restartPolicyRules": list(rules)}


def init(**fields: Any) -> JSONObject:
    return {"initContainers": [{"name": "i", "image": "busybox:1.36", **fields}]}


def ephemeral(**fields: Any) -> JSONObject:
    return {"ephemeralContainers": [{"name": "e", "image": "busybox:1.36", **fields}]}


RULES = [
    pytest.param(
        {"restartPolicyRules": [rule()]},
        f"{C}.restartPolicy: Required value: must specify restartPolicy when restart rules are used",
        id="rules without a policy",
    ),
    pytest.param(
        {"restartPolicy": "Sometimes"},
        f'{C}.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"',
        id="policy",
    ),
    pytest.param(
        with_rules(rule(action="Stop")),
        f'{C}.restartPolicyRules[0].action: Unsupported value: "Stop": supported values: "Restart", '
        '"RestartAllContainers"',
        id="action",
    ),
    pytest.param(
        with_rules({"action": "Restart"}),
        f"{C}.restartPolicyRules[0].exitCodes: Required value: must be specified",
        id="no codes",
    ),
    pytest.param(
        with_rules(rule(exitCodes={"operator": "Near", "values": [1]})),
        f'{C}.restartPolicyRules[0].exitCodes.operator: Unsupported value: "Near": supported values: "In", "NotIn"',
        id="operator",
    ),
    pytest.param(
        with_rules(rule(exitCodes={"operator": "In", "values": list(range(256))})),
        f"{C}.restartPolicyRules[0].exitCodes.values: Too many: 256: must have at most 255 items",
        id="many codes",
    ),
    pytest.param(
        with_rules(*[rule()] * 21), f"{C}.restartPolicyRules: Too many: 21: must have at most 20 items", id="many rules"
    ),
]

CONTAINERS = [
    pytest.param(
        {"resizePolicy": [{"resourceName": "cpu", "restartPolicy": "RestartContainer"}], "restartPolicy": "Never"},
        f"{C}.resizePolicy: Invalid value: \"RestartContainer\": must be 'NotRequired' when `restartPolicy` is 'Never'",
        id="resize restarts what never does",
    ),
    pytest.param(
        {"resources": {"claims": [{"name": "gpu"}]}},
        f'{C}.resources.claims[0].name: Not found: "gpu": must be one of the names in pod.spec.resourceClaims',
        id="unknown claim",
    ),
    pytest.param(
        {"securityContext": {"procMount": "Unmasked"}},
        f'{C}.securityContext.procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`',
        id="unmasked",
    ),
    pytest.param(
        {"securityContext": {"appArmorProfile": {"type": "Localhost"}}},
        f"{C}.securityContext.appArmorProfile.localhostProfile: Required value: "
        "must be set when AppArmor type is Localhost",
        id="apparmor",
    ),
    pytest.param(
        {"volumeDevices": [{"name": "v", "devicePath": "/dev/a"}]},
        f'{C}.volumeDevices[0].name: Not found: "v"',
        id="device",
    ),
    pytest.param(
        {"lifecycle": {"stopSignal": "SIGTERM"}},
        f"{C}.lifecycle.stopSignal: Forbidden: may not be set for containers with empty `spec.os.name`",
        id="signal without a system",
    ),
]


@pytest.mark.parametrize(("container", "line"), [*RULES, *CONTAINERS])
def test_containers_that_are_refused(container: JSONObject, line: str) -> None:
    assert lines(validate_pod(pod(container))) == [line]


OTHER_KINDS = [
    pytest.param(
        init(livenessProbe={"exec": {"command": ["true"]}}),
        f"{INIT}.livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always",
        id="probe of an init container",
    ),
    pytest.param(init(name="c"), f'{INIT}.name: Duplicate value: "c"', id="init name"),
    pytest.param(ephemeral(name="c"), f'{E}.name: Duplicate value: "c"', id="ephemeral name"),
    pytest.param(ephemeral(targetContainerName="x"), f'{E}.targetContainerName: Not found: "x"', id="ephemeral target"),
    pytest.param(
        ephemeral(lifecycle={}), f"{E}.lifecycle: Forbidden: cannot be set for an Ephemeral Container", id="lifecycle"
    ),
    pytest.param(
        ephemeral(resources={"limits": {"cpu": "1"}}),
        f"{E}.resources: Forbidden: cannot be set for an Ephemeral Container",
        id="resources",
    ),
    pytest.param(
        {"volumes": [{"name": "v"}], **ephemeral(volumeMounts=[{"name": "v", "mountPath": "/v", "subPath": "a"}])},
        f"{E}.volumeMounts[0].subPath: Forbidden: cannot be set for an Ephemeral Container",
        id="part of a volume",
    ),
    pytest.param(
        ephemeral(env=[{"name": ""}]),
        f"{E}.env[0].name: Required value",
        id="what all containers are checked for",
    ),
]
CLAIMS = [
    pytest.param(
        {"resourceClaims": [{"name": "a"}]},
        'spec.resourceClaims[0]: Invalid value: {"name":"a"}: '
        "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`",
        id="no source",
    ),
    pytest.param(
        {"resourceClaims": [{"name": "a", "resourceClaimName": "x"}] * 2},
        'spec.resourceClaims[1].name: Duplicate value: "a"',
        id="claim twice",
    ),
]
WHOLE = [
    pytest.param(
        {"resources": {"requests": {"ephemeral-storage": "1Gi"}}},
        'spec.resources.requests[ephemeral-storage]: Unsupported value: "ephemeral-storage": '
        'supported values: "cpu", "memory"',
        id="unsupported resource",
    ),
    pytest.param(
        {"resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "2"}}},
        'spec.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
        id="request above the limit",
    ),
    pytest.param(
        {"resources": {"claims": [{"name": "a"}]}},
        "spec.resources.claims: Forbidden: claims cannot be set for Resources at pod-level",
        id="claims of the whole pod",
    ),
]
SYSTEM = [
    pytest.param({"os": {}}, "spec.os.name: Required value: cannot be empty", id="no system"),
    pytest.param(
        {"os": {"name": "windows"}, "hostUsers": False},
        "spec.hostUsers: Forbidden: cannot be set for a windows pod",
        id="windows",
    ),
    pytest.param(
        {"os": {"name": "linux"}, "securityContext": {"windowsOptions": {}}},
        "spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod",
        id="linux",
    ),
    pytest.param(
        {"preemptionPolicy": "Maybe"},
        'spec.preemptionPolicy: Unsupported value: "Maybe": supported values: "Never", "PreemptLowerPriority"',
        id="preemption",
    ),
    pytest.param(
        {"hostnameOverride": "a" * 65}, "spec.hostnameOverride: Too long: may not be more than 64 bytes", id="long name"
    ),
    pytest.param(
        {"volumes": [{"name": "v", "image": {}}]}, "spec.volumes[0].image.reference: Required value", id="image"
    ),
    pytest.param(
        {"volumes": [{"name": "v", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}]},
        "spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: "
        "must not be specified when serviceAccountName is not set",
        id="token of nobody",
    ),
    pytest.param(
        {"nodeName": "n", "schedulingGates": [{"name": "a"}]},
        "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared",
        id="bound behind a gate",
    ),
]


@pytest.mark.parametrize(("spec", "line"), [*OTHER_KINDS, *CLAIMS, *WHOLE, *SYSTEM])
def test_specs_that_are_refused(spec: JSONObject, line: str) -> None:
    created = "ephemeralContainers" not in spec
    assert lines((validate_pod_create if created else validate_pod)(pod(**spec))) == [line]


def test_containers_together_ask_for_no_more_than_the_pod() -> None:
    resources = {"requests": {"cpu": "600m"}}
    spec = pod({"resources": resources}, resources={"requests": {"cpu": "1"}}, **init(resources=resources))
    spec["spec"]["initContainers"][0]["restartPolicy"] = "Always"
    line = 'spec.resources.requests[cpu]: Invalid value: "1": '
    line += "must be greater than or equal to aggregate container requests of 1200m"
    assert lines(validate_pod(spec)) == [line]


def test_much_at_once_that_is_right() -> None:
    container = {
        **with_rules(rule(action="RestartAllContainers")),
        "lifecycle": {"stopSignal": "SIGRTMIN+3"},
        "resources": {"claims": [{"name": "gpu", "request": "one"}, {"name": "gpu", "request": "two"}]},
        "volumeDevices": [{"name": "disk", "devicePath": "/dev/a"}],
        "volumeMounts": [{"name": "image", "mountPath": "/i", "subPath": "a", "readOnly": True}],
    }
    claims = [{"name": "gpu", "resourceClaimTemplateName": "gpu"}]
    volumes = [
        {"name": "disk", "persistentVolumeClaim": {"claimName": "d"}},
        {"name": "image", "image": {"reference": "data:1"}},
    ]
    spec = pod(container, os={"name": "linux"}, resourceClaims=claims, volumes=volumes, hostnameOverride="a.b")
    assert validate_pod_create(spec) == []
    assert spec["spec"]["volumes"][1]["image"]["pullPolicy"] == "IfNotPresent"


@pytest.mark.parametrize(
    ("whole", "container", "requests", "quality"),
    [
        pytest.param(
            {"limits": {"cpu": "1", "memory": "1Gi"}}, {}, {"cpu": "1", "memory": "1Gi"}, "Guaranteed", id="a"
        ),
        pytest.param(
            {"limits": {"cpu": "1", "memory": "1Gi"}},
            {"requests": {"cpu": "500m"}},
            {"cpu": "500m", "memory": "1Gi"},
            "Burstable",
            id="containers ask for less",
        ),
        pytest.param({"requests": {"cpu": "1"}}, {}, {"cpu": "1"}, "Burstable", id="requests only"),
        pytest.param({}, {"requests": {"cpu": "1"}}, None, "Burstable", id="containers only"),
    ],
)
def test_requests_of_the_whole_pod(
    whole: JSONObject, container: JSONObject, requests: JSONObject | None, quality: str
) -> None:
    made = pod({"resources": container}, resources=whole)
    assert made["spec"]["resources"].get("requests") == requests
    assert qos_class(made) == quality
