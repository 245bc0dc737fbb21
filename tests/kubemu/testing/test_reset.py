"""What a reset leaves of a cluster that has been worked with: nothing, at once and later."""

import http.client
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from kubemu.testing import Cluster
from tests.apiserver.reset.test_start_state import CRD
from tests.live.waiting import eventually

JSONObject = dict[str, Any]

DEFAULT = "/api/v1/namespaces/default"
APPS = "/apis/apps/v1/namespaces/default"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
THINGS = "/apis/example.com/v1/namespaces/default/things"
ALL_THE_TIME = {"events", "leases"}
"""What components write without being asked."""

LABELS = {"app": "web"}
POD_SPEC = {"containers": [{"name": "web", "image": "nginx", "ports": [{"containerPort": 80, "hostPort": 8099}]}]}
TEMPLATE = {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}
WORKLOAD = {"selector": {"matchLabels": LABELS}, "template": TEMPLATE}
CLAIM = {
    "metadata": {"name": "data"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}},
}
SERVICE = {"type": "NodePort", "clusterIP": "", "selector": LABELS, "ports": [{"port": 80, "nodePort": 30123}]}


class Client:
    """Requests to a cluster, and the mix of objects that its tests make."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._connection = http.client.HTTPConnection(cluster.server.removeprefix("http://"), timeout=30)

    def close(self) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, body: JSONObject | None = None) -> JSONObject:
        data = None if body is None else json.dumps(body)
        self._connection.request(method, path, data, {"Content-Type": "application/json"})
        with self._connection.getresponse() as answer:
            found: JSONObject = json.load(answer)
        assert answer.status < 400, f"{method} {path}: {answer.status} {found.get('message')}"
        return found

    def names(self, path: str) -> set[str]:
        items = self.ask("GET", path)["items"]
        return {f"{item['metadata'].get('namespace', '')}/{item['metadata']['name']}" for item in items}

    def everything(self) -> dict[str, set[str]]:
        """Return the names of all objects by resource, but for what is written all the time."""
        versions = ["/api/v1", *(f"/apis/{group['preferredVersion']['groupVersion']}" for group in self._groups())]
        found = {}
        for version in versions:
            for resource in self.ask("GET", version)["resources"]:
                if "list" in resource["verbs"] and resource["name"] not in ALL_THE_TIME:
                    found[f"{version}/{resource['name']}"] = self.names(f"{version}/{resource['name']}")
        return found

    def _groups(self) -> list[JSONObject]:
        return [group for group in self.ask("GET", "/apis")["groups"] if group["name"] != "metrics.k8s.io"]

    def make_mix(self, pods: int = 12) -> None:
        """Make what tests make: a Deployment and a StatefulSet, Services, ConfigMaps, a kind, namespaces."""
        self.ask("POST", CRDS, CRD)
        self.ask("POST", f"{APPS}/deployments", {"metadata": {"name": "web"}, "spec": {"replicas": pods, **WORKLOAD}})
        spec = {"replicas": 3, "serviceName": "db", "volumeClaimTemplates": [CLAIM], **WORKLOAD}
        self.ask("POST", f"{APPS}/statefulsets", {"metadata": {"name": "db"}, "spec": spec})
        self.ask("POST", f"{DEFAULT}/pods", {"metadata": {"name": "alone"}, "spec": POD_SPEC})
        self.ask("POST", f"{DEFAULT}/services", {"metadata": {"name": "web"}, "spec": SERVICE})
        for number in range(10):
            service = {"selector": LABELS, "ports": [{"port": 80}]}
            self.ask("POST", f"{DEFAULT}/services", {"metadata": {"name": f"s{number}"}, "spec": service})
            self.ask("POST", f"{DEFAULT}/configmaps", {"metadata": {"name": f"c{number}", "finalizers": ["a/b"]}})
            self.ask("POST", "/api/v1/namespaces", {"metadata": {"name": f"n{number}"}})
            self.ask("POST", f"/api/v1/namespaces/n{number}/secrets", {"metadata": {"name": "s"}})

    async def make_things(self) -> None:
        async def served() -> bool:
            return "example.com" in {group["name"] for group in self._groups()}

        await eventually(served)
        self.ask("POST", THINGS, {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "t"}})

    async def wait_ready(self, pods: int = 12) -> None:
        """Return once the mix is ready and everybody who follows it has written what they have to say."""

        async def ready() -> bool:
            deployment = self.ask("GET", f"{APPS}/deployments/web")["status"]
            stateful_set = self.ask("GET", f"{APPS}/statefulsets/db")["status"]
            alone = self.ask("GET", f"{DEFAULT}/pods/alone")["status"]["phase"]
            endpoints = self.ask("GET", f"{DEFAULT}/endpoints?fieldSelector=metadata.name%3Dweb")["items"]
            subsets = [subset for found in endpoints for subset in found.get("subsets") or ()]
            assert deployment.get("readyReplicas") == pods
            assert stateful_set.get("readyReplicas") == 3
            assert alone == "Running"
            return sum(len(subset.get("addresses") or ()) for subset in subsets) == pods + 3

        await eventually(ready, timeout=60)

    async def wait_idle(self) -> None:
        """Return once no kubelet has a pod."""

        async def idle() -> bool:
            found = [self.ask("GET", f"/api/v1/nodes/{node}/proxy/pods") for node in self.cluster.nodes]
            return not any(pods["items"] for pods in found)

        await eventually(idle)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster(nodes=2) as running:
        yield running


@pytest.fixture
async def client(cluster: Cluster) -> AsyncIterator[Client]:
    """A client of a cluster whose parts have all made what they make at their start."""
    made = Client(cluster)

    async def complete() -> bool:
        slices = made.names("/apis/discovery.k8s.io/v1/endpointslices")
        addresses = made.names("/apis/networking.k8s.io/v1/ipaddresses")
        classes = made.names("/apis/storage.k8s.io/v1/storageclasses")
        return (len(slices), len(addresses), len(classes), len(made.names(CRDS))) == (3, 2, 1, 1)

    await eventually(complete)
    cluster.reset()
    yield made
    made.close()


async def test_nothing_is_left_and_all_may_come_again(client: Client) -> None:
    """Twice the same: addresses, ports of nodes and of hosts, and names are free again at once."""
    start = client.everything()
    for _ in range(2):
        client.make_mix()
        await client.make_things()
        await client.wait_ready()
        client.cluster.reset()
        assert client.everything() == start
        with pytest.raises(AssertionError, match="404"):
            client.ask("GET", THINGS)
    await client.wait_idle()
    assert client.everything() == start
    events = client.ask("GET", "/api/v1/events")["items"]
    assert not [event for event in events if event["involvedObject"]["kind"] != "Node"]


async def test_what_is_under_way_comes_to_nothing(client: Client) -> None:
    """Controllers, scheduler and kubelets are in the middle of it; what they still write is refused."""
    start = client.everything()
    for _ in range(2):
        client.make_mix()
        client.cluster.reset()
        assert client.everything() == start
    client.make_mix()
    await client.wait_ready()
    client.cluster.reset()
    await client.wait_idle()
    assert client.everything() == start
