from typing import Any

import pytest

from apimachinery.types.pod import Toleration
from controller_manager.nodes.toleration import executing_taints, stays_for
from tests.controller_manager.nodes.objects import node


def _for(key: str, seconds: int | None = None) -> dict[str, Any]:
    return {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": seconds}


@pytest.mark.parametrize(
    ("taints", "tolerations", "seconds"),
    [
        pytest.param(["a:NoExecute"], [], 0, id="not tolerated"),
        pytest.param(["a:NoExecute"], [_for("b")], 0, id="another is"),
        pytest.param(["a:NoExecute"], [_for("a")], None, id="for ever"),
        pytest.param(["a:NoExecute"], [_for("a", 300)], 300, id="for a while"),
        pytest.param(["a:NoExecute"], [_for("a", -5)], 0, id="for less than nothing"),
        pytest.param(["a:NoExecute", "b:NoExecute"], [_for("a"), _for("b", 9)], 9, id="the shortest of both"),
        pytest.param(["a:NoExecute", "b:NoExecute"], [_for("a")], 0, id="only one of both"),
        pytest.param(["a:NoExecute"], [_for("a", 9), _for("a", 5)], 9, id="the first that fits"),
        pytest.param(["a:NoSchedule"], [], None, id="not for those who are there"),
    ],
)
def test_stay(taints: list[str], tolerations: list[dict[str, Any]], seconds: float | None) -> None:
    found = executing_taints(node(taints=taints))
    assert stays_for(found, [Toleration.model_validate(entry) for entry in tolerations]) == seconds
    assert executing_taints(None) == []
