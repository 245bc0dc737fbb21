"""``kubemu apply``, ``get``, ``logs``, ``kill`` and ``reset``, against one cluster."""

import json
import re
import socket
from typing import Any

import pytest

from kubemu.objects.server import Server
from tests.kubemu.commands.clusters import SECONDS, Kubemu
from tests.live.waiting import eventually

POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"
    "spec: {containers: [{name: web, image: busybox, command: [sh, -c, echo hello; sleep 1000]}]}\n"
)


def pod(cluster: Kubemu, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cluster.run("get", "pod", name, "-o", "json"))
    return found


async def until_ready(cluster: Kubemu, name: str, *, restarts: int = 0) -> None:
    async def ready() -> bool:
        status = pod(cluster, name)["status"]
        containers = status.get("containerStatuses", [])
        return (
            bool(containers)
            and all(each["ready"] for each in containers)
            and (sum(each["restartCount"] for each in containers) >= restarts)
        )

    await eventually(ready, timeout=SECONDS)


async def test_a_pod_from_file_to_reset(cluster: Kubemu) -> None:
    """S8, S17: what is applied runs, is seen, is killed and comes back, and is gone after a reset."""
    assert cluster.run("apply", "-f", "-", stdin=POD) == "pod/web created\n"
    assert cluster.run("apply", "-f", "-", stdin=POD.replace("{name: web}", "{name: web, labels: {a: b}}")) == (
        "pod/web configured\n"
    )
    await until_ready(cluster, "web")
    assert re.search(r"^NAME +READY +STATUS.*\nweb +1/1 +Running", cluster.run("get", "po"))
    assert "node-0" in cluster.run("get", "pods", "-A", "-l", "a=b", "-o", "wide")
    assert cluster.run("get", "pod/web", "-o", "name") == "pod/web\n"
    assert "kind: Pod" in cluster.run("get", "pod", "web", "-o", "yaml")
    assert cluster.run("logs", "web", "--tail", "5") == "hello\n"
    assert cluster.run("kill", "web", "--exit-code", "7") == "pod/web: web got KILL\n"
    await until_ready(cluster, "web", restarts=1)
    state = pod(cluster, "web")["status"]["containerStatuses"][0]["lastState"]
    assert state["terminated"]["exitCode"] == 7
    assert re.fullmatch(r"\d+ objects removed, \d+ put back\n", cluster.run("reset"))
    assert cluster.run("get", "pods") == "No resources found in default namespace.\n"


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (("get", "foo"), 1, """Error: the server doesn't have a resource type "foo\""""),
        (("get", "pod", "nobody"), 1, 'Error: pods "nobody" not found'),
        (("logs", "nobody"), 1, 'Error: pods "nobody" not found'),
        (("kill", "nobody"), 1, 'Error: pods "nobody" not found'),
        (("get", "pods", "--name", "other"), 1, "Error: no cluster other runs (default does)"),
        (("get", "pods", "web", "-A"), 2, "an object has one name"),
        (("apply", "-f", "gone.yaml"), 2, "'gone.yaml' does not exist"),
        (("frobnicate",), 2, "No such command"),
    ],
)
def test_what_goes_wrong_is_told_in_a_line(cluster: Kubemu, args: tuple[str, ...], status: int, said: str) -> None:
    output = cluster.run(*args, status=status)
    assert said in output
    assert "Traceback" not in output


def test_a_server_that_is_not_there_is_told_in_a_line(cluster: Kubemu) -> None:
    # Bound, so that nobody else takes it, and not listened on.
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert cluster.run("get", "pods", "--server", url, status=1).startswith(
            f"Error: cannot reach the server at {url}"
        )


def test_an_object_that_is_refused_is_told_with_its_file(cluster: Kubemu) -> None:
    output = cluster.run("apply", "-f", "-", stdin=POD.replace("image: busybox", "image: ''"), status=1)
    assert output.startswith("Error: -: ")
    assert "spec.containers[0].image" in output


async def test_controllers_leave_nothing_after_a_reset(cluster: Kubemu) -> None:
    """What owners have made goes with them, in the midst of being made too, and does not come back."""
    deployment = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 30, selector: {matchLabels: "
        "{a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: web, image: nginx}]}}}\n"
    )
    url = json.loads(cluster.run("status", "-o", "json"))[0]["server"]
    with Server(url) as server:

        def pods() -> int:
            return len(server.ask("GET", "/api/v1/namespaces/default/pods").json()["items"])

        cluster.run("apply", "-f", "-", stdin=deployment)

        async def some() -> bool:
            return pods() > 3

        await eventually(some, timeout=SECONDS)
        server.ask("POST", "/debug/reset")
        assert pods() == 0
        # A second one finds nothing that was made after the first.
        assert server.ask("POST", "/debug/reset").json()["removed"] == 0
