"""Which nodes a pod asks for: ``nodeSelector`` and node affinity, parsed into one value.

Follows ``k8s.io/component-helpers/scheduling/corev1/nodeaffinity`` (v1.36): a term that is empty, or that does not
parse, matches no node; the terms of a selector are alternatives, the requirements of a term must all hold.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from apimachinery.selectors import Operator, Requirement, SelectorSyntaxError, object_operator
from apimachinery.types.pod import Affinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm

NAME_FIELD = "metadata.name"

_INTEGER = re.compile(r"[+-]?[0-9]+")
_CACHED = 4096


@dataclass(frozen=True, slots=True)
class Term:
    """One alternative: every requirement on labels and on the node's name must hold."""

    labels: tuple[Requirement, ...] = ()
    names: tuple[Requirement, ...] = ()

    def matches(self, name: str, labels: Mapping[str, str]) -> bool:
        named = all((name in entry.values) is (entry.operator is Operator.IN) for entry in self.names)
        return named and all(entry.matches(labels) for entry in self.labels)


@dataclass(frozen=True, slots=True)
class PreferredTerm:
    weight: int
    term: Term


@dataclass(frozen=True, slots=True, eq=False)
class NodeSelection:
    """What a pod requires and what it would like.

    Equal selections are the same object while they are in use, so that identity stands for equality. ``required``
    is ``None`` when there is no affinity at all; no terms match nothing.
    """

    selector: tuple[Requirement, ...]
    required: tuple[Term, ...] | None
    preferred: tuple[PreferredTerm, ...]

    @property
    def restricts(self) -> bool:
        return bool(self.selector) or self.required is not None

    def matches(self, name: str, labels: Mapping[str, str]) -> bool:
        """Return whether one node meets what is required."""
        if not all(entry.matches(labels) for entry in self.selector):
            return False
        return self.required is None or any(term.matches(name, labels) for term in self.required)

    def node_names(self) -> frozenset[str] | None:
        """Return the only nodes that the required terms allow by name, ``None`` when some term names none.

        An empty set means that the terms contradict themselves.
        """
        if not self.required:
            return None
        allowed: set[str] = set()
        for term in self.required:
            wanted = [entry.values for entry in term.names if entry.operator is Operator.IN]
            if not wanted:
                return None
            allowed |= frozenset.intersection(*wanted)
        return frozenset(allowed)


_RequirementKey = tuple[str, str, tuple[str, ...]]
_TermKey = tuple[tuple[_RequirementKey, ...], tuple[_RequirementKey, ...]]


def node_selection(selector: Mapping[str, str], affinity: Affinity | None) -> NodeSelection | None:
    """Return what a pod's spec asks for, ``None`` when every node will do."""
    rules = affinity.node_affinity if affinity is not None else None
    if not selector and rules is None:
        return None
    required = preferred = None
    if rules is not None:
        if rules.required is not None:
            required = tuple(_term_key(term) for term in rules.required.node_selector_terms)
        preferred = tuple((entry.weight, _term_key(entry.preference)) for entry in rules.preferred)
    return _selection(tuple(sorted(selector.items())), required, preferred or ())


def required_terms(selector: NodeSelector) -> list[Term]:
    """Return the alternatives of a node selector that stands alone; those that match no node are left out."""
    return [term for entry in selector.node_selector_terms if (term := _term(_term_key(entry))) is not None]


def _requirement_keys(entries: Iterable[NodeSelectorRequirement]) -> tuple[_RequirementKey, ...]:
    return tuple((entry.key, entry.operator, tuple(entry.values)) for entry in entries)


def _term_key(term: NodeSelectorTerm) -> _TermKey:
    return _requirement_keys(term.match_expressions), _requirement_keys(term.match_fields)


@lru_cache(maxsize=_CACHED)
def _selection(
    selector: tuple[tuple[str, str], ...],
    required: tuple[_TermKey, ...] | None,
    preferred: tuple[tuple[int, _TermKey], ...],
) -> NodeSelection:
    wishes = [PreferredTerm(weight, term) for weight, key in preferred if weight and (term := _term(key)) is not None]
    terms = None if required is None else [term for key in required if (term := _term(key)) is not None]
    return NodeSelection(
        tuple(Requirement(key, Operator.IN, frozenset({value})) for key, value in selector),
        None if terms is None else tuple(terms),
        tuple(wishes),
    )


def _term(key: _TermKey) -> Term | None:
    """Return the parsed term, ``None`` for one that matches no node."""
    expressions, fields = key
    if not expressions and not fields:
        return None
    labels = [label_requirement(*entry) for entry in expressions]
    names = [name_requirement(*entry) for entry in fields]
    if None in labels or None in names:
        return None
    return Term(
        tuple(entry for entry in labels if entry is not None), tuple(entry for entry in names if entry is not None)
    )


def label_requirement(key: str, operator_name: str, values: tuple[str, ...]) -> Requirement | None:
    """Return a requirement on a label, ``None`` for one that does not parse."""
    try:
        operator = object_operator(operator_name)
    except SelectorSyntaxError:
        return None
    match operator:
        case Operator.IN | Operator.NOT_IN:
            valid = bool(values)
        case Operator.EXISTS | Operator.DOES_NOT_EXIST:
            valid = not values
        case _:
            valid = len(values) == 1 and parse_integer(values[0]) is not None
    return Requirement(key, operator, frozenset(values)) if valid else None


def name_requirement(key: str, operator_name: str, values: tuple[str, ...]) -> Requirement | None:
    """Return a requirement on the node's name, ``None`` for one that does not parse."""
    if key != NAME_FIELD or len(values) != 1 or operator_name not in {"In", "NotIn"}:
        return None
    return Requirement(key, object_operator(operator_name), frozenset(values))


def parse_integer(text: str) -> int | None:
    """Return the number as Go's ``strconv.ParseInt(text, 10, 64)`` reads it, ``None`` when it does not."""
    if not _INTEGER.fullmatch(text):
        return None
    number = int(text)
    return number if -(2**63) <= number < 2**63 else None
