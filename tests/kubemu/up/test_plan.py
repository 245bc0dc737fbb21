"""What the components of a cluster are told."""

import importlib
import ipaddress
from pathlib import Path

import click
import pytest

from apimachinery.errors import FatalError
from kubemu.up.addresses import Addresses
from kubemu.up.plan import api_server_arguments, client_arguments, component_urls, placed_nodes, planned_nodes
from kubemu.up.settings import Settings

ADDRESSES = Addresses(7, 8, 1)
SCALE = "60.0@2026-01-01T00:00:00.000000Z"


def parsed(module: str, arguments: list[str]) -> dict[str, object]:
    """Return the parameters that a component reads from its arguments; raise ``click.UsageError`` for bad ones."""
    command: click.Command = importlib.import_module(f"{module}.__main__").main
    return command.make_context(module, list(arguments)).params


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(Settings(), id="defaults"),
        pytest.param(Settings(nodes=3, seed=4, image_files=("examples",), verbosity=2), id="everything"),
        pytest.param(Settings(node_shapes="shapes.yaml"), id="shapes"),
    ],
)
def test_components_take_what_they_are_told(settings: Settings) -> None:
    server = parsed("apiserver", api_server_arguments(settings, ADDRESSES, SCALE, 1234))
    assert (server["bind_address"], server["port"], server["enable_reset"]) == ("127.0.0.1", 1234, True)
    assert (server["service_cluster_ip_range"], server["seed"]) == ("127.7.0.0/17", settings.seed)
    told = client_arguments(settings, ADDRESSES, SCALE, "http://127.0.0.1:1234")
    found = {module: parsed(module, list(arguments)) for module, arguments in told.items()}
    assert set(found) == {"controller_manager", "scheduler", "kubelet", "kubeproxy"}
    assert {params["server"] for params in found.values()} == {"http://127.0.0.1:1234"}
    assert found["controller_manager"]["cluster_cidr"] == "127.8.0.0/16"
    assert found["controller_manager"]["load_balancer_cidr"] == "127.7.128.0/18"
    assert found["kubelet"]["cluster_dns"] == ("127.7.0.10",)
    assert found["kubeproxy"]["cluster_dns"] == "127.7.0.10"
    assert found["scheduler"]["seed"] == found["kubelet"]["seed"] == settings.seed
    if not settings.node_shapes:
        assert (found["kubelet"]["nodes"], found["kubelet"]["name_prefix"]) == (settings.nodes, "node-")


def test_the_components_servers_are_where_it_is_said() -> None:
    server = parsed("apiserver", api_server_arguments(Settings(), ADDRESSES, SCALE, 0))
    told = client_arguments(Settings(), ADDRESSES, SCALE, "http://127.0.0.1:1234")
    urls = component_urls(ADDRESSES)
    for module, name in (("scheduler", "scheduler"), ("controller_manager", "controller-manager")):
        params = parsed(module, list(told[module]))
        assert urls[name] == f"http://{params['bind_address']}:{params['secure_port']}"
    assert parsed("kubeproxy", list(told["kubeproxy"]))["healthz_bind_address"] == ("127.7.255.1", 10256)
    assert urls["proxy"] == "http://127.7.255.1:10256"
    assert server["scheduler_url"] == urls["scheduler"]
    assert server["controller_manager_url"] == urls["controller-manager"]


def test_nodes_are_placed_each_in_a_range_of_its_own() -> None:
    nodes = placed_nodes(planned_nodes(Settings(nodes=3, seed=5)), ADDRESSES)
    assert [node.node_name for node in nodes] == ["node-0", "node-1", "node-2"]
    assert [node.pod_cidr for node in nodes] == ["127.8.0.0/24", "127.8.1.0/24", "127.8.2.0/24"]
    assert all(node.register_pod_cidr and node.cluster_dns == ("127.7.0.10",) and node.seed == 5 for node in nodes)


def test_as_many_nodes_as_there_are_ranges(tmp_path: Path) -> None:
    shapes = tmp_path / "shapes.yaml"
    shapes.write_text("nodes: [{name: 'big-{index}', count: 256, cpu: 64}]")
    planned = planned_nodes(Settings(node_shapes=str(shapes)))
    placed = placed_nodes(planned, ADDRESSES)
    assert len(placed) == 256
    assert ipaddress.ip_network(placed[-1].pod_cidr) == ipaddress.ip_network("127.8.255.0/24")
    shapes.write_text("nodes: []")
    with pytest.raises(FatalError, match="node shapes"):
        planned_nodes(Settings(node_shapes=str(shapes)))
