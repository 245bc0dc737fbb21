"""From requests and limits to what the runtime enforces."""

from typing import Any

import pytest

from kubelet.resources import linux_resources, sandbox_resources
from kubelet.runtime import LinuxContainerResources
from tests.kubelet.builders import container, make_pod

MEBI = 1024 * 1024


@pytest.mark.parametrize(
    ("resources", "whole", "expected"),
    [
        pytest.param({}, {}, LinuxContainerResources(), id="nothing"),
        pytest.param(
            {"requests": {"cpu": "500m", "memory": "1Mi"}, "limits": {"cpu": "1", "memory": "64Mi"}},
            {},
            LinuxContainerResources(512, 100_000, 100_000, 64 * MEBI),
            id="both",
        ),
        pytest.param({"limits": {"cpu": "250m"}}, {}, LinuxContainerResources(256, 25_000), id="limit as request"),
        pytest.param({"limits": {"cpu": "1m"}}, {}, LinuxContainerResources(2, 1000), id="least quota"),
        pytest.param(
            {"requests": {"cpu": "100m"}},
            {"limits": {"cpu": "2", "memory": "1Mi"}},
            LinuxContainerResources(102, 200_000, 100_000, MEBI),
            id="the pod's limits",
        ),
        pytest.param(
            {"limits": {"memory": "1Mi"}},
            {"limits": {"memory": "2Mi"}},
            LinuxContainerResources(memory_limit_in_bytes=MEBI),
            id="its own first",
        ),
    ],
)
def test_a_containers_resources(
    resources: dict[str, Any], whole: dict[str, Any], expected: LinuxContainerResources
) -> None:
    pod = make_pod(container(resources=resources), resources=whole)
    assert linux_resources(pod, pod.spec.containers[0]) == expected


def test_a_sandboxs_resources() -> None:
    assert sandbox_resources(make_pod()) == LinuxContainerResources()
    pod = make_pod(resources={"requests": {"cpu": "1"}, "limits": {"cpu": "2", "memory": "1Mi"}})
    assert sandbox_resources(pod) == LinuxContainerResources(1024, 200_000, 100_000, MEBI)
