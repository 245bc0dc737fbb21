"""Fixtures for the whole suite: live processes, clients of them, and a check for tasks left behind."""

import asyncio
import itertools
import os
import re
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import hypothesis
import pytest

from kubeclient.client import Client
from tests.live.processes import Cluster, Kubectl, ServerProcess, require_kubectl, start_apiserver

# How fast examples are made and run says something about the machine, and nothing about the code. The examples are the
# same in every run, so that whether one passes says something about what has changed since the last; with
# KUBEMU_EXPLORE=1 they are new ones.
hypothesis.settings.register_profile(
    "kubemu",
    deadline=None,
    derandomize=not os.environ.get("KUBEMU_EXPLORE"),
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("kubemu")

_numbers = itertools.count(1)


@pytest.fixture(scope="session", autouse=True)
def main_thread_event_loop() -> Iterator[None]:
    """Give pytest-asyncio a loop to come back to after each test: the one it would make, it never closes."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture(autouse=True)
async def no_task_left_behind() -> AsyncIterator[None]:
    """Fail a test that ends while one of its tasks is still there."""
    before = asyncio.all_tasks()
    yield
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    assert not left, f"tasks left behind: {sorted(task.get_name() for task in left if task is not None)}"


@pytest.fixture(scope="session")
def apiserver_process() -> Iterator[ServerProcess]:
    """One API server for all tests that keep to a namespace of their own."""
    server = start_apiserver()
    yield server
    assert server.process.running, f"the API server died\n{server.process.output()}"
    assert server.process.stop() == 0, server.process.output()
    complaints = [line for line in server.process.stderr if re.search(r" (ERROR|CRITICAL) |Traceback", line)]
    assert not complaints, f"the API server complained\n{server.process.output()}"


@pytest.fixture
def apiserver(apiserver_process: ServerProcess) -> str:
    """The base URL of the shared API server."""
    assert apiserver_process.process.running, f"the API server died\n{apiserver_process.process.output()}"
    return apiserver_process.url


@pytest.fixture
def start_server() -> Iterator[Callable[..., ServerProcess]]:
    """Start API servers with options of the test's own; they are stopped after it."""
    started: list[ServerProcess] = []

    def start(*args: str, port: int = 0) -> ServerProcess:
        started.append(start_apiserver(*args, port=port))
        return started[-1]

    yield start
    for server in started:
        if server.process.running:
            assert server.process.stop() == 0, server.process.output()


@pytest.fixture
def fresh_apiserver(start_server: Callable[..., ServerProcess]) -> ServerProcess:
    """An API server of the test's own, with an empty store."""
    return start_server()


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """An API server of the test's own, and a way to start components beside it; all end with the test."""
    running = Cluster()
    yield running
    running.stop()


@pytest.fixture
def namespace(apiserver: str) -> str:
    """A new namespace on the shared API server."""
    name = f"test-{next(_numbers)}"
    url = f"{apiserver}/api/v1/namespaces"
    httpx.post(url, json={"metadata": {"name": name}}, verify=False, trust_env=False).raise_for_status()
    return name


@pytest.fixture
async def client(apiserver: str) -> AsyncIterator[Client]:
    """The project's own client, on the shared API server."""
    async with Client(apiserver) as opened:
        yield opened


@pytest.fixture
async def http(apiserver: str) -> AsyncIterator[httpx.AsyncClient]:
    """A bare HTTP client of the shared API server."""
    # Without certificates to read, which would take longer than most tests do.
    async with httpx.AsyncClient(base_url=apiserver, timeout=20, verify=False, trust_env=False) as opened:
        yield opened


@pytest.fixture
def kubectl(apiserver: str, namespace: str, tmp_path: Path) -> Kubectl:
    """kubectl on the shared API server, in the test's own namespace."""
    require_kubectl()
    return Kubectl(apiserver, tmp_path, namespace=namespace)
