import pytest

from apimachinery.types.pod import Pod
from controller_manager.statefulset.health import is_healthy
from tests.controller_manager.builders import NOW
from tests.controller_manager.statefulset.objects import set_pod


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        pytest.param(set_pod(0, ready_for=10), True, id="ready-for-long-enough"),
        pytest.param(set_pod(0, ready_for=9), False, id="not-for-long-enough"),
        pytest.param(set_pod(0, ready_for=None), False, id="not-ready"),
        pytest.param(set_pod(0, phase="Pending"), False, id="not-running"),
        pytest.param(set_pod(0, deleting=True), False, id="going"),
    ],
)
def test_healthy(pod: Pod, expected: bool) -> None:
    assert is_healthy(pod, 10, NOW) is expected
