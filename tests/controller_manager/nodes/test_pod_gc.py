from typing import Any

import pytest

from apimachinery.types.core import Node
from controller_manager.nodes.pod_gc import Fate, fate, surplus
from tests.controller_manager.builders import pod
from tests.controller_manager.nodes.objects import node

OUT = "node.kubernetes.io/out-of-service:NoExecute"


@pytest.mark.parametrize(
    ("more", "its_node", "becomes"),
    [
        pytest.param({}, None, Fate.STAYS, id="waits for a node"),
        pytest.param({"deleting": True}, None, Fate.REMOVED, id="needs no node any more"),
        pytest.param({"node": "n1"}, node(), Fate.STAYS, id="runs"),
        pytest.param({"node": "n1"}, None, Fate.ORPHANED, id="its node is gone"),
        pytest.param({"node": "n1", "deleting": True}, node(ready="Unknown"), Fate.STAYS, id="its node may come back"),
        pytest.param({"node": "n1", "deleting": True}, node(ready="False", taints=[OUT]), Fate.REMOVED, id="will not"),
        pytest.param({"node": "n1", "deleting": True}, node(taints=[OUT]), Fate.STAYS, id="is there after all"),
        pytest.param({"node": "n1"}, node(ready="False", taints=[OUT]), Fate.STAYS, id="is not to go"),
    ],
)
def test_fate(more: dict[str, Any], its_node: Node | None, becomes: Fate) -> None:
    assert fate(pod("p", **more), its_node) is becomes


@pytest.mark.parametrize(
    ("threshold", "names"),
    [
        pytest.param(0, [], id="keeps all"),
        pytest.param(4, [], id="not too many"),
        pytest.param(3, ["evicted"], id="evicted ones first"),
        pytest.param(1, ["evicted", "a", "b"], id="then the oldest"),
    ],
)
def test_surplus(threshold: int, names: list[str]) -> None:
    evicted = pod("evicted", phase="Failed")
    evicted.status.reason = "Evicted"
    ended = [pod("c", phase="Failed", age=1), pod("b", phase="Succeeded", age=9), pod("a", phase="Failed", age=9)]
    found = surplus([*ended, evicted, pod("running", age=99), pod("lost", phase="Unknown", age=99)], threshold)
    assert [entry.metadata.name for entry in found] == names
