"""What is said of a pod's way."""

from typing import Any

import pytest

from apimachinery.types.pod import Pod
from kubemu.demo.journey import Journey, elapsed, probed_url, why


def pod(*, node: str = "", running: int = 0, ready: bool = False, probe: dict[str, Any] | None = None) -> Pod:
    container: dict[str, Any] = {"name": "web", "ports": [{"name": "http", "containerPort": 8080}]}
    if probe is not None:
        container["readinessProbe"] = {"httpGet": probe}
    status = {"name": "web", "ready": ready, "restartCount": 0, "image": "", "imageID": ""}
    status["state"] = {"running": {}} if running else {}
    return Pod.model_validate({
        "metadata": {"name": "web"},
        "spec": {"nodeName": node, "containers": [container]},
        "status": {
            "phase": "Running" if running else "Pending",
            "podIP": "127.128.0.2",
            "containerStatuses": [status],
            "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
        },
    })


def test_each_state_keeps_its_first_moment() -> None:
    journey = Journey("web", 1.0)
    journey.see(pod(), 1.0)
    assert (journey.scheduled, journey.started, journey.ready) == (None, None, None)
    journey.see(pod(node="n1"), 2.0)
    journey.see(pod(node="n1", running=1), 3.0)
    journey.see(pod(node="n1", running=1, ready=True), 4.0)
    journey.see(pod(node="n1", running=1, ready=True), 5.0)
    assert (journey.scheduled, journey.started, journey.ready) == (2.0, 3.0, 4.0)
    assert (journey.node, journey.containers, journey.phase) == ("n1", "1/1", "Running")


def test_elapsed() -> None:
    assert elapsed(1.0, 1.0425) == "+42 ms"
    assert elapsed(1.0, None) == "…"


@pytest.mark.parametrize(
    ("probe", "url"),
    [
        pytest.param(None, "", id="no probe"),
        pytest.param({"path": "/x", "port": "http"}, "http://127.128.0.2:8080/x", id="named port"),
        pytest.param({"path": "/", "port": 80}, "http://127.128.0.2/", id="port 80"),
    ],
)
def test_probed_url(probe: dict[str, Any] | None, url: str) -> None:
    assert probed_url(pod(probe=probe)) == url


@pytest.mark.parametrize(
    ("totals", "said"),
    [
        pytest.param({"a": 3, "b": 2}, "2 of 2 nodes fitted; score 3 against b 2", id="best"),
        pytest.param({"a": 3, "b": 3}, "2 of 2 nodes fitted; score 3 against b 3, chosen among equals", id="tie"),
        pytest.param({"a": 3, "b": None}, "1 of 2 nodes fitted", id="only one"),
    ],
)
def test_why(totals: dict[str, int | None], said: str) -> None:
    nodes = [{"name": name} | ({} if total is None else {"total": total}) for name, total in totals.items()]
    assert why({"nodes": nodes}, "a") == said


def test_an_unknown_decision_says_nothing() -> None:
    assert why(None, "a") == ""
