"""The compose file and the image's recipe, held against the components' real options and processes."""

import importlib
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
import yaml

from kubeclient.client import Client
from kubeclient.resources import PODS
from tests.live.processes import ROOT, Process, free_port
from tests.live.waiting import eventually

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
HEALTH_URL = re.compile(r"http://127\.0\.0\.1:(\d+)/readyz")


def module_and_args(service: str) -> tuple[str, list[str]]:
    python, dash_m, module, *args = SERVICES[service]["command"]
    assert (python, dash_m) == ("python", "-m")
    return module, args


def parsed(service: str) -> dict[str, Any]:
    """Return the options of a service's command as its component itself reads them."""
    module, args = module_and_args(service)
    command = importlib.import_module(f"{module}.__main__").main
    assert isinstance(command, click.Command)
    return command.make_context(module, list(args)).params


def health_port(service: str) -> int:
    found = HEALTH_URL.search(SERVICES[service]["healthcheck"]["test"][-1])
    assert found is not None
    return int(found[1])


def test_services_are_the_components() -> None:
    modules = [module_and_args(service)[0] for service in SERVICES]
    assert sorted(modules) == [
        "apiserver",
        "controller_manager",
        "kubelet",
        "kubelet",
        "kubelet",
        "kubeproxy",
        "scheduler",
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_health_checks_ask_where_the_component_answers(service: str) -> None:
    options = parsed(service)
    if module_and_args(service)[0] == "kubeproxy":
        _, port = options["healthz_bind_address"]
    else:
        port = options.get("healthz_port") or options.get("secure_port") or options["port"]
    assert health_port(service) == port


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "apiserver"])
def test_components_share_the_apiservers_network(service: str) -> None:
    assert SERVICES[service]["network_mode"] == "service:apiserver"
    assert SERVICES[service]["depends_on"] == {"apiserver": {"condition": "service_healthy"}}
    assert "ports" not in SERVICES[service]
    assert parsed(service)["server"] == f"http://127.0.0.1:{parsed('apiserver')['port']}"


def test_ports_and_node_names_are_distinct() -> None:
    ports = [health_port(service) for service in SERVICES]
    assert len(set(ports)) == len(ports)
    nodes = [parsed(service)["node_name"] for service in SERVICES if module_and_args(service)[0] == "kubelet"]
    assert len(set(nodes)) == 3


def test_only_loopback_of_the_host_reaches_the_apiserver() -> None:
    assert SERVICES["apiserver"]["ports"] == ["127.0.0.1:8080:8080"]
    assert parsed("apiserver")["bind_address"] == "0.0.0.0"


def test_the_image_is_slim_not_root_and_made_of_what_is_there() -> None:
    lines = [line for line in DOCKERFILE.splitlines() if line and not line.startswith("#")]
    assert re.fullmatch(r"FROM python:3\.\d+-slim", lines[0])
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users
    assert users[-1] not in {"0", "root"}
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for line in lines:
        if line.startswith("COPY "):
            for source in shlex.split(line)[1:-1]:
                assert (ROOT / source).exists(), source
                assert f"!{source}" in ignored, f"{source} is not let into the build"


def test_every_package_is_in_the_image() -> None:
    packages = {path.parent.name for path in Path(ROOT).glob("*/py.typed")}
    assert packages <= set(re.findall(r"^COPY (\w+) \w+$", DOCKERFILE, re.MULTILINE))


async def test_the_same_commands_as_processes_make_a_cluster() -> None:
    """S6, S16: every service's command as it stands but for its ports becomes healthy, and a pod gets Ready."""
    ports = {str(port): str(free_port()) for port in map(health_port, SERVICES)}
    started: list[Process] = []
    try:
        for service in SERVICES:
            module, args = module_and_args(service)
            moved = [re.sub(r"\b(8080|10\d{3})\b", lambda found: ports[found[0]], argument) for argument in args]
            started.append(Process([sys.executable, "-m", module, *moved]))
        async with httpx.AsyncClient(timeout=2) as http:
            for service in SERVICES:
                url = f"http://127.0.0.1:{ports[str(health_port(service))]}/readyz"

                async def healthy(url: str = url) -> bool:
                    try:
                        return (await http.get(url)).status_code == 200
                    except httpx.TransportError:
                        return False

                await eventually(healthy, timeout=30, what=f"{service} healthy")
        async with Client(f"http://127.0.0.1:{ports['8080']}") as client:
            pod = {"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}
            await client.create(PODS, pod, namespace="default")

            async def ready() -> bool:
                return (await client.get(PODS, "web", namespace="default")).ready

            await eventually(ready)
    finally:
        statuses = [process.stop() for process in reversed(started)]
    assert statuses == [0] * len(SERVICES)
