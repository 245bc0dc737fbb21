"""Services, nodes and pods with addresses, with only what a test says about them."""

from typing import Any

from apimachinery.types.core import Node
from apimachinery.types.pod import Pod
from apimachinery.types.service import Service
from tests.controller_manager.builders import NOW, pod

HTTP = {"name": "http", "port": 80, "targetPort": 8080}


def service(name: str = "web", *, ports: tuple[dict[str, Any], ...] = (HTTP,), **more: Any) -> Service:
    """Return a Service of pods labelled ``app=web``; ``labels`` and further fields of the ``spec`` say more."""
    spec = {"selector": {"app": "web"}, "clusterIP": "127.64.0.9", "ipFamilies": ["IPv4"], "ports": ports}
    return Service.model_validate({
        "metadata": {
            "name": name,
            "namespace": "default",
            "uid": f"uid-{name}",
            "labels": more.pop("labels", {}),
            "creationTimestamp": NOW,
        },
        "spec": {**spec, **more},
    })


def node(name: str = "n1", zone: str = "") -> Node:
    labels = {"topology.kubernetes.io/zone": zone} if zone else {}
    return Node.model_validate({"metadata": {"name": name, "labels": labels}})


def placed(name: str, ip: str, *, ready: bool = True, **more: Any) -> Pod:
    """Return a pod on node ``n1`` with an address; ``spec`` has more of its spec."""
    spec = more.pop("spec", {})
    found = pod(name, ready_for=1 if ready else None, node=more.pop("node", "n1"), **more).model_dump(by_alias=True)
    found["status"]["podIPs"] = [{"ip": entry} for entry in ip.split(",")] if ip else []
    found["spec"] |= spec
    return Pod.model_validate(found)
