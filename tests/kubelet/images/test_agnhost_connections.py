"""Sub-commands of ``agnhost`` that are about single connections, and the one that asks the API server."""

import asyncio
import base64
import hashlib

import httpx
import pytest

from kubelet.fake.catalogue import NamedImage
from kubelet.images.declared.image import fake_image
from kubelet.images.declared.spec import FakeImageSpec
from kubelet.runtime import ContainerState
from tests.kubelet.images.node import Node

AGNHOST = "registry.k8s.io/e2e-test-images/agnhost:2.63.0"


async def connected(node: Node, container_id: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(*node.network.endpoint(node.ip(container_id), port))


@pytest.mark.parametrize(
    ("sent", "code", "says"),
    [
        pytest.param(b"abc", 0, b"Received expected client data\nShutting down connection\nDone\n", id="expected"),
        pytest.param(b"abd", 3, b'Expect to read "abc", but got "abd". err=<nil>\n', id="other"),
        pytest.param(b"ab", 2, b"Expected to read 3 bytes from client, but got 2 instead. err=EOF\n", id="less"),
    ],
)
async def test_port_forward_tester(node: Node, sent: bytes, code: int, says: bytes) -> None:
    wishes = {"BIND_PORT": "80", "BIND_ADDRESS": "0.0.0.0", "EXPECTED_CLIENT_DATA": "abc"}
    chunks = {"CHUNKS": "3", "CHUNK_SIZE": "2", "CHUNK_INTERVAL": "1000"}
    started = await node.start(AGNHOST, "port-forward-tester", env={**wishes, **chunks})
    reader, writer = await connected(node, started, 80)
    writer.write(sent)
    writer.write_eof()
    await node.until(lambda: node.log(started).count(b"\n") > 1)
    await node.pass_time(1)
    await node.pass_time(1)
    await node.pass_time(1)
    assert await reader.read() == (b"xxxxxx" if code == 0 else b"")
    assert (await node.exited(started)).exit_code == code
    assert node.log(started) == b"Accepted client connection\n" + says
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    ("env", "says"),
    [
        pytest.param({}, b"Error resolving: lookup tcp/: unknown port\n", id="no-port"),
    ],
)
async def test_port_forward_tester_needs_a_port(node: Node, env: dict[str, str], says: bytes) -> None:
    started = await node.start(AGNHOST, "port-forward-tester", env=env)
    assert (await node.exited(started)).exit_code == 1
    assert node.log(started) == says


async def test_net_closes_its_half(node: Node) -> None:
    """The client sees the end, waits, and ends well; both say so."""
    options = '{"LocalAddr": "0.0.0.0:9999", "PostFinTimeoutSeconds": 60}'
    server = await node.start(AGNHOST, "net", "--runner", "nat-closewait-server", "--options", options)
    wishes = f'{{"RemoteAddr": "{node.ip(server)}:9999", "PostFinTimeoutSeconds": 5, "TimeoutSeconds": 10}}'
    client = await node.start(AGNHOST, "net", "--runner", "nat-closewait-client", "--options", wishes, name="client")
    while node.runtime.container_status(client).state is ContainerState.RUNNING:
        await node.pass_time(1)
    assert node.runtime.container_status(client).exit_code == 0
    said = node.log(client).decode()
    assert said.startswith("output:\n\n# closewait.go: Connected to server\n")
    assert said.endswith("Server has half-closed the connection, waiting 5 seconds\n# closewait.go: Done\n")
    await node.pass_time(60)
    assert (await node.exited(server)).exit_code == 0
    assert b"# closewait.go: Client connected\n" in node.log(server)


async def test_net_is_told_over_http(node: Node, browser: httpx.AsyncClient) -> None:
    server = await node.start(AGNHOST, "net", "--serve", ":8889", "--delay-shutdown", "3")
    asked = await browser.post(node.url(server, "/run/nothing", 8889), content=b"{}")
    assert (asked.status_code, "Invalid runner: 'nothing'" in asked.text) == (500, True)
    asked = await browser.post(node.url(server, "/run/nat-closewait-client", 8889), content=b"[")
    assert "Invalid options JSON" in asked.text
    asked = await browser.post(
        node.url(server, "/run/nat-closewait-client", 8889), content=b'{"RemoteAddr": "127.0.0.1:1"}'
    )
    assert "connection refused" in asked.text
    assert (await browser.post(node.url(server, "/run", 8889))).status_code == 404
    async with asyncio.TaskGroup() as group:
        stopping = group.create_task(node.runtime.stop_container(server, 30), name="stop")
        await node.pass_time(4)
        await stopping
    assert node.runtime.container_status(server).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param((), b"Must set either --runner or --serve", id="nothing"),
        pytest.param(("--runner", "x"), b"Invalid runner: 'x'", id="unknown"),
        pytest.param(("--serve", "here"), b"missing port in address", id="no-port"),
    ],
)
async def test_net_refuses(node: Node, arguments: tuple[str, ...], says: bytes) -> None:
    started = await node.start(AGNHOST, "net", *arguments)
    assert (await node.exited(started)).exit_code == 1
    assert says in node.log(started)


async def test_inclusterclient_tells_which_token_it_sends(node: Node) -> None:
    """As upstream's test of token rotation reads it: a new token shows as another hash, a failure as such."""
    server = {"ports": [{"port": 8080, "http": [{"path": "/healthz", "body": "ok"}]}]}
    node.images.put("api", [NamedImage(["api"], fake_image(FakeImageSpec.model_validate(server)))])
    api = await node.start("api", name="api")
    env = {"KUBERNETES_SERVICE_HOST": node.ip(api), "KUBERNETES_SERVICE_PORT": "8080"}
    write = "mkdir -p $0; echo one > $0/token; exec /agnhost inclusterclient --poll-interval 5"
    started = await node.start(AGNHOST, name="client", env=env)
    account = "/var/run/secrets/kubernetes.io/serviceaccount"
    async with asyncio.TaskGroup() as group:
        running = group.create_task(
            node.runtime.exec_sync(started, ["sh", "-c", f"({write}) > /said 2>&1", account], None), name="exec"
        )

        async def said() -> str:
            return (await node.output(started, "sh", "-c", "cat /said 2>/dev/null; true")).decode()

        async def after(seconds: int, text: str) -> str:
            await node.pass_time(seconds)
            async with asyncio.timeout(30):
                while text not in (found := await said()):
                    await node.pass_time(0)
            return found

        for token in ("one", "two"):
            await node.output(started, "sh", "-c", f"mkdir -p {account}; echo {token} > {account}/token")
            digest = hashlib.sha256(f"salt|Bearer {token}".encode()).digest()
            text = await after(5, f"authz_header={base64.urlsafe_b64encode(digest).decode().rstrip('=')}\n")
            assert "status=failed" not in text
        await node.runtime.stop_container(api, 0)
        await after(5, "status=failed")
        await node.runtime.stop_container(started, 0)
        await running


async def test_inclusterclient_needs_a_cluster(node: Node) -> None:
    started = await node.start(AGNHOST, "inclusterclient")
    assert (await node.exited(started)).exit_code == 1
    assert b"KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined" in node.log(started)
