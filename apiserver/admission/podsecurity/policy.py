"""Which level a namespace asks for (``k8s.io/pod-security-admission/api``, v0.36)."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from apiserver.admission.podsecurity import baseline, restricted
from apiserver.admission.podsecurity.check import Violation
from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

PREFIX = "pod-security.kubernetes.io/"
LEVELS = ("privileged", "baseline", "restricted")
"""From the most to the least that is allowed."""

_VERSION = re.compile(r"v1\.(0|[1-9][0-9]*)")


class Level(NamedTuple):
    """A level of the standards, as of a minor version. Versions differ in their names only: the newest is applied."""

    name: str = "privileged"
    version: str = "latest"

    def __str__(self) -> str:
        return f"{self.name}:{self.version}"

    def violations(self, metadata: JSONObject, spec: JSONObject) -> list[Violation]:
        """Return what the level objects to in a pod."""
        if self.name == "privileged":
            return []
        checks = restricted.CHECKS if self.name == "restricted" else baseline.CHECKS
        return [violation for check in checks if (violation := check(metadata, spec)) is not None]


class Policy(NamedTuple):
    enforce: Level
    audit: Level
    warn: Level


def policy_of(labels: Mapping[str, str]) -> tuple[Policy, Causes]:
    """Return what a namespace's labels ask for, and what is wrong with them.

    A level that there is not is taken for ``restricted`` where it is enforced, for ``privileged`` elsewhere.
    """
    causes: Causes = []
    levels = []
    for mode in ("enforce", "audit", "warn"):
        key = f"{PREFIX}{mode}"
        name = labels.get(key, "privileged")
        if name not in LEVELS:
            causes.append(field.invalid(f"metadata.labels[{key}]", name, f"must be one of {', '.join(LEVELS)}"))
            name = "restricted" if mode == "enforce" else "privileged"
        key = f"{PREFIX}{mode}-version"
        version = labels.get(key, "latest")
        if version != "latest" and not _VERSION.fullmatch(version):
            causes.append(field.invalid(f"metadata.labels[{key}]", version, 'must be "latest" or "v1.x"'))
            version = "latest"
        levels.append(Level(name, version))
    return Policy(*levels), causes
