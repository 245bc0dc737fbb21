"""What the checks of the Pod Security Standards are made of (``k8s.io/pod-security-admission/policy``, v0.36)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

JSONObject = dict[str, Any]


class Violation(NamedTuple):
    """``reason`` names what is forbidden, ``detail`` tells where the pod has it."""

    reason: str
    detail: str

    def __str__(self) -> str:
        return f"{self.reason} ({self.detail})" if self.detail else self.reason


Check = Callable[[JSONObject, JSONObject], Violation | None]
"""Judges a pod's metadata and spec; ``None`` when there is nothing to object to."""


def containers(spec: JSONObject) -> Iterator[JSONObject]:
    for key in ("initContainers", "containers", "ephemeralContainers"):
        yield from spec.get(key, ())


def context_of(owner: JSONObject) -> JSONObject:
    """Return the security context of a container or a pod's spec; empty when it has none."""
    return owner.get("securityContext") or {}


def named(owners: Iterable[JSONObject]) -> list[str]:
    return [owner.get("name", "") for owner in owners]


def plural(one: str, several: str, number: int) -> str:
    return one if number == 1 else several


def quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def of_containers(names: Sequence[str]) -> str:
    """Return ``container "a"`` or ``containers "a", "b"``."""
    return f"{plural('container', 'containers', len(names))} {quoted(names)}"


def setters(spec: JSONObject, is_bad: Callable[[JSONObject], bool]) -> str:
    """Return who has a security context that is bad: ``pod and container "a"``; empty when nobody has."""
    found = ["pod"] if is_bad(context_of(spec)) else []
    bad = [container for container in containers(spec) if is_bad(context_of(container))]
    if bad:
        found.append(of_containers(named(bad)))
    return " and ".join(found)


def is_windows(spec: JSONObject) -> bool:
    return (spec.get("os") or {}).get("name") == "windows"


def has_user_namespace(spec: JSONObject) -> bool:
    """Whether the pod's users are not those of the node; what they are then matters less."""
    return spec.get("hostUsers") is False
