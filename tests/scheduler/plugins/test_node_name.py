import pytest

from scheduler.plugins.node_name import NodeName
from tests.scheduler.builders import PodBuilder, make_node, make_pod, table
from tests.scheduler.plugins.verdicts import HARD, fits, rejected


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        pytest.param(make_pod(), ["a", "b"], id="no name, any node"),
        pytest.param(make_pod().node("a"), ["a"], id="the named node only"),
        pytest.param(make_pod().node("z"), [], id="a node that is not there"),
    ],
)
def test_filter(pod: PodBuilder, expected: list[str]) -> None:
    assert fits(NodeName(), pod, table(make_node("a"), make_node("b"))) == expected


def test_reason() -> None:
    verdict = rejected(NodeName(), make_pod().node("b"), table(make_node("a")))
    assert verdict == {"a": [("node(s) didn't match the requested node name", HARD)]}
