"""``agnhost``: what upstream's tests read back from it."""

import asyncio
import re
from collections.abc import Coroutine
from typing import Any

import httpx
import pytest

from kubelet.runtime import ContainerState, ExecResult
from tests.kubelet.images.node import Node

AGNHOST = "registry.k8s.io/e2e-test-images/agnhost:2.63.0"


async def test_it_pauses_without_arguments(node: Node) -> None:
    """Its exit code on TERM is a Go program's."""
    paused = await node.start(AGNHOST)
    await node.logged(paused, b"Paused\n")
    await node.runtime.stop_container(paused, 30)
    assert node.runtime.container_status(paused).exit_code == 2


async def test_entrypoint_tester_prints_its_arguments(node: Node) -> None:
    plain = await node.start(AGNHOST, "entrypoint-tester", "override", "arguments")
    await node.exited(plain)
    assert node.log(plain) == b"[/agnhost entrypoint-tester override arguments]\n"
    pod = node.runtime.container_status(plain).sandbox_id
    other = await node.run(pod, image=AGNHOST, command=("/agnhost-2", "entrypoint-tester"), name="other")
    await node.exited(other)
    assert node.log(other) == b"[/agnhost-2 entrypoint-tester]\n"


async def test_unknown_sub_commands_and_flags_fail(node: Node) -> None:
    unknown = await node.start(AGNHOST, "nothing")
    assert (await node.exited(unknown)).exit_code == 1
    assert b'unknown command "nothing"' in node.log(unknown)
    flag = await node.start(AGNHOST, "netexec", "--nothing=1", name="flag")
    assert (await node.exited(flag)).exit_code == 1
    assert b"unknown flag: --nothing" in node.log(flag)


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        pytest.param("/hostname", 200, r"pod", id="hostname"),
        pytest.param("/hostName", 200, r"pod", id="hostName"),
        pytest.param("/", 200, r"NOW: 2026-01-01 .*", id="root"),
        pytest.param("/healthz", 200, r"", id="healthz"),
        pytest.param("/readyz", 200, r"", id="readyz"),
        pytest.param("/echo?msg=hello%20you", 200, r"hello you", id="echo"),
        pytest.param("/echo?msg=x&code=503", 503, r"x", id="echo-status"),
        pytest.param("/echo?msg=x&code=many", 400, r"argument 'code'.*\n", id="echo-nonsense"),
        pytest.param("/clientip", 200, r"127\.0\.0\.1:\d+", id="clientip"),
        pytest.param("/header?key=X-Mine", 200, r"yours", id="header"),
        pytest.param("/redirect?location=/x&code=302", 302, r"", id="redirect"),
        pytest.param("/exit?code=nothing", 200, r"argument 'code'.*\n", id="exit-nonsense"),
        pytest.param("/exit?wait=soon", 200, r"argument 'wait'.*\n", id="exit-when"),
        pytest.param("/shell?cmd=echo%20hi;exit%203", 200, r'{"output":"hi\\n","error":"exit status 3"}', id="shell"),
        pytest.param("/upload", 200, r'{"error":"Unable to upload file."}', id="no-upload"),
    ],
)
async def test_netexec(node: Node, browser: httpx.AsyncClient, path: str, status: int, body: str) -> None:
    server = await node.start(AGNHOST, "netexec", "--http-port=8083")
    answer = await browser.get(node.url(server, path, 8083), headers={"X-Mine": "yours"})
    assert answer.status_code == status
    assert re.fullmatch(body, answer.text)


async def test_netexec_logs_what_it_echoes(node: Node, browser: httpx.AsyncClient) -> None:
    """How tests see that a hook was called."""
    server = await node.start(AGNHOST, "netexec")
    await browser.get(node.url(server, "/echo?msg=prestop", 8080))
    assert re.search(rb"GET /echo\?msg=prestop", node.log(server))


async def test_netexec_exits_on_request(node: Node, browser: httpx.AsyncClient) -> None:
    server = await node.start(AGNHOST, "netexec")
    await browser.get(node.url(server, "/exit?code=7", 8080))
    assert (await node.exited(server)).exit_code == 7


