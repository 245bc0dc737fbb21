"""Killing containers over HTTP."""

import httpx
import pytest

from apimachinery.errors import BadRequest
from kubelet.server.kill import exit_code, signal_number
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Rig


@pytest.mark.parametrize(
    ("text", "number"),
    [("", 9), ("TERM", 15), ("SIGTERM", 15), ("sigint", 2), ("9", 9), ("64", 64)],
)
def test_signals(text: str, number: int) -> None:
    assert signal_number(text) == number


@pytest.mark.parametrize("text", ["0", "65", "-9", "NONSENSE", "_IGN", "99999999999999999999"])
def test_what_is_no_signal(text: str) -> None:
    with pytest.raises(BadRequest, match="is not a signal"):
        signal_number(text)


@pytest.mark.parametrize("text", ["256", "-1", "x", "1.5"])
def test_what_is_no_exit_code(text: str) -> None:
    with pytest.raises(BadRequest):
        exit_code(text)


async def test_a_container_is_killed_and_restarted(rig: Rig, http: httpx.AsyncClient) -> None:
    """S17: with the exit code that was asked for."""
    pod = make_pod(container("web", image="idle"), container("db", image="idle"), name="p")
    await rig.add(pod)
    answer = await http.post("/debug/kill/default/p/web", params={"exitCode": 42})
    assert (answer.status_code, answer.json()["status"]) == (200, "Success")
    await rig.settle()
    await rig.clock.advance(11)
    await rig.settle()
    last = rig.container(pod).last_state.terminated
    assert last is not None
    assert (last.exit_code, last.reason, rig.container(pod).restart_count) == (42, "Error", 1)
    assert rig.container(pod, "db").restart_count == 0


async def test_killing_the_pause_container_restarts_the_pod(rig: Rig, http: httpx.AsyncClient) -> None:
    """S2: a new sandbox, and every container again."""
    pod = make_pod(container("web", image="idle"), container("db", image="idle"), name="p")
    await rig.add(pod)
    before = rig.status(pod).pod_ip
    assert (await http.post("/debug/kill/default/p/pause", params={"signal": "SIGTERM"})).status_code == 200
    await rig.settle()
    await rig.clock.advance(11)
    await rig.settle()
    assert [rig.container(pod, name).restart_count for name in ("web", "db")] == [1, 1]
    assert rig.status(pod).pod_ip != before
    assert "SandboxChanged" in rig.reasons()


async def test_what_is_refused(rig: Rig, http: httpx.AsyncClient) -> None:
    await rig.add(make_pod(container("web", image="ends"), name="p", policy="Never"))
    for path, code, message in (
        ("default/q/web", 404, 'pods "q" not found'),
        ("default/p/db", 404, 'container "db" not found in pod "p"'),
        ("default/p/web?signal=LOUD", 400, '"LOUD" is not a signal'),
        ("default/p/web?exitCode=300", 400, "exitCode must be between 0 and 255, not 300"),
        ("default/p/web", 409, 'container "web" in pod "p" is not running'),
    ):
        answer = await http.post(f"/debug/kill/{path}")
        status = answer.json()
        assert (answer.status_code, status["kind"], status["code"], status["message"]) == (
            code,
            "Status",
            code,
            message,
        )
