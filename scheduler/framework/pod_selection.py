"""Which pods are meant: by namespace and labels.

Everything here is small and shared: pods of one template have one :class:`PodLabels`, equal wishes about other pods
are one :class:`PodSelection`, so that identity stands for equality and what is worked out for one is kept for all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakValueDictionary

from apimachinery.selectors import Operator, Requirement, Selector, SelectorSyntaxError, object_operator
from apimachinery.types.base import LabelSelector

Labels = tuple[tuple[str, str], ...]

NamespaceLabels = Mapping[str, Mapping[str, str]]
"""The labels of each namespace that is known."""

_NO_LABELS: Mapping[str, str] = {}
_CACHED = 4096


class PodLabels:
    """A namespace and the labels that pods in it have. Made by :func:`pod_labels` only, which makes equals one."""

    __slots__ = ("__weakref__", "labels", "namespace")

    def __init__(self, namespace: str, labels: Labels) -> None:
        self.namespace = namespace
        self.labels = dict(labels)

    def __repr__(self) -> str:
        return f"PodLabels({self.namespace!r}, {self.labels!r})"


_labels: WeakValueDictionary[tuple[str, Labels], PodLabels] = WeakValueDictionary()


def pod_labels(namespace: str, labels: Mapping[str, str]) -> PodLabels:
    """Return the one object for this namespace and these labels."""
    key = (namespace, tuple(sorted(labels.items())))
    known = _labels.get(key)
    if known is None:
        known = _labels[key] = PodLabels(*key)
    return known


@dataclass(frozen=True, slots=True)
class NamespacedSelector:
    """Pods whose labels match, in some namespaces: those named, and those whose labels ``by_labels`` selects.

    ``None`` for a selector selects nothing.
    """

    namespaces: frozenset[str]
    by_labels: Selector | None
    selector: Selector | None

    def matches(self, pod: PodLabels, namespaces: NamespaceLabels) -> bool:
        if self.selector is None or not self.selector.matches(pod.labels):
            return False
        if pod.namespace in self.namespaces:
            return True
        return self.by_labels is not None and self.by_labels.matches(namespaces.get(pod.namespace, _NO_LABELS))


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class PodSelection:
    """Pods that match all of ``parts``; ``live`` leaves out those that are being deleted."""

    parts: tuple[NamespacedSelector, ...]
    live: bool

    def matches(self, pod: PodLabels, namespaces: NamespaceLabels) -> bool:
        return all(part.matches(pod, namespaces) for part in self.parts)

    def may_match(self, pod: PodLabels) -> bool:
        """Return whether the pod matches, if its namespace has the labels that are asked for."""
        return all(
            part.selector is not None
            and part.selector.matches(pod.labels)
            and (part.by_labels is not None or pod.namespace in part.namespaces)
            for part in self.parts
        )

    @property
    def namespaces(self) -> frozenset[str] | None:
        """Return the only namespaces in which there can be such pods, ``None`` when labels of namespaces decide."""
        named = [part.namespaces for part in self.parts if part.by_labels is None]
        return frozenset.intersection(*named) if named else None

    @property
    def anchor(self) -> tuple[str, str] | None:
        """Return a label with its value that all such pods have, ``None`` when they need not have one in common."""
        for part in self.parts:
            for requirement in part.selector.requirements if part.selector is not None else ():
                if requirement.operator is Operator.IN and len(requirement.values) == 1:
                    return requirement.key, next(iter(requirement.values))
        return None

    @property
    def by_namespace_labels(self) -> bool:
        """Whether it depends on the labels of namespaces."""
        return any(part.by_labels is not None for part in self.parts)


_selections: WeakValueDictionary[tuple[tuple[NamespacedSelector, ...], bool], PodSelection] = WeakValueDictionary()


def pod_selection(parts: tuple[NamespacedSelector, ...], *, live: bool) -> PodSelection:
    """Return the one object that selects these pods."""
    key = (parts, live)
    known = _selections.get(key)
    if known is None:
        known = _selections[key] = PodSelection(*key)
    return known


_RequirementKey = tuple[str, str, tuple[str, ...]]
SelectorKey = tuple[Labels, tuple[_RequirementKey, ...]]
"""A label selector as a value that can be looked up."""


def selector_key(selector: LabelSelector | None) -> SelectorKey | None:
    if selector is None:
        return None
    return (
        tuple(sorted(selector.match_labels.items())),
        tuple((entry.key, entry.operator, tuple(entry.values)) for entry in selector.match_expressions),
    )


@lru_cache(maxsize=_CACHED)
def parsed_selector(key: SelectorKey | None, more: Labels = ()) -> Selector | None:
    """Return the selector with ``more`` labels asked for; ``None``, which selects nothing, when there is none.

    One that does not parse, which the API server accepts from nobody, selects nothing either.
    """
    if key is None:
        # Labels asked for beside no selector at all select by themselves, as upstream's merge of the two does.
        return Selector(_equal(more)) if more else None
    labels, expressions = key
    try:
        requirements = [
            Requirement(name, object_operator(operator), frozenset(values)) for name, operator, values in expressions
        ]
    except SelectorSyntaxError:
        return None
    return Selector(_equal(labels) + tuple(requirements) + _equal(more))


def _equal(labels: Iterable[tuple[str, str]]) -> tuple[Requirement, ...]:
    return tuple(Requirement(key, Operator.IN, frozenset({value})) for key, value in labels)