async def test_netexec_exits_later_or_at_once(node: Node, browser: httpx.AsyncClient) -> None:
    later = await node.start(AGNHOST, "netexec")
    await browser.get(node.url(later, "/exit?code=3&wait=5s", 8080))
    await node.pass_time(4)
    assert node.state(later) is ContainerState.RUNNING
    await node.pass_time(1)
    assert (await node.exited(later)).exit_code == 3
    now = await node.start(AGNHOST, "netexec", name="now")
    await browser.get(node.url(now, "/shutdown", 8080))
    assert (await node.exited(now)).exit_code == 0


async def test_netexec_keeps_what_is_uploaded(node: Node, browser: httpx.AsyncClient) -> None:
    server = await node.start(AGNHOST, "netexec")
    answer = await browser.post(node.url(server, "/upload", 8080), files={"file": b"#!/bin/sh\necho hi\n"})
    assert answer.status_code == 201
    assert await node.output(server, answer.json()["output"]) == b"hi\n"


async def test_netexec_always_answers_the_same(node: Node, browser: httpx.AsyncClient) -> None:
    server = await node.start(AGNHOST, "netexec", "--http-override=/echo?msg=no&code=404")
    answer = await browser.get(node.url(server, "/hostname", 8080))
    assert (answer.status_code, answer.text) == (404, "no")


async def test_serve_hostname_goes_on_for_a_while(node: Node, browser: httpx.AsyncClient) -> None:
    server = await node.start(AGNHOST, "serve-hostname", "--port", "9000")
    assert (await browser.get(node.url(server, "/", 9000))).text == "pod"
    node.runtime.kill_container(server, 15)
    await node.pass_time(59)
    assert (await browser.get(node.url(server, "/anything", 9000))).text == "pod"
    await node.pass_time(2)
    assert (await node.exited(server)).exit_code == 0


@pytest.mark.parametrize(("flags", "said"), [([], "keep-alive"), (["--close"], "close")])
async def test_serve_hostname_may_close(node: Node, browser: httpx.AsyncClient, flags: list[str], said: str) -> None:
    server = await node.start(AGNHOST, "serve-hostname", *flags)
    assert (await browser.get(node.url(server, "/", 9376))).headers["connection"] == said


async def test_serve_hostname_over_tcp(node: Node) -> None:
    server = await node.start(AGNHOST, "serve-hostname", "--http=false", "--tcp")
    reader, writer = await asyncio.open_connection(node.ip(server), 9376)
    assert await reader.read() == b"pod"
    writer.close()
    await writer.wait_closed()


async def test_liveness_fails_after_ten_seconds(node: Node, browser: httpx.AsyncClient) -> None:
    """S29: something for a liveness probe to find."""
    server = await node.start(AGNHOST, "liveness")
    assert (await browser.get(node.url(server, "/healthz", 8080))).status_code == 200
    await node.pass_time(11)
    assert (await browser.get(node.url(server, "/healthz", 8080))).status_code == 500


async def test_webserver_serves_the_whole_tree(node: Node, browser: httpx.AsyncClient) -> None:
    server = await node.start(AGNHOST, "test-webserver")
    assert 'href="localhost.crt"' in (await browser.get(node.url(server))).text
    assert (await browser.get(node.url(server, "/localhost.crt"))).status_code == 200
    await node.output(server, "mv", "-v", "/localhost.crt", "/tmp/")
    assert (await browser.get(node.url(server, "/localhost.crt"))).status_code == 404
    await node.output(server, "sh", "-c", "mkdir /results; echo OK > /results/a@b")
    assert (await browser.get(node.url(server, "/results/a@b"))).text == "OK\n"


async def test_it_is_a_vessel_for_commands(node: Node) -> None:
    """Tests run curl, nc and a shell in it."""
    server = await node.start(AGNHOST, "netexec")
    script = f"curl -q -s --connect-timeout 2 --max-time 60 http://{node.ip(server)}:8080/hostname"
    assert await node.output(server, "/bin/sh", "-x", "-c", script) == b"pod"
    assert node.state(server) is ContainerState.RUNNING


async def test_netexec_answers_datagrams(node: Node) -> None:
    """S6: over UDP, from another pod, with ``nc``."""
    server = await node.start(AGNHOST, "netexec")
    ip = node.ip(server)
    client = await node.start("busybox", "sleep", "1000", name="client")
    for sent, expected in (("hostName", b"pod"), ("echo Hello", b"hello")):
        asked = node.runtime.exec_sync(client, ("sh", "-c", f"echo {sent} | nc -u -w 1 {ip} 8081"), None)
        assert await _passing(node, asked) == expected
    asked = node.runtime.exec_sync(client, ("sh", "-c", f"echo clientip | nc -u -w 1 {ip} 8081"), None)
    assert (await _passing(node, asked)).startswith(f"{node.ip(client)}:".encode())
    assert b"Sending udp hostName response" in node.log(server)


