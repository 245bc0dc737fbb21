import pytest

from scheduler.plugins.image_locality import ImageLocality
from tests.scheduler.builders import NodeBuilder, PodBuilder, make_node, make_pod, table
from tests.scheduler.plugins.verdicts import scores


def node(name: str) -> NodeBuilder:
    return make_node(name)


@pytest.mark.parametrize(
    ("pod", "nodes", "expected"),
    [
        pytest.param(
            make_pod().image("web:1"),
            (node("a").image(500, "web:1"), node("b")),
            # Half of the nodes have it, so half of it counts: 100 * (250 - 23) / (1000 - 23).
            {"a": 23, "b": 0},
            id="on-one-of-two",
        ),
        pytest.param(
            make_pod().image("web:1"),
            (node("a").image(500, "web:1"), node("b").image(500, "web:1")),
            {"a": 48, "b": 48},
            id="everywhere",
        ),
        pytest.param(
            make_pod().image("web:1"), (node("a").image(40, "web:1"), node("b")), {"a": 0, "b": 0}, id="small"
        ),
        pytest.param(make_pod().image("web:1"), (node("a").image(5000, "web:1"),), {"a": 100}, id="larger-than-counts"),
        pytest.param(make_pod().image("web"), (node("a").image(500, "web:latest"),), {"a": 48}, id="no-tag-is-latest"),
        pytest.param(
            make_pod().image("host:5000/web"), (node("a").image(500, "host:5000/web:latest"),), {"a": 48}, id="a-port"
        ),
        pytest.param(
            make_pod().image("web:1"), (node("a").image(500, "x@sha256:1", "web:1"),), {"a": 48}, id="one-of-its-names"
        ),
        pytest.param(
            make_pod().image("web:1").image("db:1"),
            (node("a").image(500, "web:1").image(500, "db:1"),),
            # Twice as much is there, and twice as much counts: 100 * (1000 - 23) / (2000 - 23).
            {"a": 49},
            id="two-images",
        ),
        pytest.param(make_pod().image("web:1"), (node("a").image(500, "db:1"),), None, id="nowhere"),
        pytest.param(make_pod().image("web:1"), (node("a").image(0, "web:1"),), None, id="no-size"),
    ],
)
def test_scores(pod: PodBuilder, nodes: tuple[NodeBuilder, ...], expected: dict[str, int] | None) -> None:
    assert scores(ImageLocality(), pod, table(*nodes)) == expected


def test_images_that_come_and_go() -> None:
    nodes, pod = table(node("a"), node("b")), make_pod().image("web:1")
    nodes.update_node(node("b").image(900, "web:1").info())
    assert scores(ImageLocality(), pod, nodes) == {"a": 0, "b": 43}
    nodes.remove_node("a")
    assert scores(ImageLocality(), pod, nodes) == {"b": 89}
    nodes.update_node(node("b").info())
    assert scores(ImageLocality(), pod, nodes) is None
