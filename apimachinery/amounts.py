"""Sums of resources, exact, and printed as upstream prints them (``k8s.io/apiserver/pkg/quota/v1/resources.go``)."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from apimachinery.quantity import format_quantity, parse_quantity, suffix_family

JSONObject = dict[str, Any]

POD_LEVEL = ("cpu", "memory")
"""What may be asked for a pod as a whole, beside huge pages."""


class Amount(NamedTuple):
    """``family`` is which suffixes it is printed with; a sum is printed as the first of its parts that is not 0."""

    number: Fraction
    family: str = "decimal"

    def plus(self, other: "Amount") -> "Amount":
        return Amount(self.number + other.number, self.family if self.number else other.family)

    def minus(self, other: "Amount") -> "Amount":
        return Amount(self.number - other.number, self.family if self.number else other.family)

    def __str__(self) -> str:
        return format_quantity(self.number, self.family)


Amounts = dict[str, Amount]

ZERO = Amount(Fraction(0))
ONE = Amount(Fraction(1))


def amount(quantity: str) -> Amount:
    return Amount(parse_quantity(quantity), suffix_family(quantity))


def amounts(quantities: Mapping[str, str] | None) -> Amounts:
    """Read a resource list, such as a container's requests."""
    return {name: amount(quantity) for name, quantity in (quantities or {}).items()}


def add(total: Amounts, more: Amounts) -> None:
    for name, one in more.items():
        total[name] = total[name].plus(one) if name in total else one


def _raise_to(total: Amounts, floor: Amounts) -> None:
    for name, one in floor.items():
        if name not in total or total[name].number < one.number:
            total[name] = one


def listed(wanted: Iterable[str], given: Amounts) -> str:
    """Return ``cpu=1,pods=2``: those of the names that there is an amount of, by name."""
    return ",".join(f"{name}={given[name]}" for name in sorted(wanted) if name in given)


def pod_amounts(spec: JSONObject, key: str) -> Amounts:
    """Return what a pod has of each resource at any moment at most; ``key`` is ``requests`` or ``limits``.

    What is set for the pod as a whole stands above what its containers have
    (``k8s.io/component-helpers/resource``, v0.36).
    """
    total = container_amounts(spec, key)
    for name, quantity in ((spec.get("resources") or {}).get(key) or {}).items():
        if is_pod_level(name):
            total[name] = amount(quantity)
    return total


def is_pod_level(resource: str) -> bool:
    """Whether a resource may be asked for a pod as a whole."""
    return resource in POD_LEVEL or resource.startswith("hugepages-")


def container_amounts(spec: JSONObject, key: str) -> Amounts:
    """Return what a pod's containers have of each resource together, at any moment at most.

    Init containers run one after another beside the sidecars started before them, then the containers beside all
    sidecars.
    """
    total: Amounts = {}
    for container in spec.get("containers", ()):
        add(total, amounts(container.get("resources", {}).get(key)))
    sidecars: Amounts = {}
    peak: Amounts = {}
    for container in spec.get("initContainers", ()):
        own = amounts(container.get("resources", {}).get(key))
        if container.get("restartPolicy") == "Always":
            add(total, own)
            add(sidecars, own)
            own = dict(sidecars)
        else:
            add(own, sidecars)
        _raise_to(peak, own)
    _raise_to(total, peak)
    return total
