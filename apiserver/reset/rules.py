"""Which objects are a cluster's own, though it may get them after its start, and what of an object is its maker's."""

from collections.abc import Iterator, Mapping
from typing import Any

from apimachinery.labels import SERVICE_NAME_LABEL
from apiserver import service_addresses

JSONObject = dict[str, Any]
Resource = tuple[str, str]
"""A resource's group and plural."""

Place = tuple[str, str]
"""An object's namespace, empty for none, and name."""

SERVICES: Resource = ("", "services")
STATEFUL_SETS: Resource = ("apps", "statefulsets")
ENDPOINTS: Resource = ("", "endpoints")
CLAIMS: Resource = ("", "persistentvolumeclaims")
ADDRESSES: Resource = ("networking.k8s.io", "ipaddresses")

SYSTEM_NAMESPACES = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})

_OWN_SERVICES = {"default": frozenset({"kubernetes"}), "kube-system": frozenset({"kube-dns", "kube-scheduler"})}
_SERVICE_KINDS = frozenset({SERVICES, ENDPOINTS, ("discovery.k8s.io", "endpointslices")})
_IN_EVERY_NAMESPACE = {("", "serviceaccounts"): "default", ("", "configmaps"): "kube-root-ca.crt"}
_LEASES = ("coordination.k8s.io", "leases")
_OWN = frozenset({
    (("networking.k8s.io", "servicecidrs"), "kubernetes"),
    (("storage.k8s.io", "storageclasses"), "standard"),
    (("apiextensions.k8s.io", "customresourcedefinitions"), "fakeimages.fakeimages.kubemu.io"),
})
_SYSTEM_PREFIXES = ("system-", "system:")

_VOLATILE = frozenset({
    ENDPOINTS,
    ("", "events"),
    _LEASES,
    ("discovery.k8s.io", "endpointslices"),
    ("events.k8s.io", "events"),
    ADDRESSES,
})
"""What components write all the time, and would write again."""

_OWNERS_FIRST: Mapping[Resource, int] = {
    ("", "namespaces"): 0,
    ("batch", "cronjobs"): 1,
    ("apps", "deployments"): 1,
    ("batch", "jobs"): 2,
    ("apps", "daemonsets"): 2,
    STATEFUL_SETS: 2,
    ("apps", "replicasets"): 2,
    ("", "replicationcontrollers"): 2,
    ("", "pods"): 4,
    ("", "events"): 5,
}
_ORDINARY = 3
_ENDPOINTS_MANAGER = "endpoints.kubernetes.io/managed-by"
_CONTROLLERS = "kube-controller-manager"
_NODE_TAINTS = "node.kubernetes.io/"
_UNSCHEDULABLE = "node.kubernetes.io/unschedulable"


def may_be_own(resource: Resource, namespace: str) -> bool:
    """Return whether any object of a resource in this namespace may be the cluster's own."""
    if namespace not in SYSTEM_NAMESPACES:
        return False
    return (
        namespace == "kube-node-lease"
        or resource in _IN_EVERY_NAMESPACE
        or (resource in _SERVICE_KINDS and namespace in _OWN_SERVICES)
        or (namespace == "kube-system" and resource == _LEASES)
    )


def is_own(resource: Resource, namespace: str, name: str, labels: Mapping[str, str]) -> bool:
    """Return whether an object is the cluster's own, whenever it was made."""
    if namespace in SYSTEM_NAMESPACES:
        if namespace == "kube-node-lease" or _IN_EVERY_NAMESPACE.get(resource) == name:
            return True
        services = _OWN_SERVICES.get(namespace, frozenset())
        if resource in _SERVICE_KINDS and not services.isdisjoint({name, labels.get(SERVICE_NAME_LABEL, "")}):
            return True
        return namespace == "kube-system" and resource == _LEASES
    if namespace:
        return False
    if resource == ("", "namespaces"):
        return name in SYSTEM_NAMESPACES
    return (resource, name) in _OWN or name.startswith(_SYSTEM_PREFIXES)


def is_of_allocator(address: JSONObject) -> bool:
    """Return whether the server made an ``IPAddress``, for a Service that has the address."""
    return (address["metadata"].get("labels") or {}).get(service_addresses.MANAGED_BY) == service_addresses.MANAGER


def parent_of(address: JSONObject) -> Place:
    """Return where the Service is that an ``IPAddress`` is for."""
    parent = address["spec"]["parentRef"]
    return parent.get("namespace", ""), parent.get("name", "")


def is_of_own_service(address: JSONObject) -> bool:
    """Return whether an ``IPAddress`` is of one of the cluster's own Services."""
    namespace, name = parent_of(address)
    return name in _OWN_SERVICES.get(namespace, ())


