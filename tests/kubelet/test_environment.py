"""Environment variables and the downward API (S23, S24)."""

from typing import Any

import pytest

from kubelet.environment import ConfigError, NodeFacts, environment, expand
from tests.kubelet.builders import container, make_pod

NODE = NodeFacts("node-1", "127.128.3.1", {"cpu": "4", "memory": "8Gi"})


def env(*variables: dict[str, Any], **fields: Any) -> dict[str, str]:
    pod = make_pod(
        container("c", env=list(variables), **fields), metadata={"labels": {"app": "x"}, "annotations": {"a/b": "y"}}
    )
    return environment(pod, pod.spec.containers[0], pod_ip="127.128.3.7", node=NODE)


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
        ("status.hostIP", "127.128.3.1"),
        ("status.podIP", "127.128.3.7"),
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
    ],
)
def test_resource_field_ref(resource: str, divisor: str, value: str) -> None:
    """S24."""
    reference = {"resourceFieldRef": {"resource": resource, "divisor": divisor}}
    resources = {"limits": {"cpu": "250m"}, "requests": {"memory": "64Mi"}}
    assert env({"name": "V", "valueFrom": reference}, resources=resources) == {"V": value}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param(
            {"env": [{"name": "V", "valueFrom": {"configMapKeyRef": {"name": "x", "key": "k"}}}]},
            'configmap "x" not found',
            id="configMapKeyRef",
        ),
        pytest.param({"envFrom": [{"secretRef": {"name": "s"}}]}, 'secret "s" not found', id="secretRef"),
    ],
)
def test_a_missing_source_is_an_error(fields: dict[str, Any], message: str) -> None:
    pod = make_pod(container("c", **fields))
    with pytest.raises(ConfigError, match=message):
        environment(pod, pod.spec.containers[0], pod_ip="", node=NODE)


def test_an_optional_source_may_be_missing() -> None:
    source = {"configMapKeyRef": {"name": "x", "key": "k", "optional": True}}
    assert env({"name": "V", "valueFrom": source}, envFrom=[{"secretRef": {"name": "s", "optional": True}}]) == {}
