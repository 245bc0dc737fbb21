"""PodSecurity: the levels, and how namespaces choose them."""

from typing import Any

import pytest

from apiserver.admission.podsecurity.policy import Level
from tests.apiserver.admission.server import JSONObject, Server
from tests.apiserver.objects import container, pod

HARDENED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
PLAIN_UNDER_RESTRICTED = (
    'allowPrivilegeEscalation != false (container "main" must set securityContext.allowPrivilegeEscalation=false), '
    'unrestricted capabilities (container "main" must set securityContext.capabilities.drop=["ALL"]), '
    'runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true), '
    'seccompProfile (pod or container "main" must set securityContext.seccompProfile.type to "RuntimeDefault" or '
    '"Localhost")'
)


def secured(name: str = "main", **context: Any) -> JSONObject:
    return container(name, securityContext=context)


def judged(level: str, spec: JSONObject, annotations: dict[str, str] | None = None) -> str:
    whole = pod("p", **spec)
    metadata = {**whole["metadata"], "annotations": annotations or {}}
    return ", ".join(str(violation) for violation in Level(level).violations(metadata, whole["spec"]))


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        pytest.param({}, "", id="nothing special"),
        pytest.param(
            {"hostNetwork": True, "hostPID": True},
            "host namespaces (hostNetwork=true, hostPID=true)",
            id="host namespaces",
        ),
        pytest.param(
            {"containers": [secured("a", privileged=True), secured("b", privileged=True)]},
            'privileged (containers "a", "b" must not set securityContext.privileged=true)',
            id="privileged",
        ),
        pytest.param(
            {"containers": [secured(capabilities={"add": ["NET_ADMIN", "CHOWN"]})]},
            'non-default capabilities (container "main" must not include "NET_ADMIN" in '
            "securityContext.capabilities.add)",
            id="capabilities",
        ),
        pytest.param(
            {"volumes": [{"name": "a", "hostPath": {"path": "/"}}, {"name": "b", "emptyDir": {}}]},
            'hostPath volumes (volume "a")',
            id="hostPath",
        ),
        pytest.param(
            {"containers": [container(ports=[{"containerPort": 80, "hostPort": 80}, {"hostPort": 443}])]},
            'hostPort (container "main" uses hostPorts 443, 80)',
            id="hostPort",
        ),
        pytest.param(
            {"containers": [container(livenessProbe={"httpGet": {"host": "10.0.0.1", "port": 80}})]},
            'probe or lifecycle host (container "main" uses probe or lifecycle host "10.0.0.1")',
            id="probe of another host",
        ),
        pytest.param(
            {"containers": [secured(procMount="Unmasked")]},
            'procMount (container "main" must not set securityContext.procMount to "Unmasked")',
            id="procMount",
        ),
        pytest.param(
            {"containers": [secured(procMount="Unmasked")], "hostUsers": False}, "", id="procMount with own users"
        ),
        pytest.param(
            {
                "securityContext": {"seLinuxOptions": {"type": "bad_t", "user": "u"}},
                "containers": [secured(seLinuxOptions={"type": "container_t", "role": "r"})],
            },
            'seLinuxOptions (pod and container "main" set forbidden securityContext.seLinuxOptions: type "bad_t"; '
            "user may not be set; role may not be set)",
            id="seLinuxOptions",
        ),
        pytest.param(
            {"securityContext": {"seccompProfile": {"type": "Unconfined"}}},
            'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
            id="seccompProfile",
        ),
        pytest.param(
            {"securityContext": {"sysctls": [{"name": "kernel.msgmax"}, {"name": "net.ipv4.tcp_syncookies"}]}},
            "forbidden sysctls (kernel.msgmax)",
            id="sysctls",
        ),
        pytest.param(
            {"securityContext": {"windowsOptions": {"hostProcess": True}}},
            "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)",
            id="hostProcess",
        ),
        pytest.param(
            {"containers": [secured(appArmorProfile={"type": "Unconfined"})]},
            'forbidden AppArmor profile (container "main" must not set AppArmor profile type to "Unconfined")',
            id="AppArmor",
        ),
        pytest.param(
            {"hostNetwork": True, "initContainers": [secured("i", privileged=True)]},
            'host namespaces (hostNetwork=true), privileged (container "i" must not set '
            "securityContext.privileged=true)",
            id="several",
        ),
    ],
)
def test_baseline(spec: JSONObject, why: str) -> None:
    assert judged("baseline", spec) == why