def place_of(obj: JSONObject) -> Place:
    return obj["metadata"].get("namespace", ""), obj["metadata"]["name"]


def is_made_of_a_service(endpoints: JSONObject) -> bool:
    """Return whether the controller made these Endpoints, of what the Service of their name selects."""
    return (endpoints["metadata"].get("labels") or {}).get(_ENDPOINTS_MANAGER) == "endpoint-controller"


def is_made_by_controllers(obj: JSONObject) -> bool:
    """Return whether a controller of the cluster's made an object that has just been made."""
    return any(entry.get("manager") == _CONTROLLERS for entry in obj["metadata"].get("managedFields") or ())


def is_claim_of(stateful_set: JSONObject, claim: JSONObject) -> bool:
    """Return whether a claim is one that the controller makes for a pod of this StatefulSet.

    It names no owner unless the set's claims are to go with it, but has the name and the labels that all such have.
    """
    (namespace, name), spec = place_of(stateful_set), stateful_set["spec"]
    claim_namespace, claim_name = place_of(claim)
    if claim_namespace != namespace:
        return False
    start, _, ordinal = claim_name.rpartition("-")
    selected = (spec.get("selector") or {}).get("matchLabels") or {}
    return (
        ordinal.isdecimal()
        and any(
            start == f"{template['metadata']['name']}-{name}" for template in spec.get("volumeClaimTemplates") or ()
        )
        and selected.items() <= (claim["metadata"].get("labels") or {}).items()
    )


def uids_it_is_about(resource: Resource, obj: JSONObject) -> Iterator[str]:
    """Yield the uids of objects without which nobody would have made ``obj``: its owners, and what it tells of."""
    for owner in obj["metadata"].get("ownerReferences") or ():
        yield owner.get("uid", "")
    for field in ("involvedObject", "regarding"):
        if (about := obj.get(field)) is not None:
            yield about.get("uid", "")
    if resource == ("", "persistentvolumes") and (claim := (obj.get("spec") or {}).get("claimRef")) is not None:
        yield claim.get("uid", "")


def order(resource: Resource) -> int:
    """Return how late objects of a resource go: after those whose controllers would make them anew.

    Namespaces are first, since nothing can be made in one that is gone.
    """
    return _OWNERS_FIRST.get(resource, _ORDINARY)


def is_restored(resource: Resource, obj: JSONObject) -> bool:
    """Return whether an object of the start is put back when it is gone or another: unless its controller does that."""
    owners = obj["metadata"].get("ownerReferences") or ()
    return resource not in _VOLATILE and not any(owner.get("controller") for owner in owners)


def anew(obj: JSONObject) -> JSONObject:
    """Return an object as somebody would create it who wants one like ``obj``."""
    metadata = {
        key: value
        for key, value in obj["metadata"].items()
        if key in {"name", "namespace", "labels", "annotations", "finalizers"}
    }
    made = {key: value for key, value in obj.items() if key not in {"metadata", "status"}}
    if made.get("kind") == "Pod":
        made["spec"] = {key: value for key, value in made["spec"].items() if key != "nodeName"}
    return {**made, "metadata": metadata}


def put_back(saved: JSONObject, now: JSONObject) -> JSONObject:
    """Return what an object has to be for it to be as it was at the start; ``now`` when it is.

    What components say of it (its status, a node's taints by its conditions) stays as it is now.
    """
    metadata = {**now["metadata"]}
    for key in ("labels", "annotations", "finalizers"):
        if key in saved["metadata"]:
            metadata[key] = saved["metadata"][key]
        else:
            metadata.pop(key, None)
    rest = {key: value for key, value in saved.items() if key not in {"metadata", "status"}}
    wanted: JSONObject = {**rest, "metadata": metadata}
    if "status" in now:
        wanted["status"] = now["status"]
    if wanted.get("kind") == "Node":
        wanted["spec"] = _node_spec(saved.get("spec") or {}, now.get("spec") or {})
    elif wanted.get("kind") == "Pod":
        # Where it runs, and nearly everything else in it, cannot be changed anyway.
        wanted["spec"] = now["spec"]
    return wanted


def _node_spec(saved: JSONObject, now: JSONObject) -> JSONObject:
    def by_condition(taint: JSONObject) -> bool:
        key: str = taint["key"]
        return key.startswith(_NODE_TAINTS) and key != _UNSCHEDULABLE

    taints = [taint for taint in now.get("taints") or () if by_condition(taint)]
    taints += [taint for taint in saved.get("taints") or () if not by_condition(taint)]
    spec = {key: value for key, value in saved.items() if key != "taints"}
    # A list that has become empty is no change that would have to be undone.
    return {**spec, "taints": taints} if taints or "taints" in now else spec
