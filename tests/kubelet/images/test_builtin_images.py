"""The smaller images that are built in: what each says, serves and ends with."""

import asyncio

import httpx
import pytest

from kubelet.images.catalogue import entries
from kubelet.images.interpreters import pi
from kubelet.images.stand_ins import STAND_INS
from tests.kubelet.images.node import Node

E2E = "registry.k8s.io/e2e-test-images"
PASSWORDS = {"POSTGRES_PASSWORD": "x", "MYSQL_ROOT_PASSWORD": "x", "MARIADB_ROOT_PASSWORD": "x"}


@pytest.mark.parametrize("name", sorted(entries()))
async def test_every_image_can_be_made_and_started(node: Node, name: str) -> None:
    """Whatever the registry and the tag; it runs, or ends by itself with 0, but for those that want to be told more."""
    started = await node.start(f"{E2E}/{name}:1.0-9", env=PASSWORDS)
    await node.pass_time(1)
    status = node.runtime.container_status(started)
    assert status.exit_code == {"curl": 2, "http-echo": 127, "sample-apiserver": 1}.get(name, 0), node.log(started)
    assert entries()[name].about


@pytest.mark.parametrize("name", sorted(STAND_INS))
async def test_stand_ins_listen_and_end_when_told(node: Node, name: str) -> None:
    started = await node.start(name, env=PASSWORDS)
    for port in STAND_INS[name].ports:
        _, writer = await asyncio.open_connection(node.ip(started), port)
        writer.close()
        await writer.wait_closed()
    for check, words in STAND_INS[name].checks.items():
        assert await node.output(started, check) == f"{words}\n".encode()
    assert b"{now}" not in node.log(started)
    await node.runtime.stop_container(started, 30)
    assert node.runtime.container_status(started).exit_code == 0


@pytest.mark.parametrize(
    ("image", "env", "told"),
    [
        pytest.param("postgres:18", {}, "superuser password is not specified", id="postgres"),
        pytest.param("postgres:18", {"POSTGRES_PASSWORD": ""}, "superuser password", id="an empty password"),
        pytest.param("mysql:9", {}, "- MYSQL_ROOT_PASSWORD", id="mysql"),
        pytest.param("mariadb", {}, "- MARIADB_ROOT_PASSWORD", id="mariadb"),
    ],
)
async def test_databases_want_a_password(node: Node, image: str, env: dict[str, str], told: str) -> None:
    started = await node.start(image, env=env)
    assert (await node.exited(started)).exit_code == 1
    assert told in node.log(started).decode()


async def test_a_check_fails_while_nobody_listens(node: Node) -> None:
    await node.runtime.pull_image("postgres")
    started = await node.run(await node.sandbox(), "sleep 100", image="postgres")
    assert (await node.runtime.exec_sync(started, ["pg_isready"], None)).exit_code == 2


@pytest.mark.parametrize(
    ("image", "command", "code", "told"),
    [
        pytest.param("perl:5.34.0", ("perl", "-Mbignum=bpi", "-wle", "print bpi(10)"), 0, "3.141592654\n", id="pi"),
        pytest.param("perl", ("perl", "-e", "print 1"), 127, "code is not run in fake containers", id="perl"),
        pytest.param("python:3", ("python3", "-c", "print(1)"), 127, "python3: code is not run", id="python"),
        pytest.param("python:3", ("python", "--version"), 0, "Python 3.", id="version"),
        pytest.param("node", ("node", "server.js"), 127, "node server.js", id="node"),
        pytest.param("hello-world", (), 0, "Hello from Docker!", id="hello"),
        pytest.param(f"{E2E}/glibc-dns-testing:2.0.0", ("sh", "-c", "getent hosts $(hostname)"), 0, "pod", id="dns"),
        pytest.param(f"{E2E}/kitten:1.8", ("cat", "/data.json", "/etc/os-release"), 0, "kitten.jpg", id="kitten"),
    ],
)
async def test_what_they_say(node: Node, image: str, command: tuple[str, ...], code: int, told: str) -> None:
    await node.runtime.pull_image(image)
    started = await node.run(await node.sandbox(), image=image, command=command)
    assert (await node.exited(started)).exit_code == code
    assert told in node.log(started).decode()


@pytest.mark.parametrize(
    ("digits", "expected"), [(1, "3"), (2, "3.1"), (5, "3.1416"), (30, "3.14159265358979323846264338328")]
)
def test_pi(digits: int, expected: str) -> None:
    """Rounded at the last digit."""
    assert pi(digits) == expected
    assert len(pi(2000)) == 2001


