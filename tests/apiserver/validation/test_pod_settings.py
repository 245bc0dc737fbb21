"""Volumes, security, DNS, spreading and the other things that a pod spec may say wrongly."""

from typing import Any

import pytest

from apimachinery.pod_defaults import default_pod
from apiserver.validation.pod import validate_pod

JSONObject = dict[str, Any]


def problems(spec: JSONObject, **container: Any) -> dict[str, str]:
    """Return what is wrong with a pod of this spec and one container, by field."""
    base = {"name": "c", "image": "nginx:1.27", **container}
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [base], **spec}}
    default_pod(pod)
    return {cause.field: cause.message for cause in validate_pod(pod)}


def volume(**source: Any) -> JSONObject:
    return {"volumes": [{"name": "v", **source}]}


V = "spec.volumes[0]"

VOLUMES = [
    pytest.param(volume(configMap={}), f"{V}.configMap.name", "Required value", id="config-map"),
    pytest.param(volume(secret={}), f"{V}.secret.secretName", "Required value", id="secret"),
    pytest.param(
        volume(persistentVolumeClaim={}), f"{V}.persistentVolumeClaim.claimName", "Required value", id="claim"
    ),
    pytest.param(volume(hostPath={}), f"{V}.hostPath.path", "Required value", id="host-path"),
    pytest.param(
        volume(hostPath={"path": "/a/../b"}),
        f"{V}.hostPath.path",
        "Invalid value: \"/a/../b\": must not contain '..'",
        id="host-path-back",
    ),
    pytest.param(volume(csi={}), f"{V}.csi.driver", "Required value", id="csi"),
    pytest.param(volume(ephemeral={}), f"{V}.ephemeral.volumeClaimTemplate", "Required value", id="ephemeral"),
    pytest.param(
        volume(ephemeral={"volumeClaimTemplate": {"spec": {}}}),
        f"{V}.ephemeral.volumeClaimTemplate.spec.accessModes",
        "Required value: at least 1 access mode is required",
        id="ephemeral-template",
    ),
    pytest.param(
        volume(configMap={"name": "a", "defaultMode": 9999}),
        f"{V}.configMap.defaultMode",
        "Invalid value: 9999: must be a number between 0 and 0777 (octal), both inclusive",
        id="mode",
    ),
    pytest.param(
        volume(configMap={"name": "a", "items": [{"key": "k", "path": "../x"}]}),
        f"{V}.configMap.items[0].path",
        "Invalid value: \"../x\": must not contain '..'",
        id="item-path",
    ),
    pytest.param(
        volume(emptyDir={"sizeLimit": "-1"}),
        f"{V}.emptyDir.sizeLimit",
        "Forbidden: SizeLimit field must be a valid resource quantity",
        id="size",
    ),
    pytest.param(
        volume(projected={"sources": [{"configMap": {"name": "a"}, "secret": {"name": "b"}}]}),
        f"{V}.projected.sources[0].secret",
        "Forbidden: may not specify more than 1 volume type",
        id="projected-twice",
    ),
    pytest.param(
        volume(projected={"sources": [{"serviceAccountToken": {"path": "t", "expirationSeconds": 60}}]}),
        f"{V}.projected.sources[0].serviceAccountToken.expirationSeconds",
        "Invalid value: 60: may not specify a duration less than 10 minutes",
        id="token",
    ),
]

