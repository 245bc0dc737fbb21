"""The API server as a process: how it starts, what it says when it cannot, how it ends."""

import json
import signal
import socket
from collections.abc import Callable

import httpx
import pytest

from tests.live.processes import ServerProcess, component


def test_it_serves_and_ends_on_sigterm(fresh_apiserver: ServerProcess) -> None:
    assert httpx.get(f"{fresh_apiserver.url}/readyz").text == "ok"
    assert fresh_apiserver.process.stop() == 0
    assert fresh_apiserver.process.stdout == []


async def test_open_watches_end_cleanly_at_sigterm(fresh_apiserver: ServerProcess) -> None:
    async with (
        httpx.AsyncClient(base_url=fresh_apiserver.url, timeout=10) as http,
        http.stream("GET", "/api/v1/namespaces?watch=1") as stream,
    ):
        lines = stream.aiter_lines()
        assert json.loads(await anext(lines))["type"] == "ADDED"
        fresh_apiserver.process.send_signal(signal.SIGTERM)
        # Ends, and raises nothing: the last chunk is the empty one.
        assert [line async for line in lines if json.loads(line)["type"] == "ERROR"] == []
    assert fresh_apiserver.process.wait() == 0


def test_a_taken_port_is_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = component("apiserver", "--port", str(port))
        assert process.wait(20) == 1
    assert process.stderr == [
        f"apiserver: error: port {port} on 127.0.0.1 is taken: choose another with --port",
    ]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(["--port", "http"], "'--port'", id="port is no number"),
        pytest.param(["--port", "65536"], "'--port'", id="port out of range"),
        pytest.param(["--watch-history", "0"], "'--watch-history'", id="no history"),
        pytest.param(["--no-such-option"], "--no-such-option", id="unknown option"),
    ],
)
def test_a_bad_option_is_refused_with_its_name(args: list[str], said: str) -> None:
    process = component("apiserver", *args)
    assert process.wait(20) == 2
    assert said in process.stderr[-1]


def test_an_address_of_another_machine_is_one_clear_line() -> None:
    process = component("apiserver", "--port", "0", "--bind-address", "192.0.2.1", "--insecure-allow-remote")
    assert process.wait(20) == 1
    assert len(process.stderr) == 1
    assert process.stderr[0].startswith("apiserver: error: cannot listen on 192.0.2.1:0")


def test_a_second_server_takes_the_port_of_one_that_ended(start_server: Callable[..., ServerProcess]) -> None:
    first = start_server()
    first.process.kill()
    assert start_server(port=first.port).url == first.url