@pytest.mark.parametrize(("allowed", "uid"), [(False, 1000), (True, 0)])
async def test_nonewprivs(node: Node, allowed: bool, uid: int) -> None:
    started = await node.start(f"{E2E}/nonewprivs:1.4", run_as_user=1000, no_new_privs=not allowed)
    await node.exited(started)
    assert node.log(started) == f"Effective uid: {uid}\n".encode()


async def test_nautilus(node: Node, browser: httpx.AsyncClient) -> None:
    started = await node.start(f"{E2E}/nautilus:1.8")
    assert (await browser.get(node.url(started, "/data.json"))).json() == {"image": "nautilus.jpg"}


async def test_whoami(node: Node, browser: httpx.AsyncClient) -> None:
    started = await node.start("traefik/whoami", "--port", "8000", "--name=me")
    told = (await browser.get(node.url(started, "/path?q=1", 8000))).text.splitlines()
    assert told[:2] == ["Name: me", "Hostname: pod"]
    assert f"IP: {node.ip(started)}" in told
    assert "GET /path?q=1 HTTP/1.1" in told
    assert (await browser.get(node.url(started, "/api", 8000))).json()["hostname"] == "pod"
    assert (await browser.get(node.url(started, "/health", 8000))).status_code == 200


async def test_python_serves_a_folder(node: Node, browser: httpx.AsyncClient) -> None:
    started = await node.start("python", "python", "-m", "http.server", "8080", "-d", "/etc")
    assert "root:x:0:0" in (await browser.get(node.url(started, "/passwd", 8080))).text
    assert 'href="passwd"' in (await browser.get(node.url(started, "/", 8080))).text
    assert (await browser.get(node.url(started, "/../bin/sh", 8080))).status_code == 404


async def test_resource_consumer_is_an_image_of_its_own(node: Node, browser: httpx.AsyncClient) -> None:
    started = await node.start("registry.k8s.io/e2e-test-images/resource-consumer:1.13")
    await browser.post(node.url(started, "/ConsumeMem?megabytes=5&durationSec=10", 8080))
    assert node.runtime.container_stats(started).working_set_bytes > 5 * 1024 * 1024


@pytest.mark.parametrize(
    ("image", "args", "port", "body"),
    [
        pytest.param(
            "gcr.io/google-samples/kubernetes-bootcamp:v1",
            (),
            8080,
            "Hello Kubernetes bootcamp! | Running on: pod | v=1\n",
            id="bootcamp",
        ),
        pytest.param("jocatalin/kubernetes-bootcamp:v2", (), 8080, "bootcamp! | Running on: pod | v=2\n", id="v2"),
        pytest.param(
            "us-docker.pkg.dev/google-samples/containers/gke/hello-app:2.0",
            (),
            8080,
            "Hello, world!\nVersion: 2.0.0\nHostname: pod\n",
            id="hello-app",
        ),
        pytest.param("gcr.io/google-samples/node-hello:1.0", (), 8080, "Hello Kubernetes!", id="node-hello"),
        pytest.param("gcr.io/google-samples/hello-go-gke:1.0", (), 80, '{"message":"Hello"}\n', id="hello-go"),
        pytest.param("registry.k8s.io/echoserver:1.10", (), 8080, "\treal path=/x\n", id="echoserver"),
        pytest.param("registry.k8s.io/hpa-example", (), 80, "OK!", id="hpa"),
        pytest.param("hashicorp/http-echo", ("-text=hi",), 5678, "hi\n", id="http-echo"),
        pytest.param("hashicorp/http-echo", ("-listen", ":80", "-text", "hi"), 80, "hi\n", id="http-echo's port"),
        pytest.param("registry.k8s.io/liveness", ("/server",), 8080, "404 page not found\n", id="liveness"),
    ],
)
async def test_servers_of_tutorials(
    node: Node, browser: httpx.AsyncClient, image: str, args: tuple[str, ...], port: int, body: str
) -> None:
    started = await node.start(image, *args)
    assert (await browser.get(node.url(started, "/x", port))).text.find(body) >= 0


async def test_requests_take_processor_time(node: Node, browser: httpx.AsyncClient) -> None:
    """For a while, so that an autoscaler sees them."""
    started = await node.start("hpa-example")
    idle = node.runtime.container_stats(started).usage_nano_cores
    for _ in range(5):
        await browser.get(node.url(started))
    assert node.runtime.container_stats(started).usage_nano_cores - idle == pytest.approx(500_000_000, rel=0.01)
    await node.pass_time(1)
    assert node.runtime.container_stats(started).usage_nano_cores == idle
