"""What one object takes of a quota (``pkg/quota/v1/evaluator/core`` and ``k8s.io/apiserver/pkg/quota/v1/generic``).

Everything that is stored in a namespace counts as ``count/RESOURCE.GROUP``. Beside that some kinds have names of
their own in quotas, and pods and claims are charged with what they request.
"""

from collections.abc import Iterable
from typing import Any

from apimachinery.amounts import ONE, ZERO, Amount, Amounts, add, amount, amounts, pod_amounts

JSONObject = dict[str, Any]
Resource = tuple[str, str]
"""Group and plural."""

PODS: Resource = ("", "pods")
SERVICES: Resource = ("", "services")
CLAIMS: Resource = ("", "persistentvolumeclaims")

_BY_PLURAL = frozenset({"configmaps", "replicationcontrollers", "resourcequotas", "secrets"})
_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_ENDED = frozenset({"Failed", "Succeeded"})
_MUST_BE_GIVEN = frozenset({"cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory"})
_CLASS_SUFFIX = ".storageclass.storage.k8s.io/"


def count_name(resource: Resource) -> str:
    """Return the name under which a quota limits how many objects there are."""
    group, plural = resource
    return f"count/{plural}.{group}" if group else f"count/{plural}"


def usage(resource: Resource, obj: JSONObject) -> Amounts:
    """Return what an object takes, by the names that quotas use."""
    charged: Amounts = {count_name(resource): ONE}
    if resource == PODS:
        charged |= _pod_usage(obj)
    elif resource == SERVICES:
        charged |= _service_usage(obj.get("spec", {}))
    elif resource == CLAIMS:
        charged |= _claim_usage(obj)
    elif not resource[0] and resource[1] in _BY_PLURAL:
        charged[resource[1]] = ONE
    return charged


def _pod_usage(pod: JSONObject) -> Amounts:
    """A pod that has ended is an object still, but takes nothing any more."""
    if pod.get("status", {}).get("phase") in _ENDED:
        return {}
    requests, limits = pod_amounts(pod["spec"], "requests"), pod_amounts(pod["spec"], "limits")
    if overhead := pod["spec"].get("overhead"):
        extra = amounts(overhead)
        add(requests, extra)
        # Where there is no limit, the overhead does not make one.
        add(limits, {name: one for name, one in extra.items() if name in limits})
    return {"pods": ONE, **compute_usage(requests, limits)}


def compute_usage(requests: Amounts, limits: Amounts) -> Amounts:
    """Return requests and limits under the names that quotas use."""
    charged: Amounts = {}
    for name in _COMPUTE:
        if name in requests:
            charged[name] = charged[f"requests.{name}"] = requests[name]
        if name in limits:
            charged[f"limits.{name}"] = limits[name]
    for name, request in requests.items():
        if name.startswith("hugepages-"):
            charged[name] = charged[f"requests.{name}"] = request
        elif "/" in name:
            # Of extended resources one gets what one asks for: there are requests only.
            charged[f"requests.{name}"] = request
    return charged


def _service_usage(spec: JSONObject) -> Amounts:
    kind, ports = spec.get("type", "ClusterIP"), spec.get("ports", [])
    node_ports = 0
    if kind == "NodePort":
        node_ports = len(ports)
    elif kind == "LoadBalancer":
        allocated = spec.get("allocateLoadBalancerNodePorts", True)
        node_ports = len(ports) if allocated else sum(bool(port.get("nodePort")) for port in ports)
    return {
        "services": ONE,
        "services.loadbalancers": ONE if kind == "LoadBalancer" else ZERO,
        "services.nodeports": Amount(ONE.number * node_ports),
    }


def _claim_usage(claim: JSONObject) -> Amounts:
    spec = claim.get("spec", {})
    charged: Amounts = {"persistentvolumeclaims": ONE}
    storage_class = storage_class_of(claim)
    if storage_class:
        charged[f"{storage_class}{_CLASS_SUFFIX}persistentvolumeclaims"] = ONE
    asked = spec.get("resources", {}).get("requests", {}).get("storage")
    if asked is not None:
        # What has been allocated already counts even where less is asked for now.
        held = claim.get("status", {}).get("allocatedResources", {}).get("storage")
        storage = max((amount(quantity) for quantity in (asked, held) if quantity), key=lambda one: one.number)
        charged["requests.storage"] = storage
        if storage_class:
            charged[f"{storage_class}{_CLASS_SUFFIX}requests.storage"] = storage
    return charged


def storage_class_of(claim: JSONObject) -> str:
    beta = claim["metadata"].get("annotations", {}).get("volume.beta.kubernetes.io/storage-class")
    return str(beta if beta is not None else claim.get("spec", {}).get("storageClassName") or "")


_NAMED = (PODS, SERVICES, CLAIMS, *(("", plural) for plural in sorted(_BY_PLURAL)))


def limited_resources(names: Iterable[str]) -> set[Resource]:
    """Return the resources that a quota with these names limits."""
    found: set[Resource] = set()
    for name in names:
        if name.startswith("count/"):
            plural, _, group = name.removeprefix("count/").partition(".")
            found.add((group, plural))
        else:
            found.update(resource for resource in _NAMED if is_of(resource, name))
    return found


def is_of(resource: Resource, name: str) -> bool:
    """Whether a quota that limits ``name`` limits objects of this resource."""
    if name == count_name(resource):
        return True
    if resource == PODS:
        bare = name.removeprefix("requests.")
        return (
            name == "pods"
            or name in _MUST_BE_GIVEN
            or name in {"ephemeral-storage", "requests.ephemeral-storage", "limits.ephemeral-storage"}
            or bare.startswith("hugepages-")
            or (bare != name and "/" in bare and "kubernetes.io/" not in bare)
        )
    if resource == SERVICES:
        return name in {"services", "services.loadbalancers", "services.nodeports"}
    if resource == CLAIMS:
        return name in {"persistentvolumeclaims", "requests.storage"} or _CLASS_SUFFIX in name
    return not resource[0] and name == resource[1] and name in _BY_PLURAL


def missing_constraints(required: Iterable[str], pod: JSONObject) -> str:
    """Return ``must specify …`` when a quota limits cpu or memory and a container does not say how much; or ``""``."""
    wanted = sorted(_MUST_BE_GIVEN.intersection(required))
    if not wanted:
        return ""
    spec = pod["spec"]
    lacking: dict[str, set[str]] = {}
    for container in [*spec.get("containers", ()), *spec.get("initContainers", ())]:
        resources = container.get("resources", {})
        given = compute_usage(amounts(resources.get("requests")), amounts(resources.get("limits")))
        for name in wanted:
            if name not in given:
                lacking.setdefault(name, set()).add(container.get("name", ""))
    if not lacking:
        return ""
    return "must specify " + "; ".join(f"{name} for: {','.join(sorted(lacking[name]))}" for name in sorted(lacking))
