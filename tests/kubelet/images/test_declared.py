"""Images described without code: what containers of them do, and what is refused of such a description."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from kubelet.fake.image import parse_reference
from kubelet.images.builtin import catalogue
from kubelet.images.datagrams import DatagramClient
from kubelet.images.declared.files import BadImageFile, load_images
from kubelet.images.declared.image import BadImage, named_image
from kubelet.runtime import ContainerState, ImagePullFailed
from tests.kubelet.images.node import Node

EXAMPLES = Path(__file__).parents[3] / "examples" / "images"


def declare(node: Node, **spec: Any) -> None:
    """Have the node know an image ``app`` that is as its spec says."""
    found = {
        "apiVersion": "fakeimages.kubemu.io/v1alpha1",
        "kind": "FakeImage",
        "metadata": {"name": "app"},
        "spec": spec,
    }
    node.images.put("test", [named_image(found)])


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        pytest.param("GET", "/", 200, "root", id="root"),
        pytest.param("GET", "/elsewhere", 200, "root", id="below the root"),
        pytest.param("GET", "/a/b", 200, "below a", id="longest"),
        pytest.param("GET", "/a", 200, "root", id="not below a"),
        pytest.param("GET", "/exact", 503, "exact", id="status"),
        pytest.param("POST", "/exact", 201, "made", id="method"),
        pytest.param("GET", "/exact/not", 200, "root", id="exact only"),
        pytest.param("HEAD", "/exact", 503, "", id="head"),
    ],
)
async def test_answers(node: Node, browser: httpx.AsyncClient, method: str, path: str, status: int, body: str) -> None:
    """HEAD is answered as GET is, where no method is asked for."""
    answers = [
        {"body": "root"},
        {"path": "/a/", "body": "below a"},
        {"path": "/exact", "method": "POST", "status": 201, "body": "made"},
        {"path": "/exact", "status": 503, "body": "exact", "headers": {"X-Mine": "yes", "content-type": "text/html"}},
    ]
    declare(node, ports=[{"port": 8080, "http": answers}])
    started = await node.start("app")
    answer = await browser.request(method, node.url(started, path, 8080))
    assert (answer.status_code, answer.text) == (status, body)
    if status == 503:
        assert (answer.headers["X-Mine"], answer.headers["Content-Type"]) == ("yes", "text/html")


async def test_nothing_that_fits_is_a_404(node: Node, browser: httpx.AsyncClient) -> None:
    declare(node, ports=[{"port": 8080, "http": [{"path": "/only"}]}])
    started = await node.start("app")
    assert (await browser.get(node.url(started, "/", 8080))).status_code == 404


async def test_an_answer_may_take_its_time(node: Node, browser: httpx.AsyncClient) -> None:
    declare(node, ports=[{"port": 8080, "http": [{"delay": "3s", "body": "late"}]}])
    started = await node.start("app")
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(browser.get(node.url(started, "/", 8080)))
        while not asked.done():
            await node.pass_time(1)
    assert asked.result().text == "late"


async def test_a_tcp_port_greets(node: Node) -> None:
    declare(node, ports=[{"port": 5432, "send": "hello\n"}])
    started = await node.start("app")
    reader, writer = await asyncio.open_connection(node.ip(started), 5432)
    assert await reader.readline() == b"hello\n"
    writer.close()
    await writer.wait_closed()


async def test_a_udp_port_answers(node: Node) -> None:
    declare(node, ports=[{"port": 5353, "protocol": "UDP", "send": "pong"}])
    started = await node.start("app")
    client = DatagramClient()
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: client, remote_addr=(node.ip(started), 5353)
    )
    client.send(b"ping")
    assert await client.receive() == b"pong"
    transport.close()


async def test_it_writes_lines_in_time(node: Node) -> None:
    declare(
        node,
        logs=[
            {"line": "up"},
            {"line": "late", "after": "2s", "stream": "stderr"},
            {"line": "beat", "every": "3s"},
        ],
    )
    started = await node.start("app")
    assert node.entries(started) == ["up", "beat"]
    for _ in range(6):
        await node.pass_time(1)
    assert node.entries(started) == ["up", "beat", "late", "beat", "beat"]
    assert [entry.stream for entry in node.runtime.container_log(started) if entry.line == b"late"] == ["stderr"]


async def test_it_ends_by_itself(node: Node) -> None:
    declare(node, exit={"after": "5s", "code": 3})
    started = await node.start("app")
    await node.pass_time(4)
    assert node.state(started) is ContainerState.RUNNING
    await node.pass_time(1)
    assert (await node.exited(started)).exit_code == 3


async def test_it_ends_when_told_to(node: Node) -> None:
    declare(node, exit={"after": "5s", "code": 3})
    started = await node.start("app")
    await node.runtime.stop_container(started, 30)
    assert node.runtime.container_status(started).exit_code == 0


async def test_what_is_in_it(node: Node) -> None:
    declare(
        node,
        env={"MODE": "demo"},
        files={"/etc/app.conf": "a = 1\n", "/run.sh": "#!/bin/sh\necho $MODE $1; cat /etc/app.conf; pwd; id -u\n"},
        entrypoint=["/run.sh"],
        args=["fast"],
        workingDir="/srv",
        user=1000,
        size="20Mi",
    )
    started = await node.start("app")
    await node.exited(started)
    assert node.log(started) == b"demo fast\na = 1\n/srv\n1000\n"
    assert node.runtime.list_images()[0].size == 20 * 1024 * 1024


async def test_a_start_a_usage_and_a_pull(node: Node) -> None:
    """What is left to annotations that images share with pods."""
    declare(
        node,
        startDelay="4s",
        logs=[{"line": "up"}],
        usage={"cpu": "500m", "memory": "1Mi"},
        failProbes=["readiness:1s-2s", "always"],
    )
    started = await node.start("app")
    assert node.log(started) == b""
    stats = node.runtime.container_stats(started)
    assert (stats.working_set_bytes, stats.usage_nano_cores) == (1024 * 1024, 500_000_000)
    await node.pass_time(4)
    assert node.log(started) == b"up\n"
    image = node.runtime.image_status("app")
    assert image is not None
    assert image.annotations["kubemu.io/fail-probe"] == "readiness:1s-2s,always"
    declare(node, references=["gone"], pull={"error": "denied"})
    with pytest.raises(ImagePullFailed, match="denied"):
        await node.runtime.pull_image("gone")


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        pytest.param({"ports": [{"port": 0}]}, "spec.ports[0].port: Input should be greater", id="port"),
        pytest.param({"ports": [{}]}, "spec.ports[0].port: Field required", id="missing"),
        pytest.param({"colour": "red"}, "spec.colour: Extra inputs are not permitted", id="unknown"),
        pytest.param({"startDelay": "soon"}, "spec.startDelay: String should match", id="duration"),
        pytest.param({"usage": {"memory": "lots"}}, "spec.usage.memory: String should match", id="quantity"),
        pytest.param({"failProbes": ["3s-1s"]}, "spec.failProbes[0]: must end after it begins", id="range"),
        pytest.param({"ports": [{"port": 1, "http": [{"status": 99}]}]}, "spec.ports[0].http[0].status:", id="status"),
        pytest.param({"ports": [{"port": 1, "send": "x", "http": [{}]}]}, "spec.ports[0]: http is for", id="both"),
        pytest.param({"files": {"/bin/sh/x": ""}}, "spec.files: /bin/sh/x: sh is no folder", id="files"),
        pytest.param({"exit": {"code": 256}}, "spec.exit.code:", id="exit"),
    ],
)
def test_what_is_refused(spec: dict[str, Any], problem: str) -> None:
    obj = {"apiVersion": "fakeimages.kubemu.io/v1alpha1", "kind": "FakeImage", "metadata": {"name": "a"}, "spec": spec}
    with pytest.raises(BadImage) as refused:
        named_image(obj)
    assert str(refused.value).startswith(problem)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("a: [", "while parsing", id="no yaml"),
        pytest.param("kind: Pod", "not of kind FakeImage", id="another kind"),
        pytest.param(
            "apiVersion: fakeimages.kubemu.io/v1alpha1\nkind: FakeImage\nmetadata: {name: a}\nspec: {exit: 3}\n---\n",
            "spec.exit: Input should be",
            id="field",
        ),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "images.yaml"
    file.write_text(text)
    with pytest.raises(BadImageFile) as refused:
        load_images(str(file), catalogue())
    assert str(refused.value).startswith(f"{file}: ")
    assert problem in str(refused.value)


async def test_the_examples(node: Node, browser: httpx.AsyncClient) -> None:
    """A folder of YAML and Python, as the documentation shows them."""
    load_images(str(EXAMPLES), node.images)
    shop = await node.start("example.com/shop:v7")
    assert (await browser.get(node.url(shop, "/items", 8080))).json() == ["tea", "coffee"]
    assert node.entries(shop)[0] == "shop is open"
    ticker = await node.start("example.com/ticker", name="ticker", env={"NAME": "one"})
    assert await node.output(ticker, "tick") == b"tick 1\n"
    assert (await browser.get(node.url(ticker, "/", 8080))).text == "1\n"
    assert node.entries(ticker) == ["ticker one is up"]


def test_python_that_fails_is_no_trouble_to_the_others(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "broken.py").write_text("raise RuntimeError('out of order')\n")
    (tmp_path / "empty.py").write_text("x = 1\n")
    (tmp_path / "notes.txt").write_text("not an image\n")
    (tmp_path / "fine.yaml").write_text((EXAMPLES / "shop.yaml").read_text())
    images = catalogue()
    load_images(str(tmp_path), images)
    assert "broken.py: RuntimeError: out of order" in caplog.text
    assert "empty.py: there is no image in it" in caplog.text
    assert images.find(parse_reference("example.com/shop")).env == {"SHOP_MODE": "demo"}
