"""The rules once more, node by node in plain Python on the API's own objects: what the vectors are held against.

Written from the Kubernetes documentation and API reference, without the scheduler's own modules.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from apimachinery.quantity import parse_quantity

NODE_TAINT = {"key": "node.kubernetes.io/unschedulable", "value": "", "effect": "NoSchedule"}


def amount(resource: str, text: str) -> int:
    return ceil(parse_quantity(text) * (1000 if resource == "cpu" else 1))


@dataclass
class Needs:
    """What a pod needs: to fit, and as scoring counts."""

    fit: dict[str, int]
    scored: Counter[str]


def needs(pod: dict[str, Any]) -> Needs:
    def total(defaults: dict[str, int]) -> Counter[str]:
        spec = pod["spec"]

        def of(container: dict[str, Any]) -> Counter[str]:
            given = container.get("resources", {}).get("requests", {})
            return Counter({**defaults, **{name: amount(name, text) for name, text in given.items()}})

        running: Counter[str] = Counter()
        for container in spec["containers"]:
            running += of(container)
        moments: list[Counter[str]] = []
        beside: Counter[str] = Counter()
        for container in spec.get("initContainers", []):
            if container.get("restartPolicy") == "Always":
                beside += of(container)
                moments.append(Counter(beside))
            else:
                moments.append(beside + of(container))
        moments.append(running + beside)
        over = Counter({name: amount(name, text) for name, text in spec.get("overhead", {}).items()})
        names = {name for moment in moments for name in moment} | set(over)
        # What is asked in so many words and is nothing is left out by the sums: it counts as 0.
        return Counter({name: max(moment[name] for moment in moments) + over[name] for name in names})

    fit = {name: value for name, value in total({}).items() if value}
    return Needs(fit, total({"cpu": 100, "memory": 200 * 2**20}))


def tolerates(toleration: dict[str, Any], taint: dict[str, Any]) -> bool:
    if toleration["effect"] not in {"", taint["effect"]}:
        return False
    if toleration["key"] not in {"", taint["key"]}:
        return False
    return toleration["operator"] == "Exists" or bool(toleration["value"] == taint["value"])


def untolerated(pod: dict[str, Any], taints: list[dict[str, Any]], effects: set[str]) -> int:
    tolerations = pod["spec"].get("tolerations", [])
    return sum(
        taint["effect"] in effects and not any(tolerates(entry, taint) for entry in tolerations) for taint in taints
    )


def requirement_holds(entry: dict[str, Any], values: dict[str, str]) -> bool:
    found, wanted = values.get(entry["key"]), entry["values"]
    match entry["operator"]:
        case "In":
            return found in wanted
        case "NotIn":
            return bool(wanted) and found not in wanted
        case "Exists":
            return found is not None and not wanted
        case "DoesNotExist":
            return found is None and not wanted
    numbers = [text for text in [found, *wanted] if text is not None and re.fullmatch(r"[+-]?[0-9]+", text)]
    if found is None or len(numbers) != 2:
        return False
    return int(found) > int(wanted[0]) if entry["operator"] == "Gt" else int(found) < int(wanted[0])


def parses(entry: dict[str, Any]) -> bool:
    match entry["operator"]:
        case "In" | "NotIn":
            return bool(entry["values"])
        case "Exists" | "DoesNotExist":
            return not entry["values"]
    return len(entry["values"]) == 1 and bool(re.fullmatch(r"[+-]?[0-9]+", entry["values"][0]))


def term_matches(term: dict[str, Any], node: dict[str, Any]) -> bool:
    if not term["matchExpressions"] and not term["matchFields"]:
        return False
    if not all(parses(entry) for entry in term["matchExpressions"]):
        return False
    labels, fields = node["metadata"]["labels"], {"metadata.name": node["metadata"]["name"]}
    return all(requirement_holds(entry, labels) for entry in term["matchExpressions"]) and all(
        requirement_holds(entry, fields) for entry in term["matchFields"]
    )


def node_affinity(pod: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = pod["spec"].get("affinity", {}).get("nodeAffinity", {})
    return found


def selected(pod: dict[str, Any], node: dict[str, Any]) -> bool:
    labels = node["metadata"]["labels"]
    if any(labels.get(key) != value for key, value in pod["spec"].get("nodeSelector", {}).items()):
        return False
    required = node_affinity(pod).get("requiredDuringSchedulingIgnoredDuringExecution")
    return required is None or any(term_matches(term, node) for term in required["nodeSelectorTerms"])


def host_ports(pod: dict[str, Any]) -> list[tuple[str, int, str]]:
    containers = [*pod["spec"]["containers"]]
    containers += [entry for entry in pod["spec"].get("initContainers", []) if entry.get("restartPolicy") == "Always"]
    return [
        (port["protocol"], port["hostPort"], port["hostIP"] or "0.0.0.0")
        for container in containers
        for port in container.get("ports", [])
    ]


def port_taken(pod: dict[str, Any], others: list[dict[str, Any]]) -> bool:
    held = [port for other in others for port in host_ports(other)]
    return any(
        (protocol, number) == (its_protocol, its_number) and (ip == its_ip or "0.0.0.0" in {ip, its_ip})
        for protocol, number, ip in host_ports(pod)
        for its_protocol, its_number, its_ip in held
    )


def allocatable(node: dict[str, Any]) -> dict[str, int]:
    return {name: amount(name, text) for name, text in node["status"]["allocatable"].items()}


def shortages(pod: dict[str, Any], node: dict[str, Any], others: list[dict[str, Any]]) -> list[str]:
    has, wanted = allocatable(node), needs(pod).fit
    reasons = ["Too many pods"] if len(others) + 1 > has.get("pods", 0) else []
    used: Counter[str] = Counter()
    for other in others:
        used += Counter(needs(other).fit)
    return reasons + [f"Insufficient {name}" for name, value in wanted.items() if value > has.get(name, 0) - used[name]]


def rejection(pod: dict[str, Any], node: dict[str, Any], others: list[dict[str, Any]]) -> set[str]:
    """Why the node cannot take the pod, by the first rule that says no; nothing when it can."""
    cordoned = node["spec"].get("unschedulable", False)
    if cordoned and untolerated(pod, [NODE_TAINT], {"NoSchedule"}):
        return {"node(s) were unschedulable"}
    if untolerated(pod, node["spec"]["taints"], {"NoSchedule", "NoExecute"}):
        return {"node(s) had untolerated taint(s)"}
    if not selected(pod, node):
        return {"node(s) didn't match Pod's node affinity/selector"}
    if port_taken(pod, others):
        return {"node(s) didn't have free ports for the requested pod ports"}
    return set(shortages(pod, node, others))


def normalized(raw: list[int], *, reverse: bool) -> list[int]:
    largest = max(raw)
    if largest == 0:
        return [100 if reverse else 0 for _ in raw]
    return [100 - 100 * value // largest if reverse else 100 * value // largest for value in raw]


def least_allocated(pod: dict[str, Any], node: dict[str, Any], others: list[dict[str, Any]]) -> int:
    has, parts = allocatable(node), []
    for name in ("cpu", "memory"):
        if has.get(name, 0) == 0:
            continue
        used = needs(pod).scored[name] + sum(needs(other).scored[name] for other in others)
        parts.append(max(0, has[name] - used) * 100 // has[name])
    return sum(parts) // len(parts) if parts else 0


def balanced(pod: dict[str, Any], node: dict[str, Any], others: list[dict[str, Any]]) -> int:
    has, fractions = allocatable(node), []
    for name in ("cpu", "memory"):
        if has.get(name, 0) == 0:
            continue
        used = needs(pod).fit.get(name, 0) + sum(needs(other).fit.get(name, 0) for other in others)
        fractions.append(min(1.0, used / has[name]))
    deviation = abs(fractions[0] - fractions[1]) / 2 if len(fractions) == 2 else 0.0
    return int((1 - deviation) * 100)


def preferred_weight(pod: dict[str, Any], node: dict[str, Any]) -> int:
    terms = node_affinity(pod).get("preferredDuringSchedulingIgnoredDuringExecution", [])
    return sum(entry["weight"] for entry in terms if term_matches(entry["preference"], node))


def controller(pod: dict[str, Any]) -> str | None:
    return next((owner["uid"] for owner in pod["metadata"].get("ownerReferences", []) if owner["controller"]), None)


def siblings(pod: dict[str, Any], others: list[dict[str, Any]]) -> int:
    return sum(
        controller(other) == controller(pod) and "deletionTimestamp" not in other["metadata"] for other in others
    )


Cluster = list[tuple[dict[str, Any], list[dict[str, Any]]]]
"""Nodes, each with the pods on it."""


def totals(pod: dict[str, Any], feasible: Cluster, more: Sequence[tuple[list[int], int]] = ()) -> dict[str, Fraction]:
    """Each feasible node's weighted score, up to what is the same for all of them.

    ``more`` are further normalised scores, with their weights.
    """
    sums = [Fraction(least_allocated(pod, node, others)) for node, others in feasible]

    def add(values: list[int], weight: int) -> None:
        for position, value in enumerate(values):
            sums[position] += weight * value

    if {"cpu", "memory"} & set(needs(pod).fit):
        add([balanced(pod, node, others) for node, others in feasible], 1)
    unwelcome = [untolerated(pod, node["spec"]["taints"], {"PreferNoSchedule"}) for node, _ in feasible]
    add(normalized(unwelcome, reverse=True), 3)
    add(normalized([preferred_weight(pod, node) for node, _ in feasible], reverse=False), 2)
    if controller(pod):
        add(normalized([siblings(pod, others) for _, others in feasible], reverse=True), 1)
    for values, weight in more:
        add(values, weight)
    least = min(sums)
    return {node["metadata"]["name"]: total - least for (node, _), total in zip(feasible, sums, strict=True)}
