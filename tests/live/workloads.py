"""A live cluster with everything that workloads need: scheduler, controllers and nodes that are ready."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kubeclient.client import Client
from kubeclient.resources import NODES
from tests.live.processes import Cluster, Kubectl
from tests.live.waiting import eventually

JSONObject = dict[str, Any]


def workload_cluster(nodes: int, cluster_cidr: str) -> Iterator[Cluster]:
    """A cluster of so many nodes, named ``node-1`` and so on, for a fixture that several tests share."""
    cluster = Cluster()
    cluster.start("scheduler")
    cluster.start("controller_manager", "--cluster-cidr", cluster_cidr, "--node-cidr-mask-size", "26")
    names = ",".join(f"node-{number}" for number in range(1, nodes + 1))
    for name in names.split(","):
        cluster.start("kubelet", "--node-name", name)
    asyncio.run(nodes_ready(cluster.url, nodes))
    yield cluster
    cluster.stop()


async def nodes_ready(url: str, count: int) -> None:
    async with Client(url) as client:

        async def ready() -> bool:
            found = (await client.list(NODES)).items
            conditions = [entry for node in found for entry in node.status.conditions]
            return sum(entry.type == "Ready" and entry.status == "True" for entry in conditions) == count

        await eventually(ready, timeout=30)


class Tools:
    """kubectl in one namespace, and what tests ask it time and again."""

    def __init__(self, cluster: Cluster, home: Path, namespace: str) -> None:
        self.namespace = namespace
        self.kubectl = Kubectl(cluster.url, home, namespace=namespace)
        self.kubectl.run("create", "namespace", namespace)

    def run(self, *args: str, status: int = 0) -> str:
        return self.kubectl.run(*args, status=status)

    def create(self, *objects: JSONObject) -> None:
        for entry in objects:
            self.kubectl.run("create", "-f", "-", stdin=json.dumps(entry))

    def get(self, *args: str) -> Any:
        """Return an object, or the list of those that the arguments select."""
        found = json.loads(self.kubectl.run("get", *args, "-o", "json"))
        return found.get("items", found)

    def set_image(self, workload: str, image: str) -> None:
        """Give the container ``c`` of the workload another image."""
        self.run("set", "image", workload, f"c={image}")

    def rolled_out(self, workload: str, timeout: str = "25s") -> str:
        return self.run("rollout", "status", workload, f"--timeout={timeout}")

    def replace_pod(self, name: str) -> None:
        """Delete a pod and wait until another one of its name is there and ready.

        Left to wait by itself, ``kubectl delete`` takes a successor that comes within a tenth of a second for the pod.
        """

        def found() -> JSONObject | None:
            return next((pod for pod in self.get("pods") if pod["metadata"]["name"] == name), None)

        before = found()
        assert before is not None, f"no pod {name}"

        async def replaced() -> bool:
            pod = found()
            return pod is not None and pod["metadata"]["uid"] != before["metadata"]["uid"]

        self.run("delete", "pod", name, "--wait=false")
        asyncio.run(eventually(replaced))
        self.run("wait", f"pod/{name}", "--for=condition=Ready", "--timeout=20s")

    def images(self, selector: str) -> list[str]:
        """Return the images of the selected pods that are not being deleted, sorted."""
        pods = [pod for pod in self.get("pods", "-l", selector) if "deletionTimestamp" not in pod["metadata"]]
        return sorted(pod["spec"]["containers"][0]["image"] for pod in pods)


def template(app: str, image: str = "pause:1", **spec: Any) -> JSONObject:
    """Return the template of pods with one container ``c``."""
    container = {"name": "c", "image": image, **spec.pop("container", {})}
    return {"metadata": {"labels": {"app": app}}, "spec": {"containers": [container], **spec}}


def workload(kind: str, name: str, **spec: Any) -> JSONObject:
    """Return a workload of ``apps/v1`` whose pods are labelled ``app=NAME``."""
    selector = {"matchLabels": {"app": name}}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"selector": selector, "template": template(name), **spec},
    }
