"""Exec, attach, copying and port-forward as people use them: with kubectl, and with the Python clients' own ways."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import kubernetes
import pytest
from kubernetes.stream import portforward, stream

from tests.live import Cluster
from tests.live.addresses import own_range
from tests.live.node import NodeRig, ready_node, start_kubelet
from tests.live.processes import Kubectl, require_kubectl

NODE = "node-1"
CIDR = own_range(28)


@pytest.fixture(scope="module")
def nodes() -> Iterator[Cluster]:
    cluster = Cluster()
    start_kubelet(cluster, NODE)
    yield cluster
    cluster.stop()


@pytest.fixture
async def rig(nodes: Cluster) -> AsyncIterator[NodeRig]:
    async with ready_node(nodes, NODE, CIDR) as ready:
        yield ready


@pytest.fixture
def kubectl(nodes: Cluster, tmp_path: Path) -> Kubectl:
    require_kubectl()
    return Kubectl(nodes.url, tmp_path)


@pytest.fixture
async def web(rig: NodeRig) -> str:
    """The name of a pod with a web server and a shell."""
    try:
        await rig.get("web")
    except Exception:
        await rig.create("web", {"name": "nginx", "image": "nginx", "ports": [{"containerPort": 80}]})
    await rig.until_ready("web")
    return "web"


async def test_kubectl_exec(kubectl: Kubectl, web: str) -> None:
    """S8, S34: output, errors, exit codes and input."""
    run = asyncio.to_thread
    assert await run(kubectl.run, "exec", web, "--", "sh", "-c", "echo $HOSTNAME; pwd") == "web\n/\n"
    script = "echo out; echo err >&2; exit 3"
    shown = await run(kubectl.run, "exec", web, "--", "sh", "-c", script, status=3)
    assert sorted(shown.splitlines()) == ["command terminated with exit code 3", "err", "out"]
    assert await run(kubectl.run, "exec", "-i", web, "--", "wc", "-c", stdin="x" * 300_000) == "300000\n"
    assert "executable file not found" in await run(kubectl.run, "exec", web, "--", "nope", status=1)
    assert "container nope is not valid for pod web" in await run(
        kubectl.run, "exec", web, "-c", "nope", "--", "ls", status=1
    )
    assert 'pods "none" not found' in await run(kubectl.run, "exec", "none", "--", "ls", status=1)


async def test_a_shell_on_a_terminal(kubectl: Kubectl, web: str) -> None:
    def talk() -> int:
        with kubectl.terminal("exec", "-it", web, "--", "sh") as terminal:
            terminal.until("/ # ")
            terminal.type("cd /tmp && echo $TERM\r")
            assert terminal.until("/tmp # ") == "cd /tmp && echo $TERM\r\nxterm\r\n/tmp # "
            terminal.type("sleep 1000\r")
            terminal.until("sleep 1000\r\n")
            terminal.type("\x03")
            terminal.until("/tmp # ")
            terminal.type("exit 4\r")
            terminal.until("exit code 4")
            return terminal.wait()

    assert await asyncio.to_thread(talk) == 4


async def test_run_and_attach(kubectl: Kubectl, rig: NodeRig) -> None:
    """``kubectl run -it`` attaches to a shell that is the container; leaving it ends the pod."""
    await rig.client.request("GET", "/api/v1/namespaces/default")

    def talk() -> int:
        overrides = f'{{"spec":{{"nodeName":"{NODE}"}}}}'
        arguments = (
            "run",
            "-it",
            "typed",
            "--image=busybox",
            "--restart=Never",
            f"--overrides={overrides}",
            "--",
            "sh",
        )
        with kubectl.terminal(*arguments) as terminal:
            terminal.until("If you don't see a command prompt, try pressing enter.")
            terminal.type("\r")
            terminal.until("/ # ")
            terminal.type("echo I am $HOSTNAME\r")
            terminal.until("I am typed\r\n")
            terminal.type("exit\r")
            return terminal.wait()

    assert await asyncio.to_thread(talk) == 0
    await rig.until_phase("typed", "Succeeded")
    # On a terminal, what was typed and echoed is output as well.
    assert "I am typed" in await asyncio.to_thread(kubectl.run, "logs", "typed")


async def test_attach_to_a_container_that_listens(kubectl: Kubectl, rig: NodeRig) -> None:
    script = "while read line; do echo heard $line; test $line = stop && exit 0; done"
    container = {"name": "ear", "image": "busybox", "command": ["sh", "-c", script], "stdin": True}
    await rig.create("ear", container, restartPolicy="Never")
    await rig.until_ready("ear")
    assert "heard a\n" in await asyncio.to_thread(kubectl.run, "attach", "-i", "ear", stdin="a\nstop\n")
    await rig.until_phase("ear", "Succeeded")


async def test_port_forward(kubectl: Kubectl, web: str) -> None:
    forwarding = kubectl.start("port-forward", f"pod/{web}", ":80", ":81")
    try:
        port = forwarding.wait_for_line(r"Forwarding from 127\.0\.0\.1:(\d+) -> 80", stream="stdout")[1]
        closed = forwarding.wait_for_line(r"Forwarding from 127\.0\.0\.1:(\d+) -> 81", stream="stdout")[1]
        async with httpx.AsyncClient(verify=False, trust_env=False) as http:
            for _ in range(3):
                assert "Welcome to nginx" in (await http.get(f"http://127.0.0.1:{port}/")).text
            answers = await asyncio.gather(*(http.get(f"http://127.0.0.1:{port}/{i}") for i in range(20)))
            assert {answer.status_code for answer in answers} == {404}
            with pytest.raises(httpx.TransportError):
                await http.get(f"http://127.0.0.1:{closed}/")
        forwarding.wait_for_line("connection refused")
    finally:
        forwarding.send_signal(signal.SIGINT)
        forwarding.wait()


@pytest.mark.parametrize("websockets", ["true", "false"], ids=["websocket", "spdy"])
async def test_both_ways_of_kubectl(
    kubectl: Kubectl, web: str, websockets: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older clients upgrade to SPDY, and newer ones fall back to it."""
    monkeypatch.setenv("KUBECTL_REMOTE_COMMAND_WEBSOCKETS", websockets)
    monkeypatch.setenv("KUBECTL_PORT_FORWARD_WEBSOCKETS", websockets)
    shown = await asyncio.to_thread(
        kubectl.run, "exec", "-i", web, "--", "sh", "-c", "cat; exit 7", stdin="hi\n", status=7
    )
    assert shown == "hi\ncommand terminated with exit code 7\n"
    forwarding = kubectl.start("port-forward", f"pod/{web}", ":80")
    try:
        port = forwarding.wait_for_line(r"Forwarding from 127\.0\.0\.1:(\d+) -> 80", stream="stdout")[1]
        async with httpx.AsyncClient(verify=False, trust_env=False) as http:
            assert "Welcome to nginx" in (await http.get(f"http://127.0.0.1:{port}/")).text
    finally:
        forwarding.send_signal(signal.SIGINT)
        forwarding.wait()


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # The client leaves its sockets to the collector.
async def test_the_python_client(nodes: Cluster, web: str) -> None:
    """As in the examples of the ``kubernetes`` package: exec, an interactive one, and port-forward."""

    def use() -> None:
        configuration = kubernetes.client.Configuration(host=nodes.url)
        with kubernetes.client.ApiClient(configuration) as api:
            core = kubernetes.client.CoreV1Api(api)
            connect = core.connect_get_namespaced_pod_exec
            command = ["sh", "-c", "echo out; echo err >&2"]
            output = stream(connect, web, "default", command=command, stderr=True, stdin=False, stdout=True, tty=False)
            assert sorted(output.splitlines()) == ["err", "out"]
            talk = stream(
                connect,
                web,
                "default",
                command=["cat"],
                stderr=True,
                stdin=True,
                stdout=True,
                tty=False,
                _preload_content=False,
            )
            talk.write_stdin("hello\n")
            assert talk.readline_stdout(timeout=10) == "hello"
            talk.close()
            forward = portforward(core.connect_get_namespaced_pod_portforward, web, "default", ports="80")
            socket = forward.socket(80)
            socket.setblocking(True)
            socket.sendall(b"GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n")
            answer = b""
            while more := socket.recv(65536):
                answer += more
            socket.close()
            assert forward.error(80) is None
            assert b"Welcome to nginx" in answer

    await asyncio.to_thread(use)
    gc.collect()


async def test_a_completed_pod_is_not_looked_into(kubectl: Kubectl, rig: NodeRig) -> None:
    container = {"name": "done", "image": "busybox", "command": ["true"]}
    await rig.create("done", container, restartPolicy="Never")
    await rig.until_phase("done", "Succeeded")
    shown = await asyncio.to_thread(kubectl.run, "exec", "done", "--", "ls", status=1)
    assert "cannot exec into a container in a completed pod; current phase is Succeeded" in shown
