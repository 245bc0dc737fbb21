"""The rules about other pods once more, pod by pod in plain Python on the API's own objects.

Written from the Kubernetes documentation and API reference, without the scheduler's own modules.
"""

import math
from typing import Any

from tests.scheduler.reference import Cluster, requirement_holds, selected, untolerated

HOSTNAME = "kubernetes.io/hostname"
REQUIRED, PREFERRED = (
    "requiredDuringSchedulingIgnoredDuringExecution",
    "preferredDuringSchedulingIgnoredDuringExecution",
)

SPREAD = "node(s) didn't match pod topology spread constraints"
FAR = "node(s) didn't match pod affinity rules"
CLOSE = "node(s) didn't match pod anti-affinity rules"
UNWANTED = "node(s) didn't satisfy existing pods anti-affinity rules"

Object = dict[str, Any]


def labels(obj: Object) -> dict[str, str]:
    found: dict[str, str] = obj["metadata"].get("labels", {})
    return found


def selects(selector: Object | None, values: dict[str, str]) -> bool:
    if selector is None:
        return False
    expressions = [{"values": [], **entry} for entry in selector.get("matchExpressions", [])]
    equal = all(values.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    return equal and all(requirement_holds(entry, values) for entry in expressions)


# Spreading


def constraints(pod: Object, action: str) -> list[Object]:
    return [entry for entry in pod["spec"].get("topologySpreadConstraints", []) if entry["whenUnsatisfiable"] == action]


def counts_for(pod: Object, constraint: Object, node: Object, keys: list[str]) -> bool:
    """Whether the pods of a node count for a constraint, and the node's domain is one of its domains."""
    if any(key not in labels(node) for key in keys):
        return False
    if constraint.get("nodeAffinityPolicy", "Honor") == "Honor" and not selected(pod, node):
        return False
    honor = constraint.get("nodeTaintsPolicy", "Ignore") == "Honor"
    return not (honor and untolerated(pod, node["spec"]["taints"], {"NoSchedule", "NoExecute"}))


def meant(pod: Object, constraint: Object, other: Object) -> bool:
    own, selector = labels(pod), constraint.get("labelSelector")
    narrowed = {key: own[key] for key in constraint.get("matchLabelKeys", []) if key in own}
    return (
        other["metadata"]["namespace"] == pod["metadata"]["namespace"]
        and selects(selector, labels(other))
        and all(labels(other).get(key) == value for key, value in narrowed.items())
    )


def matching(pod: Object, constraint: Object, others: list[Object]) -> int:
    return sum("deletionTimestamp" not in other["metadata"] and meant(pod, constraint, other) for other in others)


def domain_counts(pod: Object, constraint: Object, cluster: Cluster, keys: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for node, others in cluster:
        if counts_for(pod, constraint, node, keys):
            value = labels(node).get(constraint["topologyKey"], "")
            found[value] = found.get(value, 0) + matching(pod, constraint, others)
    return found


def spread_rejection(pod: Object, node: Object, cluster: Cluster) -> set[str]:
    hard = constraints(pod, "DoNotSchedule")
    keys = [entry["topologyKey"] for entry in hard]
    for constraint in hard:
        value = labels(node).get(constraint["topologyKey"])
        if value is None:
            return {f"{SPREAD} (missing required label)"}
        found = domain_counts(pod, constraint, cluster, keys)
        least = min(found.values()) if len(found) >= constraint.get("minDomains", 1) else 0
        if found.get(value, 0) + meant(pod, constraint, pod) - least > constraint["maxSkew"]:
            return {SPREAD}
    return set()


def spread_scores(pod: Object, feasible: Cluster, cluster: Cluster) -> list[int] | None:
    """The feasible nodes' normalised scores by the constraints that are only preferences."""
    soft = constraints(pod, "ScheduleAnyway")
    if not soft:
        return None
    keys = [entry["topologyKey"] for entry in soft]
    scored = [(node, others) for node, others in feasible if all(key in labels(node) for key in keys)]
    raw: list[int | None] = []
    for node, others in feasible:
        if any(key not in labels(node) for key in keys):
            raw.append(None)
            continue
        total = 0.0
        for constraint in soft:
            key = constraint["topologyKey"]
            if key == HOSTNAME:
                size, count = len(scored), matching(pod, constraint, others)
            else:
                size = len({labels(entry)[key] for entry, _ in scored})
                count = domain_counts(pod, constraint, cluster, keys).get(labels(node)[key], 0)
            total += count * math.log(size + 2) + constraint["maxSkew"] - 1
        raw.append(math.floor(total + 0.5))
    known = [value for value in raw if value is not None]
    if not known or max(known) == 0:
        return [0 if value is None else 100 for value in raw]
    return [0 if value is None else 100 * (max(known) + min(known) - value) // max(known) for value in raw]


# Affinity


def terms(pod: Object, kind: str, need: str) -> list[Object]:
    found: list[Object] = pod["spec"].get("affinity", {}).get(kind, {}).get(need, [])
    return found


def means(owner: Object, term: Object, other: Object, namespaces: dict[str, dict[str, str]]) -> bool:
    """Whether a term of ``owner`` is about the other pod."""
    if not selects(term.get("labelSelector"), labels(other)):
        return False
    named, by_labels = term.get("namespaces", []), term.get("namespaceSelector")
    if not named and by_labels is None:
        named = [owner["metadata"]["namespace"]]
    namespace = other["metadata"]["namespace"]
    return namespace in named or selects(by_labels, namespaces.get(namespace, {}))


def near(term: Object, node: Object, other_node: Object) -> bool:
    value = labels(node).get(term["topologyKey"])
    return value is not None and value == labels(other_node).get(term["topologyKey"])


def affinity_rejection(pod: Object, node: Object, cluster: Cluster, namespaces: dict[str, dict[str, str]]) -> set[str]:
    placed = [(other, where) for where, others in cluster for other in others]
    required = terms(pod, "podAffinity", REQUIRED)
    friends = [entry for entry in placed if all(means(pod, term, entry[0], namespaces) for term in required)]
    if required:
        labelled = all(term["topologyKey"] in labels(node) for term in required)
        close = all(any(near(term, node, where) for _, where in friends) for term in required)
        nobody = not any(term["topologyKey"] in labels(where) for term in required for _, where in friends)
        first = nobody and all(means(pod, term, pod, namespaces) for term in required)
        if not (labelled and (close or first)):
            return {FAR}
    for term in terms(pod, "podAntiAffinity", REQUIRED):
        if any(means(pod, term, other, namespaces) and near(term, node, where) for other, where in placed):
            return {CLOSE}
    for other, where in placed:
        for term in terms(other, "podAntiAffinity", REQUIRED):
            if means(other, term, pod, namespaces) and near(term, node, where):
                return {UNWANTED}
    return set()


def affinity_scores(
    pod: Object, feasible: Cluster, cluster: Cluster, namespaces: dict[str, dict[str, str]]
) -> list[int]:
    """The feasible nodes' normalised scores, a required affinity of a pod that is there counting 1."""
    raw = []
    for node, _ in feasible:
        total = 0
        for where, others in cluster:
            for other in others:
                for sign, kind in ((1, "podAffinity"), (-1, "podAntiAffinity")):
                    for owner, friend in ((pod, other), (other, pod)):
                        for wish in terms(owner, kind, PREFERRED):
                            term = wish["podAffinityTerm"]
                            if means(owner, term, friend, namespaces) and near(term, node, where):
                                total += sign * wish["weight"]
                for term in terms(other, "podAffinity", REQUIRED):
                    total += means(other, term, pod, namespaces) and near(term, node, where)
        raw.append(total)
    span = max(raw) - min(raw)
    return [int(100 * ((value - min(raw)) / span)) if span else 0 for value in raw]
