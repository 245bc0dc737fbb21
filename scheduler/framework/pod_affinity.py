"""What a pod asks for about other pods: ``podAffinity`` and ``podAntiAffinity``, parsed into one value."""

from dataclasses import dataclass
from functools import lru_cache

from apimachinery.types.pod import Affinity, PodAffinity, PodAffinityTerm
from scheduler.framework.pod_selection import (
    NamespacedSelector,
    PodSelection,
    SelectorKey,
    parsed_selector,
    pod_selection,
    selector_key,
)

_CACHED = 4096


@dataclass(frozen=True, slots=True, eq=False)
class AffinityTerm:
    """Pods, and the label by whose value a node counts as near to them. Equal terms are one object while in use."""

    pods: PodSelection
    topology_key: str


@dataclass(frozen=True, slots=True, eq=False)
class WeightedTerm:
    weight: int
    term: AffinityTerm


@dataclass(frozen=True, slots=True, eq=False)
class PodAffinityRules:
    """Everything that a pod wants, by kind. ``required_pods`` are those that match all required terms at once."""

    required: tuple[AffinityTerm, ...]
    required_pods: PodSelection | None
    required_anti: tuple[AffinityTerm, ...]
    preferred: tuple[WeightedTerm, ...]
    preferred_anti: tuple[WeightedTerm, ...]

    @property
    def requires(self) -> bool:
        return bool(self.required or self.required_anti)

    @property
    def prefers(self) -> bool:
        return bool(self.preferred or self.preferred_anti)


_TermKey = tuple[frozenset[str], SelectorKey | None, SelectorKey | None, str]
_SideKey = tuple[tuple[_TermKey, ...], tuple[tuple[int, _TermKey], ...]]

_NOTHING: _SideKey = ((), ())


def pod_affinity_rules(namespace: str, affinity: Affinity | None) -> PodAffinityRules | None:
    """Return what a pod of ``namespace`` asks for, ``None`` when other pods do not matter to it."""
    if affinity is None:
        return None
    near, apart = _side_key(namespace, affinity.pod_affinity), _side_key(namespace, affinity.pod_anti_affinity)
    return None if near == apart == _NOTHING else _rules(near, apart)


def _side_key(namespace: str, side: PodAffinity | None) -> _SideKey:
    if side is None:
        return _NOTHING
    return (
        tuple(_term_key(namespace, term) for term in side.required),
        tuple((entry.weight, _term_key(namespace, entry.pod_affinity_term)) for entry in side.preferred),
    )


def _term_key(namespace: str, term: PodAffinityTerm) -> _TermKey:
    """Follows ``framework.newAffinityTerm`` (v1.36): a term that names no namespaces at all means the pod's own."""
    named = term.namespaces or ([] if term.namespace_selector is not None else [namespace])
    return frozenset(named), selector_key(term.namespace_selector), selector_key(term.label_selector), term.topology_key


@lru_cache(maxsize=_CACHED)
def _rules(near: _SideKey, apart: _SideKey) -> PodAffinityRules:
    required = tuple(_term(*key) for key in near[0])
    parts = tuple(part for term in required for part in term.pods.parts)
    return PodAffinityRules(
        required,
        pod_selection(parts, live=False) if parts else None,
        tuple(_term(*key) for key in apart[0]),
        tuple(WeightedTerm(weight, _term(*key)) for weight, key in near[1]),
        tuple(WeightedTerm(weight, _term(*key)) for weight, key in apart[1]),
    )


@lru_cache(maxsize=_CACHED)
def _term(
    namespaces: frozenset[str], by_labels: SelectorKey | None, selector: SelectorKey | None, topology_key: str
) -> AffinityTerm:
    # Pods that are being deleted count as long as they are there, as upstream.
    part = NamespacedSelector(namespaces, parsed_selector(by_labels), parsed_selector(selector))
    return AffinityTerm(pod_selection((part,), live=False), topology_key)
