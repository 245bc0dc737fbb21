"""Which nodes a process runs, read from a file of shapes."""

from typing import Any

import pytest

from apimachinery.types.pod import Taint
from kubelet.node import capacity
from kubelet.node_shapes import BadShapes, numbered, read_shapes, shaped_nodes
from kubelet.settings import Settings

BASE = Settings("unused", node_labels={"from": "flags"}, cpu="2")


def shaped(*nodes: Any) -> list[Settings]:
    return shaped_nodes({"nodes": list(nodes)}, BASE, source="shapes.yaml")


@pytest.mark.parametrize(
    ("pattern", "index", "name"),
    [
        pytest.param("gpu-{index}", 7, "gpu-7", id="plain"),
        pytest.param("gpu-{index:03}", 7, "gpu-007", id="padded"),
        pytest.param("gpu-{index:03}", 1234, "gpu-1234", id="longer than the padding"),
        pytest.param("control-plane", 0, "control-plane", id="no number"),
    ],
)
def test_names(pattern: str, index: int, name: str) -> None:
    assert numbered(pattern, index) == name


def test_a_shape_says_all_of_a_node() -> None:
    first, second = shaped({
        "name": "gpu-{index}",
        "count": 2,
        "cpu": 8,
        "memory": "32Gi",
        "ephemeralStorage": "200Gi",
        "pods": 20,
        "labels": {"pool": "gpu"},
        "annotations": {"team": "ml"},
        "region": "r1",
        "zones": ["a", "b", "c"],
        "taints": [{"key": "gpu", "effect": "NoSchedule"}],
        "extendedResources": {"nvidia.com/gpu": 4},
        "images": ["nginx:1.27"],
    })
    assert (first.node_name, second.node_name) == ("gpu-0", "gpu-1")
    assert second.node_labels == {
        "from": "flags",
        "topology.kubernetes.io/region": "r1",
        "topology.kubernetes.io/zone": "b",
        "pool": "gpu",
    }
    assert second.node_annotations == {"team": "ml"}
    assert second.register_with_taints == (Taint(key="gpu", effect="NoSchedule"),)
    assert second.images == ("nginx:1.27",)
    assert capacity(second) == {
        "cpu": "8",
        "memory": "32Gi",
        "ephemeral-storage": "200Gi",
        "pods": "20",
        "nvidia.com/gpu": "4",
    }


def test_what_a_shape_does_not_say_is_as_the_flags_do() -> None:
    (node,) = shaped({"name": "plain"})
    assert (node.cpu, node.memory, node.max_pods) == ("2", "8Gi", 110)


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        pytest.param([], "nodes: List should have at least 1 item", id="none"),
        pytest.param([{"name": "a", "cpus": 4}], "nodes[0].cpus: Extra inputs are not permitted", id="a field unknown"),
        pytest.param([{"name": "a", "cpu": "many"}], "nodes[0].cpu: quantities must match", id="no quantity"),
        pytest.param([{"name": "a", "memory": "0"}], "nodes[0].memory: must be more than nothing", id="no memory"),
        pytest.param([{"name": "a", "count": 2}], "'a' stands for 2 nodes and has no {index}", id="one name for two"),
        pytest.param([{"name": "a"}, {"name": "a"}], "two nodes are called 'a'", id="a name twice"),
        pytest.param([{"name": "A_b"}], "'A_b' is no name for a node", id="no name"),
        pytest.param([{"name": "a", "extendedResources": {"gpu": 1}}], "'gpu' is not the name of", id="no extension"),
        pytest.param(
            [{"name": "a", "taints": [{"key": "k", "effect": "Maybe"}]}], "nodes[0].taints[0].effect", id="no effect"
        ),
    ],
)
def test_what_is_refused(nodes: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(BadShapes) as refused:
        shaped(*nodes)
    assert said in str(refused.value)
    assert "shapes.yaml" in str(refused.value)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(BadShapes, match="No such file or directory"):
        read_shapes("/no/such/file", BASE)
