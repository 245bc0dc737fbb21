"""Pods and nodes for tests, word by word: ``make_pod("web").requests(cpu="1").obj()``."""

from typing import Any, Self

from apimachinery.types.core import Node
from apimachinery.types.pod import Pod
from scheduler.framework.node_info import NodeInfo, node_info
from scheduler.framework.node_table import NodeTable
from scheduler.framework.pod_info import PodInfo, pod_info
from scheduler.framework.shown_pod import ShownPod

Requirement = tuple[str, str, list[str]]


def _requirements(entries: tuple[Requirement, ...]) -> list[dict[str, Any]]:
    return [{"key": key, "operator": operator, "values": values} for key, operator, values in entries]


def term(*expressions: Requirement, fields: tuple[Requirement, ...] = ()) -> dict[str, Any]:
    """One node selector term."""
    return {"matchExpressions": _requirements(expressions), "matchFields": _requirements(fields)}


ZONE, HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"

EVERYTHING: dict[str, Any] = {}
"""The selector that selects all."""


def labelled(**labels: str) -> dict[str, Any]:
    """A label selector."""
    return {"matchLabels": labels}


def near(key: str = ZONE, selector: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """One term of affinity or anti-affinity to pods, without a selector unless one is given."""
    return {"topologyKey": key, **({} if selector is None else {"labelSelector": selector}), **more}


def resources(**amounts: str) -> dict[str, str]:
    """Resource names as keywords: ``ephemeral_storage`` for the one with a dash, ``gpu`` for an extended one."""
    names = {"ephemeral_storage": "ephemeral-storage", "gpu": "example.com/gpu"}
    return {names.get(name, name): amount for name, amount in amounts.items()}


class PodBuilder:
    def __init__(self, name: str) -> None:
        self._metadata: dict[str, Any] = {"name": name, "namespace": "default", "uid": f"uid-{name}"}
        self._spec: dict[str, Any] = {"containers": [], "initContainers": []}
        self._status: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"make_pod <{self.dict()}>"

    def uid(self, uid: str) -> Self:
        self._metadata["uid"] = uid
        return self

    def version(self, resource_version: int, generation: int = 0) -> Self:
        self._metadata |= {"resourceVersion": str(resource_version), "generation": generation}
        return self

    def controller(self, uid: str, kind: str = "ReplicaSet") -> Self:
        owner = {"apiVersion": "apps/v1", "kind": kind, "name": uid, "uid": uid, "controller": True}
        self._metadata["ownerReferences"] = [owner]
        return self

    def deleting(self) -> Self:
        self._metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
        return self

    def phase(self, phase: str) -> Self:
        self._status["phase"] = phase
        return self

    def node(self, name: str) -> Self:
        self._spec["nodeName"] = name
        return self

    def started(self, seconds: int) -> Self:
        """Say when the kubelet has started it, after some moment."""
        self._status["startTime"] = f"2026-01-01T00:00:{seconds:02}Z"
        return self

    def scheduler(self, name: str) -> Self:
        self._spec["schedulerName"] = name
        return self

    def priority(self, priority: int) -> Self:
        self._spec["priority"] = priority
        return self

    def priority_class(self, name: str) -> Self:
        self._spec["priorityClassName"] = name
        return self

    def preempts_nobody(self) -> Self:
        self._spec["preemptionPolicy"] = "Never"
        return self

    def grace(self, seconds: int) -> Self:
        self._spec["terminationGracePeriodSeconds"] = seconds
        return self

    def gates(self, *names: str) -> Self:
        self._spec["schedulingGates"] = [{"name": name} for name in names]
        return self

    def requests(self, **amounts: str) -> Self:
        """Add a container that requests this much."""
        container = {"name": f"c{len(self._spec['containers'])}", "resources": {"requests": resources(**amounts)}}
        self._spec["containers"].append(container)
        return self

    def init(self, *, sidecar: bool = False, **amounts: str) -> Self:
        """Add an init container that requests this much."""
        entry = {"name": f"i{len(self._spec['initContainers'])}", "resources": {"requests": resources(**amounts)}}
        if sidecar:
            entry["restartPolicy"] = "Always"
        self._spec["initContainers"].append(entry)
        return self

    def pod_level(self, **amounts: str) -> Self:
        """Set what the pod as a whole requests."""
        self._spec["resources"] = {"requests": resources(**amounts)}
        return self

    def has(self, number: int = 0, allocated: dict[str, str] | None = None, **amounts: str) -> Self:
        """Let the status say what a container has, and what it was allocated (by default the same)."""
        given = {"resources": {"requests": resources(**amounts)}, "allocatedResources": resources(**amounts)}
        if allocated is not None:
            given["allocatedResources"] = allocated
        entry = {"name": f"c{number}", "ready": True, "restartCount": 0, "image": "", "imageID": "", **given}
        self._status.setdefault("containerStatuses", []).append(entry)
        return self

    def condition(self, kind: str, reason: str) -> Self:
        entry = {"type": kind, "status": "True", "reason": reason}
        self._status.setdefault("conditions", []).append(entry)
        return self

    def overhead(self, **amounts: str) -> Self:
        self._spec["overhead"] = resources(**amounts)
        return self

    def host_port(self, port: int, protocol: str = "TCP", ip: str = "", *, sidecar: bool = False) -> Self:
        """Add a container, or a sidecar, with a host port."""
        declared = {"containerPort": 80, "hostPort": port, "protocol": protocol, "hostIP": ip}
        if sidecar:
            self._spec["initContainers"].append({"name": "side", "ports": [declared], "restartPolicy": "Always"})
        else:
            self._spec["containers"].append({"name": f"p{port}{protocol}", "ports": [declared]})
        return self

    def tolerates(self, key: str = "", operator: str = "Equal", value: str = "", effect: str = "") -> Self:
        entry = {"key": key, "operator": operator, "value": value, "effect": effect}
        self._spec.setdefault("tolerations", []).append(entry)
        return self

    def volume(self, source: str, /, **fields: Any) -> Self:
        """Add a volume with this source."""
        volumes = self._spec.setdefault("volumes", [])
        volumes.append({"name": f"v{len(volumes)}", source: fields})
        return self

    def claim(self, name: str) -> Self:
        """Add a volume from a claim."""
        return self.volume("persistentVolumeClaim", claimName=name)

    def selector(self, **labels: str) -> Self:
        self._spec["nodeSelector"] = labels
        return self

    def _node_affinity(self) -> dict[str, Any]:
        affinity: dict[str, Any] = self._spec.setdefault("affinity", {}).setdefault("nodeAffinity", {})
        return affinity

    def required(self, *terms: dict[str, Any]) -> Self:
        self._node_affinity()["requiredDuringSchedulingIgnoredDuringExecution"] = {"nodeSelectorTerms": list(terms)}
        return self

    def preferred(self, *terms: tuple[int, dict[str, Any]]) -> Self:
        self._node_affinity()["preferredDuringSchedulingIgnoredDuringExecution"] = [
            {"weight": weight, "preference": preference} for weight, preference in terms
        ]
        return self

    def namespace(self, name: str) -> Self:
        self._metadata["namespace"] = name
        return self

    def labels(self, **labels: str) -> Self:
        self._metadata["labels"] = labels
        return self

    def image(self, name: str) -> Self:
        """Add a container with this image."""
        self._spec["containers"].append({"name": f"c{len(self._spec['containers'])}", "image": name})
        return self

    def spread(
        self,
        key: str = ZONE,
        selector: dict[str, Any] | None = None,
        *,
        skew: int = 1,
        hard: bool = True,
        **more: Any,
    ) -> Self:
        """Add a topology spread constraint, without a selector unless one is given."""
        when = "DoNotSchedule" if hard else "ScheduleAnyway"
        entry = {"maxSkew": skew, "topologyKey": key, "whenUnsatisfiable": when, **more}
        if selector is not None:
            entry["labelSelector"] = selector
        self._spec.setdefault("topologySpreadConstraints", []).append(entry)
        return self

    def affinity(self, *terms: dict[str, Any], anti: bool = False) -> Self:
        """Require to be near pods, or far from them."""
        self._pod_affinity(anti)["requiredDuringSchedulingIgnoredDuringExecution"] = list(terms)
        return self

    def likes(self, *terms: tuple[int, dict[str, Any]], anti: bool = False) -> Self:
        """Prefer to be near pods, or far from them, each with a weight."""
        self._pod_affinity(anti)["preferredDuringSchedulingIgnoredDuringExecution"] = [
            {"weight": weight, "podAffinityTerm": entry} for weight, entry in terms
        ]
        return self

    def _pod_affinity(self, anti: bool) -> dict[str, Any]:
        kind = "podAntiAffinity" if anti else "podAffinity"
        rules: dict[str, Any] = self._spec.setdefault("affinity", {}).setdefault(kind, {})
        return rules

    def dict(self) -> dict[str, Any]:
        spec = dict(self._spec)
        if not spec["containers"]:
            spec["containers"] = [{"name": "c0"}]
        return {"metadata": self._metadata, "spec": spec, "status": self._status}

    def obj(self) -> Pod:
        return Pod.model_validate(self.dict())

    def info(self) -> PodInfo:
        return pod_info(self.obj())

    def shown(self) -> ShownPod:
        return ShownPod.model_validate(self.dict())


class NodeBuilder:
    def __init__(self, name: str) -> None:
        self._metadata: dict[str, Any] = {"name": name, "uid": f"uid-{name}", "labels": {}}
        self._spec: dict[str, Any] = {"taints": []}
        self._allocatable = {"cpu": "4", "memory": "8Gi", "pods": "110"}
        self._images: list[dict[str, Any]] = []

    def __repr__(self) -> str:
        return f"make_node <{self._metadata} {self._spec} {self._allocatable}>"

    def capacity(self, **amounts: str) -> Self:
        """Set what there is to give; what is not named, there is none of."""
        self._allocatable = resources(**amounts)
        return self

    def labels(self, **labels: str) -> Self:
        self._metadata["labels"] |= labels
        return self

    def zone(self, name: str) -> Self:
        """Set the labels that nodes have for topology: the zone, and the node's own name."""
        self._metadata["labels"] |= {ZONE: name, HOST: self._metadata["name"]}
        return self

    def image(self, mebibytes: int, *names: str) -> Self:
        self._images.append({"names": list(names), "sizeBytes": mebibytes * 2**20})
        return self

    def taint(self, key: str, value: str = "", effect: str = "NoSchedule") -> Self:
        self._spec["taints"].append({"key": key, "value": value, "effect": effect})
        return self

    def cordoned(self) -> Self:
        self._spec["unschedulable"] = True
        return self

    def obj(self) -> Node:
        status = {"allocatable": self._allocatable, "images": self._images}
        return Node.model_validate({"metadata": self._metadata, "spec": self._spec, "status": status})

    def info(self) -> NodeInfo:
        return node_info(self.obj())


def make_pod(name: str = "pod") -> PodBuilder:
    return PodBuilder(name)


def make_node(name: str = "node") -> NodeBuilder:
    return NodeBuilder(name)


def table(*nodes: NodeBuilder, pods: tuple[PodBuilder, ...] = ()) -> NodeTable:
    """A node table with these nodes, and these pods on the nodes they name."""
    found = NodeTable()
    for node in nodes:
        found.add_node(node.info())
    for pod in pods:
        info = pod.info()
        found.add_pod(info.node_name, info)
    return found