@pytest.mark.parametrize(
    ("profile", "why"),
    [
        pytest.param("runtime/default", "", id="the runtime's"),
        pytest.param("localhost/x", "", id="one of the node's"),
        pytest.param(
            "unconfined",
            'forbidden AppArmor profile (annotation container.apparmor.security.beta.kubernetes.io/main="unconfined")',
            id="none",
        ),
    ],
)
def test_app_armor_annotations(profile: str, why: str) -> None:
    annotations = {"container.apparmor.security.beta.kubernetes.io/main": profile}
    assert judged("baseline", {}, annotations) == why


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        pytest.param({}, PLAIN_UNDER_RESTRICTED, id="nothing special"),
        pytest.param({"containers": [secured(**HARDENED)]}, "", id="hardened"),
        pytest.param(
            {
                "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "Localhost"}},
                "containers": [secured(allowPrivilegeEscalation=False, capabilities={"drop": ["ALL"]})],
            },
            "",
            id="hardened for the pod as a whole",
        ),
        pytest.param(
            {"containers": [secured(**HARDENED | {"capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}})]},
            'unrestricted capabilities (container "main" must not include "CHOWN" in securityContext.capabilities.add)',
            id="capabilities",
        ),
        pytest.param(
            {
                "containers": [secured(**HARDENED)],
                "volumes": [{"name": "a", "nfs": {"path": "/", "server": "s"}}, {"name": "b", "emptyDir": {}}],
            },
            'restricted volume types (volume "a" uses restricted volume type "nfs")',
            id="volumes",
        ),
        pytest.param(
            {"containers": [secured(**HARDENED)], "volumes": [{"name": "a", "hostPath": {"path": "/"}}]},
            'restricted volume types (volume "a" uses restricted volume type "hostPath")',
            id="hostPath is told once",
        ),
        pytest.param(
            {"containers": [secured(**HARDENED | {"runAsNonRoot": False})]},
            'runAsNonRoot != true (container "main" must not set securityContext.runAsNonRoot=false)',
            id="runAsNonRoot",
        ),
        pytest.param(
            {"containers": [secured(**HARDENED, runAsUser=0)]},
            'runAsUser=0 (container "main" must not set runAsUser=0)',
            id="runAsUser",
        ),
        pytest.param(
            {"containers": [secured(**HARDENED | {"seccompProfile": {"type": "Unconfined"}})]},
            'seccompProfile (container "main" must not set securityContext.seccompProfile.type to "Unconfined")',
            id="seccompProfile",
        ),
        pytest.param(
            {"os": {"name": "windows"}, "securityContext": {"runAsNonRoot": True}}, "", id="windows has other means"
        ),
        pytest.param(
            {"hostUsers": False, "containers": [secured(**HARDENED | {"runAsNonRoot": False}, runAsUser=0)]},
            "",
            id="root of its own users",
        ),
    ],
)
def test_restricted(spec: JSONObject, why: str) -> None:
    assert judged("restricted", spec) == why


async def make_namespace(server: Server, **labels: str) -> JSONObject:
    """Create the namespace ``secured``; ``enforce_version`` stands for the label ``…/enforce-version``."""
    given = {f"pod-security.kubernetes.io/{key.replace('_', '-')}": value for key, value in labels.items()}
    return await server.create("namespaces", {"metadata": {"name": "secured", "labels": given}})


class TestNamespaces:
    async def test_enforced(self, server: Server) -> None:
        await make_namespace(server, enforce="restricted")
        status = await server.create("pods", pod("p"), namespace="secured", code=403)
        assert status["message"] == (
            f'pods "p" is forbidden: violates PodSecurity "restricted:latest": {PLAIN_UNDER_RESTRICTED}'
        )
        assert status["details"] == {"name": "p", "kind": "pods"}
        await server.create("pods", pod("p", containers=[secured(**HARDENED)]), namespace="secured")

    async def test_a_version_is_told(self, server: Server) -> None:
        await make_namespace(server, enforce="baseline", enforce_version="v1.30")
        message = await server.refused("pods", pod("p", hostPID=True), namespace="secured")
        assert message.endswith('violates PodSecurity "baseline:v1.30": host namespaces (hostPID=true)')

    async def test_warned(self, server: Server) -> None:
        await make_namespace(server, warn="restricted", enforce="baseline")
        await server.create("pods", pod("p"), namespace="secured")
        (warning,) = server.warnings
        assert warning.startswith('would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false (')

    async def test_what_makes_pods_is_warned_of_and_not_refused(self, server: Server) -> None:
        await make_namespace(server, warn="baseline", enforce="baseline")
        template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [container()], "hostIPC": True}}
        spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
        await server.create("replicasets", {"metadata": {"name": "r"}, "spec": spec}, namespace="secured")
        (warning,) = server.warnings
        assert warning == ('would violate PodSecurity "baseline:latest": host namespaces (hostIPC=true)')

    async def test_an_update_that_changes_nothing_of_it(self, server: Server) -> None:
        await make_namespace(server)
        await server.create("pods", pod("p", automountServiceAccountToken=False), namespace="secured")
        path = "/api/v1/namespaces/secured"
        headers = {"content-type": "application/merge-patch+json"}
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        await server.request("PATCH", path, json={"metadata": {"labels": labels}}, headers=headers)
        first, second = server.warnings
        assert first == (
            'existing pods in namespace "secured" violate the new PodSecurity enforce level "restricted:latest"'
        )
        assert second == (
            "p: allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile"
        )
        image = {"spec": {"containers": [{**container(), "image": "other:v1"}]}}
        await server.request("PATCH", f"{path}/pods/p", json=image, headers=headers)
        annotated = {"metadata": {"annotations": {"a": "b"}}}
        await server.request("PATCH", f"{path}/pods/p", json=annotated, headers=headers, code=403)

    @pytest.mark.parametrize(
        ("labels", "why"),
        [
            pytest.param(
                {"enforce": "strict"},
                'metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of '
                "privileged, baseline, restricted",
                id="level",
            ),
            pytest.param(
                {"warn_version": "1.30"},
                'metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.30": must be "latest" or '
                '"v1.x"',
                id="version",
            ),
        ],
    )
    async def test_labels_that_mean_nothing(self, server: Server, labels: dict[str, str], why: str) -> None:
        given = {f"pod-security.kubernetes.io/{key.replace('_', '-')}": value for key, value in labels.items()}
        status = await server.create("namespaces", {"metadata": {"name": "n", "labels": given}}, code=422)
        assert status["message"] == f'Namespace "n" is invalid: {why}'