POD = [
    pytest.param(
        {"securityContext": {"runAsUser": -1}},
        "spec.securityContext.runAsUser",
        "Invalid value: -1: must be between 0 and 2147483647, inclusive",
        id="user",
    ),
    pytest.param(
        {"securityContext": {"seccompProfile": {"type": "Loose"}}},
        "spec.securityContext.seccompProfile.type",
        'Unsupported value: "Loose": supported values: "Localhost", "RuntimeDefault", "Unconfined"',
        id="seccomp",
    ),
    pytest.param(
        {"hostPID": True, "shareProcessNamespace": True},
        "spec.shareProcessNamespace",
        "Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled",
        id="process-namespaces",
    ),
    pytest.param(
        {"hostUsers": False, "hostNetwork": True},
        "spec.hostNetwork",
        "Forbidden: when `hostUsers` is false",
        id="user-namespaces",
    ),
    pytest.param(
        {"dnsPolicy": "None"},
        "spec.dnsConfig",
        "Required value: must provide `dnsConfig` when `dnsPolicy` is None",
        id="no-dns",
    ),
    pytest.param(
        {"dnsConfig": {"nameservers": ["nowhere"]}},
        "spec.dnsConfig.nameservers[0]",
        'Invalid value: "nowhere": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        id="nameserver",
    ),
    pytest.param(
        {"hostAliases": [{"ip": "x"}]},
        "spec.hostAliases[0].ip",
        'Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        id="host-alias",
    ),
    pytest.param(
        {"topologySpreadConstraints": [{"maxSkew": 0, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}]},
        "spec.topologySpreadConstraints[0].maxSkew",
        "Invalid value: 0: must be greater than zero",
        id="skew",
    ),
    pytest.param(
        {"topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "Never"}]},
        "spec.topologySpreadConstraints[0].whenUnsatisfiable",
        'Unsupported value: "Never": supported values: "DoNotSchedule", "ScheduleAnyway"',
        id="spread-action",
    ),
    pytest.param(
        {"os": {"name": "plan9"}},
        "spec.os.name",
        'Unsupported value: "plan9": supported values: "linux", "windows"',
        id="os",
    ),
]


@pytest.mark.parametrize(("spec", "path", "message"), [*VOLUMES, *POD])
def test_specs_that_are_refused(spec: JSONObject, path: str, message: str) -> None:
    found = problems(spec)
    assert found.get(path) == message, found


C = "spec.containers[0]"


@pytest.mark.parametrize(
    ("container", "path", "message"),
    [
        pytest.param(
            {"securityContext": {"privileged": True, "allowPrivilegeEscalation": False}},
            f"{C}.securityContext",
            "cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
            id="escalation",
        ),
        pytest.param({"envFrom": [{}]}, f"{C}.envFrom[0]", "must specify one of: `configMapRef`", id="env-from"),
        pytest.param(
            {"envFrom": [{"secretRef": {}}]}, f"{C}.envFrom[0].secretRef.name", "Required value", id="env-from-name"
        ),
        pytest.param(
            {"resizePolicy": [{"resourceName": "cpu", "restartPolicy": "Maybe"}]},
            f"{C}.resizePolicy",
            'Unsupported value: "Maybe"',
            id="resize-policy",
        ),
        pytest.param(
            {"livenessProbe": {"httpGet": {"port": 80, "httpHeaders": [{"name": "X Y", "value": ""}]}}},
            f"{C}.livenessProbe.httpGet.httpHeaders",
            "a valid HTTP header must consist of alphanumeric characters or '-'",
            id="header",
        ),
    ],
)
def test_containers_that_are_refused(container: JSONObject, path: str, message: str) -> None:
    found = problems({}, **container)
    assert message in found.get(path, ""), found


def test_mounts_that_reach_back_to_the_host() -> None:
    mounts = [{"name": "v", "mountPath": "/v", "mountPropagation": "Bidirectional"}]
    found = problems(volume(emptyDir={}), volumeMounts=mounts)
    path = f"{C}.volumeMounts.mountPropagation"
    assert found[path] == "Forbidden: Bidirectional mount propagation is available only to privileged containers"
    assert problems(volume(emptyDir={}), volumeMounts=mounts, securityContext={"privileged": True}) == {}


def test_ports_on_the_hosts_network() -> None:
    found = problems({"hostNetwork": True}, ports=[{"containerPort": 80, "hostPort": 8080}])
    assert found[f"{C}.ports[0].hostPort"].endswith("must match `containerPort` when `hostNetwork` is true")


def test_everything_at_once_that_is_right() -> None:
    token = {"serviceAccountToken": {"path": "token"}}
    name = {"downwardAPI": {"items": [{"path": "name", "fieldRef": {"fieldPath": "metadata.name"}}]}}
    spec = {
        "volumes": [
            {"name": "projected", "projected": {"sources": [token, name, {"configMap": {"name": "kube-root-ca.crt"}}]}},
            {"name": "config", "configMap": {"name": "a", "items": [{"key": "k", "path": "a/b"}]}},
            {"name": "host", "hostPath": {"path": "/tmp", "type": "DirectoryOrCreate"}},
        ],
        "securityContext": {"runAsUser": 1000, "fsGroup": 0, "seccompProfile": {"type": "RuntimeDefault"}},
        "dnsPolicy": "None",
        "dnsConfig": {"nameservers": ["127.0.0.1"], "searches": ["a.b."], "options": [{"name": "ndots"}]},
        "hostAliases": [{"ip": "127.0.0.1", "hostnames": ["a.example"]}],
        "topologySpreadConstraints": [
            {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "minDomains": 2}
        ],
        "readinessGates": [{"conditionType": "example.com/ready"}],
        "serviceAccountName": "default",
    }
    assert problems(spec, envFrom=[{"prefix": "A_", "configMapRef": {"name": "a"}}]) == {}


def test_tokens_expire_after_an_hour() -> None:
    pod = {"spec": {"containers": [], **volume(projected={"sources": [{"serviceAccountToken": {"path": "t"}}]})}}
    default_pod(pod)
    (source,) = pod["spec"]["volumes"][0]["projected"]["sources"]
    assert source["serviceAccountToken"]["expirationSeconds"] == 3600
