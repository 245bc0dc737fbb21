"""Whether a pod that is bound to a node may run there."""

from collections.abc import Mapping
from typing import Any

import pytest

from apimachinery.types.core import Node
from apimachinery.types.pod import Pod
from kubelet.node_admission import NodeAdmission, Refusal, demand, suits, withstands
from tests.kubelet.builders import container, make_pod

NODE = Node.model_validate({
    "metadata": {"name": "node-1", "labels": {"disk": "ssd"}},
    "spec": {"taints": [{"key": "down", "effect": "NoExecute"}, {"key": "full", "effect": "NoSchedule"}]},
})
TOLERANT = [{"operator": "Exists", "effect": "NoExecute"}]


def asking(name: str = "web", port: int = 0, **requests: str) -> Pod:
    ports = [{"containerPort": 80, "hostPort": port}] if port else []
    wanted = {key.replace("_", "-"): quantity for key, quantity in requests.items()}
    return make_pod(container(resources={"requests": wanted}, ports=ports), name=name)


class Admitting:
    """A node with 4 CPUs, 1 Gi and room for 3 pods."""

    def __init__(self) -> None:
        self.active: set[str] = set()
        self.pressures: set[str] = set()
        self.down = False
        self.missing: Mapping[str, int] = {}
        self.admission = NodeAdmission(
            {"cpu": "4", "memory": "1Gi", "pods": "3"},
            node=lambda: None,
            pressures=lambda: self.pressures,
            shutting_down=lambda: self.down,
            active=lambda: self.active,
            make_room=self.make_room,
        )

    def make_room(self, pod: Pod, missing: Mapping[str, int]) -> bool:
        """Have all others go, if there are any."""
        self.missing = missing
        if not self.active:
            return False
        self.active.clear()
        return True

    def admit(self, pod: Pod) -> Refusal | None:
        refusal = self.admission.admit(pod)
        if refusal is None:
            self.active.add(pod.metadata.uid)
        return refusal


def test_room_is_counted() -> None:
    node = Admitting()
    assert node.admit(asking("a", cpu="3500m")) is None
    assert node.admit(asking("b", cpu="2")) == Refusal(
        "OutOfcpu", "Node didn't have enough resource: cpu, requested: 2000, used: 3500, capacity: 4000"
    )
    node.active.clear()
    assert node.admit(asking("b", cpu="2")) is None, "what has ended takes nothing"


def critical(name: str, **requests: str) -> Pod:
    pod = asking(name, **requests)
    pod.spec.priority = 2_000_001_000
    return pod


def test_others_go_for_a_critical_pod() -> None:
    node = Admitting()
    assert node.admit(asking("a", cpu="3500m", memory="512Mi")) is None
    assert node.admit(critical("b", cpu="2", memory="768Mi")) is None
    assert node.missing == {"cpu": 1500, "memory": 256 * 1024**2}
    assert node.admit(asking("c", cpu="2500m")) is not None, "what was made room for is counted"
    assert node.admit(asking("c", cpu="2")) is None


def test_a_critical_pod_for_which_nobody_can_go() -> None:
    assert Admitting().admit(critical("a", cpu="5")) == Refusal(
        "UnexpectedAdmissionError",
        "Unexpected error while attempting to recover from admission failure: preemption: error finding a set of "
        "pods to preempt: no set of running pods found to reclaim resources: [(res: cpu, q: 1000), ]",
    )


def test_memory_and_the_number_of_pods() -> None:
    node = Admitting()
    refused = node.admit(asking("a", memory="2Gi"))
    assert refused is not None
    assert refused.reason == "OutOfmemory"
    for name in "abc":
        assert node.admit(asking(name)) is None
    assert node.admit(asking("d")) == Refusal(
        "OutOfpods", "Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3"
    )


def test_what_the_node_does_not_list_is_no_concern_of_it() -> None:
    pod = make_pod(container(resources={"requests": {"example.com/toy": "1"}}))
    assert Admitting().admit(pod) is None


def test_host_ports() -> None:
    node = Admitting()
    assert node.admit(asking("a", port=8080)) is None
    refused = node.admit(asking("b", port=8080))
    assert refused == Refusal(
        "NodePorts", "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"
    )


def test_a_node_that_shuts_down() -> None:
    node = Admitting()
    node.down = True
    assert node.admit(asking()) == Refusal("NodeShutdown", "Pod was rejected as the node is shutting down.")


def test_demand_adds_overhead_and_counts_init_containers() -> None:
    pod = make_pod(
        container(resources={"requests": {"cpu": "100m"}}),
        init=(container("i", resources={"requests": {"cpu": "1", "memory": "1Gi"}}),),
        overhead={"cpu": "50m"},
    )
    assert demand(pod).resources == {"pods": 1, "cpu": 1050, "memory": 2**30}


def _affinity(**expression: Any) -> dict[str, Any]:
    terms = [{"matchExpressions": [expression]}]
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        pytest.param({}, None, id="nothing asked"),
        pytest.param({"nodeSelector": {"disk": "ssd"}}, None, id="selected"),
        pytest.param({"nodeSelector": {"disk": "hdd"}}, "NodeAffinity", id="not selected"),
        pytest.param({"affinity": _affinity(key="disk", operator="In", values=["ssd"])}, None, id="affine"),
        pytest.param({"affinity": _affinity(key="gpu", operator="Exists")}, "NodeAffinity", id="not affine"),
        pytest.param({"tolerations": []}, "TaintToleration", id="not tolerant"),
        pytest.param(
            {"tolerations": [], "metadata": {"annotations": {"kubernetes.io/config.source": "file"}}}, None, id="static"
        ),
    ],
)
def test_suits(spec: dict[str, Any], reason: str | None) -> None:
    refusal = suits(make_pod(**{"tolerations": TOLERANT, **spec}), NODE)
    assert (refusal.reason if refusal is not None else None) == reason


@pytest.mark.parametrize(
    ("pressures", "pod", "refused"),
    [
        (set(), make_pod(), False),
        ({"MemoryPressure"}, make_pod(), True),
        ({"MemoryPressure"}, make_pod(status={"qosClass": "Burstable"}), False),
        ({"MemoryPressure"}, make_pod(tolerations=[{"operator": "Exists"}]), False),
        ({"DiskPressure"}, make_pod(status={"qosClass": "Burstable"}), True),
        ({"DiskPressure"}, make_pod(priority=2_000_000_000), False),
    ],
)
def test_withstands(pressures: set[str], pod: Pod, *, refused: bool) -> None:
    refusal = withstands(pod, pressures)
    assert (refusal is not None) is refused
    if refusal is not None:
        assert refusal == Refusal("Evicted", f"The node had condition: [{min(pressures)}]. ")
