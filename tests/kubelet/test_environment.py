"""Environment variables and the downward API (S23, S24)."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubelet.environment import (
    UNREADABLE_ENV_FILE,
    ConfigError,
    NodeFacts,
    Source,
    SourceKind,
    VolumeFile,
    environment,
    expand,
    file_volumes,
    sources,
)
from tests.kubelet.builders import container, make_pod

NODE = NodeFacts(
    "node-1", "127.128.3.1", {"cpu": "4", "memory": "8Gi", "ephemeral-storage": "100Gi", "hugepages-1Gi": "2Gi"}
)

SETTINGS = Source(SourceKind.CONFIG_MAP, "settings")
PASSWORDS = Source(SourceKind.SECRET, "passwords")
VALUES = {SETTINGS: {"colour": "blue", "a=b": "odd"}, PASSWORDS: {"root": "1234"}}


FILES = {
    "good": "# comment\nA='one'\nB='two\nlines'\nEMPTY=''\n",
    "bad": "A=one\n",
    "long": f"A='{'x' * 40_000}'\n",
}


LINKS = {"WEB_SERVICE_HOST": "127.64.0.9", "WEB_SERVICE_PORT": "80"}


def read_file(volume: str, path: str) -> VolumeFile:
    if path not in FILES:
        raise ConfigError(UNREADABLE_ENV_FILE)
    return VolumeFile(f"/pods/{volume}/{path}", FILES[path].encode())


def env(*variables: dict[str, Any], links: Mapping[str, str] | None = None, **fields: Any) -> dict[str, str]:
    pod = make_pod(
        container("c", env=list(variables), **fields),
        metadata={"labels": {"app": "x"}, "annotations": {"a/b": "y"}},
        serviceAccountName="robot",
    )
    return environment(
        pod, pod.spec.containers[0], pod_ip="127.128.3.7", node=NODE, values=VALUES, read=read_file, links=links or {}
    )


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("plain", "plain"),
        ("$(A)-$(B)", "1-2"),
        ("$$(A)", "$(A)"),
        ("$$$(A)", "$1"),
        ("$(NONE)", "$(NONE)"),
        ("$A costs $5", "$A costs $5"),
        ("$(A", "$(A"),
        ("end $", "end $"),
    ],
)
def test_expand(text: str, expanded: str) -> None:
    assert expand(text, {"A": "1", "B": "2"}) == expanded


def test_a_variable_sees_those_before_it() -> None:
    found = env({"name": "A", "value": "1"}, {"name": "B", "value": "$(A)2"}, {"name": "C", "value": "$(D)"})
    assert found == {"A": "1", "B": "12", "C": "$(D)"}


def test_variables_about_services() -> None:
    """They can be referred to, and give way to what a container declares."""
    found = env(
        {"name": "URL", "value": "http://$(WEB_SERVICE_HOST):$(WEB_SERVICE_PORT)"},
        {"name": "WEB_SERVICE_PORT", "value": "8080"},
        {"name": "LATER", "value": "$(WEB_SERVICE_PORT)"},
        links=LINKS,
    )
    assert found == {
        "WEB_SERVICE_HOST": "127.64.0.9",
        "URL": "http://127.64.0.9:80",
        "WEB_SERVICE_PORT": "8080",
        "LATER": "8080",
    }


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.name", "web"),
        ("metadata.namespace", "default"),
        ("metadata.uid", "uid-web"),
        ("metadata.labels['app']", "x"),
        ("metadata.annotations['a/b']", "y"),
        ("metadata.labels['none']", ""),
        ("spec.nodeName", "node-1"),
        ("spec.serviceAccountName", "robot"),
        ("status.hostIP", "127.128.3.1"),
        ("status.hostIPs", "127.128.3.1"),
        ("status.podIP", "127.128.3.7"),
        ("status.podIPs", "127.128.3.7"),
    ],
)
def test_field_ref(path: str, value: str) -> None:
    """S23."""
    assert env({"name": "V", "valueFrom": {"fieldRef": {"fieldPath": path}}}) == {"V": value}


@pytest.mark.parametrize(
    ("resource", "divisor", "value"),
    [
        pytest.param("limits.cpu", "0", "1", id="cores are rounded up"),
        pytest.param("limits.cpu", "1m", "250", id="milli"),
        pytest.param("requests.memory", "1Mi", "64", id="mebibytes"),
        pytest.param("requests.cpu", "1m", "0", id="a request that is not set"),
        pytest.param("limits.memory", "1", str(8 * 2**30), id="an unset limit is the node's allocatable"),
        pytest.param("limits.memory", "1Gi", "8", id="gibibytes"),
        pytest.param("requests.memory", "1M", "68", id="megabytes are rounded up"),
        pytest.param("limits.ephemeral-storage", "1Gi", "100", id="a limit of nothing is no limit"),
        pytest.param("requests.ephemeral-storage", "1", "0", id="disk that is not asked for"),
        pytest.param("limits.hugepages-2Mi", "1Mi", "4", id="huge pages"),
        pytest.param("limits.hugepages-1Gi", "1", "0", id="huge pages are not taken from the node"),
    ],
)
def test_resource_field_ref(resource: str, divisor: str, value: str) -> None:
    """S24."""
    reference = {"resourceFieldRef": {"resource": resource, "divisor": divisor}}
    limits = {"cpu": "250m", "ephemeral-storage": "0", "hugepages-2Mi": "4Mi"}
    resources = {"limits": limits, "requests": {"memory": "64Mi"}}
    assert env({"name": "V", "valueFrom": reference}, resources=resources) == {"V": value}


def key(kind: str, name: str, key: str, **more: Any) -> dict[str, Any]:
    return {"name": "V", "valueFrom": {kind: {"name": name, "key": key, **more}}}


def test_values_from_config_maps_and_secrets() -> None:
    found = env(
        key("configMapKeyRef", "settings", "colour"),
        {"name": "W", "value": "$(DB_root)$(colour)"},
        envFrom=[{"configMapRef": {"name": "settings"}}, {"prefix": "DB_", "secretRef": {"name": "passwords"}}],
    )
    assert found == {"colour": "blue", "DB_root": "1234", "V": "blue", "W": "1234blue"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param({"env": [key("configMapKeyRef", "x", "k")]}, 'configmap "x" not found', id="no config map"),
        pytest.param({"env": [key("secretKeyRef", "x", "k")]}, 'secret "x" not found', id="no secret"),
        pytest.param(
            {"env": [key("configMapKeyRef", "settings", "size")]},
            "couldn't find key size in ConfigMap default/settings",
            id="no such key",
        ),
        pytest.param(
            {"env": [key("secretKeyRef", "passwords", "me")]},
            "couldn't find key me in Secret default/passwords",
            id="no such key of a secret",
        ),
        pytest.param({"envFrom": [{"secretRef": {"name": "s"}}]}, 'secret "s" not found', id="secretRef"),
        pytest.param({"envFrom": [{"configMapRef": {"name": "s"}}]}, 'configmap "s" not found', id="configMapRef"),
    ],
)
def test_a_missing_source_is_an_error(fields: dict[str, Any], message: str) -> None:
    pod = make_pod(container("c", **fields))
    with pytest.raises(ConfigError, match=message):
        environment(pod, pod.spec.containers[0], pod_ip="", node=NODE, values=VALUES, read=read_file, links={})


def test_an_optional_source_may_be_missing() -> None:
    optional = [
        key("configMapKeyRef", "x", "k", optional=True),
        key("configMapKeyRef", "settings", "size", optional=True),
    ]
    assert env(*optional, envFrom=[{"secretRef": {"name": "s", "optional": True}}]) == {}


def test_what_has_to_be_read() -> None:
    pod = make_pod(
        container(
            "c",
            env=[
                key("configMapKeyRef", "settings", "a"),
                key("secretKeyRef", "other", "b"),
                {"name": "X", "value": "y"},
            ],
            envFrom=[{"configMapRef": {"name": "settings"}}, {"secretRef": {"name": "passwords"}}],
        )
    )
    assert sources(pod.spec.containers[0]) == {SETTINGS, PASSWORDS, Source(SourceKind.SECRET, "other")}


def file_key(key: str, path: str = "good", **more: Any) -> dict[str, Any]:
    return {"name": "V", "valueFrom": {"fileKeyRef": {"volumeName": "config", "path": path, "key": key, **more}}}


def test_values_from_env_files() -> None:
    found = env(file_key("B"), {"name": "W", "value": "$(V)!"})
    assert found == {"V": "two\nlines", "W": "two\nlines!"}
    assert env(file_key("NONE", optional=True)) == {}
    assert file_volumes(make_pod(container("c", env=[file_key("B")])).spec.containers[0]) == {"config"}


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        pytest.param(
            file_key("NONE"), 'environment variable key "NONE" not found in file "/pods/config/good"', id="no such key"
        ),
        pytest.param(
            file_key("EMPTY"), 'environment variable key "EMPTY" not found in file "/pods/config/good"', id="empty"
        ),
        pytest.param(file_key("A", "bad"), "couldn't parse env file", id="bad file"),
        pytest.param(file_key("A", "none", optional=True), "couldn't parse env file", id="no file"),
        pytest.param(
            file_key("A", "long"),
            'environment variable value for key "A" exceeds maximum size of 32KB',
            id="long value",
        ),
        pytest.param(
            file_key("K" * 129),
            f'environment variable key "{"K" * 129}" exceeds maximum length of 128 characters',
            id="long key",
        ),
    ],
)
def test_an_env_file_that_cannot_be_used(variable: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as failure:
        env(variable)
    assert str(failure.value) == message


@pytest.mark.parametrize("resource", ["limits.pods", "limits", "cpu", "requests.nvidia.com/gpu"])
def test_a_resource_that_cannot_be_told(resource: str) -> None:
    """S24."""
    with pytest.raises(ConfigError, match=f"unsupported container resource : {resource}"):
        env({"name": "V", "valueFrom": {"resourceFieldRef": {"resource": resource}}})