async def _passing(node: Node, work: Coroutine[Any, Any, ExecResult]) -> bytes:
    """Return what a command prints, letting time pass once it has printed something."""
    async with asyncio.TaskGroup() as group:
        running = group.create_task(work, name="exec")
        async with asyncio.timeout(10):
            while not running.done():
                await node.pass_time(0.1)
    return running.result().stdout


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("protocol=http&port=8083&request=hostname", {"responses": ["pod"]}, id="http"),
        pytest.param("protocol=udp&port=8084&request=hostname", {"responses": ["pod"]}, id="udp"),
        pytest.param(
            "protocol=http&port=8083&request=echo?msg=a&tries=2", {"responses": ["a", "a"]}, id="several tries"
        ),
        pytest.param(
            "protocol=http&port=8085&request=hostname",
            {"errors": ["dial tcp localhost:8085: [Errno 111] Connect call failed"]},
            id="nobody there",
        ),
    ],
)
async def test_netexec_asks_others(
    node: Node, browser: httpx.AsyncClient, query: str, expected: dict[str, list[str]]
) -> None:
    server = await node.start(AGNHOST, "netexec", "--http-port=8083", "--udp-port=8084")
    answer = await browser.get(node.url(server, f"/dial?host=localhost&{query}", 8083))
    assert answer.status_code == 200
    shown = answer.json()
    assert list(shown) == list(expected)
    for said, wanted in zip(*(next(iter(both.values())) for both in (shown, expected)), strict=True):
        assert said.startswith(wanted)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("request=x&tries=many", "tries parameter is invalid"),
        ("tries=1", "request parameter not specified"),
        ("request=x&protocol=carrier-pigeon", "unsupported protocol. carrier-pigeon"),
        ("request=x&port=http", "port parameter is invalid"),
    ],
)
async def test_netexec_asks_nothing_odd(node: Node, browser: httpx.AsyncClient, query: str, text: str) -> None:
    server = await node.start(AGNHOST, "netexec", "--http-port=8083", "--udp-port=-1")
    answer = await browser.get(node.url(server, f"/dial?{query}", 8083))
    assert answer.status_code == 400
    assert text in answer.text


async def test_serve_hostname_over_udp(node: Node) -> None:
    server = await node.start(AGNHOST, "serve-hostname", "--http=false", "--udp")
    client = await node.start("busybox", "sleep", "1000", name="client")
    command = ("sh", "-c", f"echo x | nc -u -w 1 {node.ip(server)} 9376")
    assert await _passing(node, node.runtime.exec_sync(client, command, None)) == b"pod"


async def test_a_port_that_is_taken_shows_in_the_log(node: Node) -> None:
    """S3: whoever comes second in a pod says so in its own words, for TCP and UDP."""
    first = await node.start(AGNHOST, "netexec", "--http-port=8083", "--udp-port=8084")
    pod = node.runtime.container_status(first).sandbox_id
    for number, (args, words) in enumerate(
        {
            ("netexec", "--http-port=8083", "--udp-port=-1"): b"listen tcp :8083: bind: address already in use",
            ("netexec", "--http-port=-1", "--udp-port=8084"): b"listen udp :8084: bind: address already in use",
        }.items()
    ):
        second = await node.run(pod, image=AGNHOST, command=(), args=args, name=f"second-{number}")
        assert (await node.exited(second)).exit_code == 1
        assert words in node.log(second)


async def test_readiness_follows_a_file_that_is_moved_away(node: Node, browser: httpx.AsyncClient) -> None:
    """S30, S32: as upstream's stateful set tests do it with ``/localhost.crt`` of ``test-webserver``."""
    served = await node.start(AGNHOST, "test-webserver")
    for command, status in (
        ("true", 200),
        ("mv -v /localhost.crt /tmp/", 404),
        ("mv -v /tmp/localhost.crt /", 200),
    ):
        done = await node.runtime.exec_sync(served, ["/bin/sh", "-c", command], None)
        assert done.exit_code == 0
        assert (await browser.get(node.url(served, "/localhost.crt"))).status_code == status
