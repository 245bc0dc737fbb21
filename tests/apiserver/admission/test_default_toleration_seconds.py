"""DefaultTolerationSeconds: five minutes on a node that is lost."""

import pytest

from tests.apiserver.admission.server import JSONObject, Server
from tests.apiserver.objects import pod

NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"


def added(*keys: str) -> list[JSONObject]:
    return [{"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300} for key in keys]


@pytest.mark.parametrize(
    ("given", "more"),
    [
        pytest.param([], added(NOT_READY, UNREACHABLE), id="none given"),
        pytest.param(
            [{"key": "other", "operator": "Exists"}], added(NOT_READY, UNREACHABLE), id="one about something else"
        ),
        pytest.param(
            [{"key": NOT_READY, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 7}],
            added(UNREACHABLE),
            id="seconds of its own",
        ),
        pytest.param(
            [{"key": UNREACHABLE, "operator": "Exists", "effect": "NoSchedule"}],
            added(NOT_READY, UNREACHABLE),
            id="another effect",
        ),
        pytest.param([{"operator": "Exists"}], [], id="everything is tolerated"),
    ],
)
async def test_tolerations(server: Server, given: list[JSONObject], more: list[JSONObject]) -> None:
    created = await server.create("pods", pod("p", tolerations=given))
    assert created["spec"]["tolerations"] == given + more
