"""What ``resize`` and ``ephemeralcontainers`` may change of a pod."""

import copy
from typing import Any

import pytest

from apimachinery.pod_defaults import default_pod, qos_class
from apiserver.validation.pod_subresources import validate_ephemeral_containers, validate_resize
from tests.apiserver.validation.causes import lines

JSONObject = dict[str, Any]


def pod(container_resources: JSONObject, metadata: JSONObject | None = None, **spec: Any) -> JSONObject:
    container = {"name": "c", "image": "a:1", "resources": container_resources}
    made = {"metadata": {"name": "p", **(metadata or {})}, "spec": {"containers": [container], **spec}}
    default_pod(made)
    made["status"] = {"qosClass": qos_class(made)}
    return copy.deepcopy(made)


SMALL: JSONObject = {"requests": {"cpu": "1"}}


def init(policy: JSONObject, cpu: str) -> JSONObject:
    return {"initContainers": [{"name": "i", "image": "a:1", "resources": {"requests": {"cpu": cpu}}, **policy}]}


SIDECAR = {"restartPolicy": "Always"}


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        pytest.param(pod(SMALL), pod({"requests": {"cpu": "2"}}), "", id="more"),
        pytest.param(pod(SMALL), pod({"requests": {"cpu": "1", "memory": "1Gi"}}), "", id="memory too"),
        pytest.param(pod(SMALL, **init(SIDECAR, "1")), pod(SMALL, **init(SIDECAR, "2")), "", id="sidecar"),
        pytest.param(
            pod({}, resources={"requests": {"cpu": "1"}}), pod({}, resources={"requests": {"cpu": "2"}}), "", id="whole"
        ),
        pytest.param(
            pod({"requests": {"cpu": "1", "memory": "1Gi"}}),
            pod(SMALL),
            "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed",
            id="removed",
        ),
        pytest.param(
            pod(SMALL),
            pod({**SMALL, "limits": {"example.com/gpu": "1"}, "requests": {"cpu": "1", "example.com/gpu": "1"}}),
            "spec: Forbidden: only cpu and memory resources are mutable",
            id="another resource",
        ),
        pytest.param(
            pod(SMALL),
            pod({"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "1Gi"}}),
            'spec: Invalid value: "Guaranteed": Pod QOS Class may not change as a result of resizing',
            id="class of service",
        ),
        pytest.param(
            pod(SMALL, **init({}, "1")),
            pod(SMALL, **init({}, "2")),
            "spec: Forbidden: resources for non-sidecar init containers are immutable",
            id="init container",
        ),
        pytest.param(
            pod(SMALL, {"annotations": {"kubernetes.io/config.mirror": "x"}}),
            pod(SMALL),
            ": Forbidden: static pods cannot be resized",
            id="static",
        ),
        pytest.param(
            pod(SMALL, os={"name": "windows"}), pod(SMALL), ": Forbidden: windows pods cannot be resized", id="windows"
        ),
    ],
)
def test_resize(old: JSONObject, new: JSONObject, line: str) -> None:
    assert lines(validate_resize(new, old)) == ([line] if line else [])


def test_how_a_resize_is_done_is_not_resized() -> None:
    old, new = pod(SMALL), pod(SMALL)
    new["spec"]["containers"][0]["resizePolicy"] = [{"resourceName": "cpu", "restartPolicy": "RestartContainer"}]
    assert lines(validate_resize(new, old)) == ["spec: Forbidden: only cpu and memory resources are mutable"]


def added(*containers: JSONObject, **metadata: Any) -> JSONObject:
    return pod(SMALL, metadata, ephemeralContainers=list(containers))


LOOK = {"name": "look", "image": "a:1"}


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        pytest.param(added(LOOK), added({"name": "more", "image": "a:1"}, LOOK), "", id="one more"),
        pytest.param(
            added(LOOK),
            added({**LOOK, "image": "b:1"}),
            'spec.ephemeralContainers: Forbidden: existing ephemeral containers "look" may not be changed\n',
            id="changed",
        ),
        pytest.param(
            added(LOOK),
            added(),
            'spec.ephemeralContainers: Forbidden: existing ephemeral containers "look" may not be removed\n',
            id="removed",
        ),
        pytest.param(
            added(annotations={"kubernetes.io/config.mirror": "x"}),
            added(LOOK),
            ": Forbidden: static pods do not support ephemeral containers",
            id="static",
        ),
    ],
)
def test_ephemeral_containers(old: JSONObject, new: JSONObject, line: str) -> None:
    assert lines(validate_ephemeral_containers(new, old)) == ([line] if line else [])
