"""The operator, run for each test in a namespace of its own."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kopf.testing
import pytest
import yaml
from kubernetes import client

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def website_crd(kubemu_cluster: Any) -> None:
    """The definition, once for all tests."""
    from kubernetes import config

    with config.new_client_from_config(str(kubemu_cluster.kubeconfig)) as api:
        definitions = client.ApiextensionsV1Api(api)
        definitions.create_custom_resource_definition(yaml.safe_load((ROOT / "crd.yaml").read_text()))

        def established() -> bool:
            found = definitions.read_custom_resource_definition("websites.example.com")
            return any(
                entry.type == "Established" and entry.status == "True" for entry in found.status.conditions or []
            )

        eventually(established)


@pytest.fixture
def operator(website_crd: None, kubeconfig: Path, kubemu_namespace: str) -> Iterator[kopf.testing.KopfRunner]:
    """The operator at work; what it logs is in ``output`` once it has ended."""
    command = ["run", "--standalone", "--namespace", kubemu_namespace, str(ROOT / "website_operator.py")]
    with kopf.testing.KopfRunner(command, timeout=30) as runner:
        yield runner
    assert runner.exit_code == 0, runner.output
    assert runner.exception is None


class Websites:
    """Websites of one namespace, and what has become of them."""

    def __init__(self, api: client.ApiClient, namespace: str) -> None:
        self.namespace = namespace
        self.custom = client.CustomObjectsApi(api)
        self.core = client.CoreV1Api(api)
        self.apps = client.AppsV1Api(api)

    def create(self, name: str, **spec: Any) -> None:
        body = {"apiVersion": "example.com/v1", "kind": "Website", "metadata": {"name": name}, "spec": spec}
        self.custom.create_namespaced_custom_object("example.com", "v1", self.namespace, "websites", body)

    def patch(self, name: str, **spec: Any) -> None:
        self.custom.patch_namespaced_custom_object(
            "example.com", "v1", self.namespace, "websites", name, {"spec": spec}
        )

    def delete(self, name: str) -> None:
        self.custom.delete_namespaced_custom_object("example.com", "v1", self.namespace, "websites", name)

    def ready(self, name: str) -> str:
        found = self.custom.get_namespaced_custom_object("example.com", "v1", self.namespace, "websites", name)
        return str(found.get("status", {}).get("ready"))

    def wait_ready(self, name: str, ready: str) -> None:
        eventually(lambda: self.ready(name) == ready)

    def pods(self) -> list[client.V1Pod]:
        return [
            pod for pod in self.core.list_namespaced_pod(self.namespace).items if not pod.metadata.deletion_timestamp
        ]

    def url(self, name: str) -> str:
        """Return where the API server passes on what the website's Service serves, on any cluster and for any user.

        The Service's own address would do where the user may have port 80, which on most machines only root may.
        """
        server = self.core.api_client.configuration.host
        return f"{server}/api/v1/namespaces/{self.namespace}/services/{name}:80/proxy/"


@pytest.fixture
def websites(operator: kopf.testing.KopfRunner, kubemu_kubernetes: client.ApiClient, kubemu_namespace: str) -> Websites:
    return Websites(kubemu_kubernetes, kubemu_namespace)


def eventually(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
