"""Which groups and versions come first.

Upstream orders them by the priorities of their ``APIService`` objects (``pkg/controlplane/apiserver/aggregator.go``
and ``crdregistration``, v1.36): the built-in ones have priorities of their own, custom resources all the same.
"""

import re

from apiserver.registry.resource import Registry

_VERSION = re.compile(r"v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?")
_STABILITY = {None: 0, "beta": 1, "alpha": 2}


def groups(registry: Registry) -> dict[str, list[str]]:
    """Return each group's versions, the preferred one first; the core group is ``""``."""
    builtin: dict[str, list[str]] = {}
    custom: dict[str, list[str]] = {}
    for info in registry:
        versions = (custom if info.struct is None else builtin).setdefault(info.group, [])
        if info.version not in versions:
            versions.append(info.version)
    for group in sorted(custom):
        known = builtin.setdefault(group, [])
        known += sorted(set(custom[group]) - set(known), key=version_key)
    return builtin


def version_key(version: str) -> tuple[int, int, int, int, str]:
    """Return what to sort versions by: v10, v2, v1, v11beta2, v3beta1, v12alpha1, then any other, by name.

    ``version.CompareKubeAwareVersionStrings`` of ``k8s.io/apimachinery``, the other way round.
    """
    match = _VERSION.fullmatch(version)
    if match is None:
        return 1, 0, 0, 0, version
    major, stability, minor = match.groups()
    return 0, _STABILITY[stability], -int(major), -int(minor or 0), ""
