"""Whether one node is one that a pod asks for, and whether the pod puts up with its taints.

Follows ``k8s.io/component-helpers/scheduling/corev1`` (v1.36). For one node at a time: the scheduler looks at thousands
at once and has its own way.
"""

import re
from collections.abc import Iterable, Mapping

from apimachinery.selectors import Requirement, object_operator
from apimachinery.types.core import Node
from apimachinery.types.pod import NodeSelectorRequirement, NodeSelectorTerm, PodSpec, Taint, Toleration

NAME_FIELD = "metadata.name"
"""The one field of a node that a term's ``matchFields`` can be about."""

_INTEGER = re.compile(r"[+-]?[0-9]+")


def selects(spec: PodSpec, node: Node) -> bool:
    """Return whether the node selector and the required node affinity of ``spec`` let the pod run on ``node``."""
    labels = node.metadata.labels
    affinity = spec.affinity.node_affinity if spec.affinity is not None else None
    required = affinity.required if affinity is not None else None
    return all(labels.get(name) == value for name, value in spec.node_selector.items()) and (
        required is None or any(_term_matches(term, node) for term in required.node_selector_terms)
    )


def _term_matches(term: NodeSelectorTerm, node: Node) -> bool:
    if not term.match_expressions and not term.match_fields:
        return False
    fields = {NAME_FIELD: node.metadata.name}
    return all(_matches(entry, node.metadata.labels) for entry in term.match_expressions) and all(
        _matches(entry, fields) for entry in term.match_fields
    )


def _matches(entry: NodeSelectorRequirement, labels: Mapping[str, str]) -> bool:
    return Requirement(entry.key, object_operator(entry.operator), frozenset(entry.values)).matches(labels)


def untolerated(tolerations: Iterable[Toleration], taints: Iterable[Taint], effects: Iterable[str]) -> list[Taint]:
    """Return the taints of these effects that none of ``tolerations`` tolerates."""
    entries, wanted = list(tolerations), set(effects)
    return [
        taint for taint in taints if taint.effect in wanted and not any(tolerates(entry, taint) for entry in entries)
    ]


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    """Return whether the toleration is for that taint; an empty effect is for all, an empty key with ``Exists`` too."""
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    if toleration.operator in {"Gt", "Lt"}:
        return compares(toleration.operator, taint.value, toleration.value)
    return toleration.operator == "Exists" or (bool(toleration.key) and toleration.value == taint.value)


def compares(operator: str, value: str, bound: str) -> bool:
    """Return whether ``value`` is a larger number than ``bound`` (``Gt``), or a smaller one (``Lt``)."""
    if not (_INTEGER.fullmatch(value) and _INTEGER.fullmatch(bound)):
        return False
    return int(value) > int(bound) if operator == "Gt" else int(value) < int(bound)
