"""Which objects of the API a pod refers to (``pkg/api/pod/util.go``, v1.36)."""

from collections.abc import Iterator
from typing import Any

JSONObject = dict[str, Any]

SECRETS = "secrets"
CONFIG_MAPS = "configmaps"

_VOLUMES = {
    "secret": SECRETS,
    "configMap": CONFIG_MAPS,
    "persistentVolumeClaim": "persistentvolumeclaims",
    "ephemeral": "persistentvolumeclaims",
}
_PROJECTIONS = {
    "secret": SECRETS,
    "configMap": CONFIG_MAPS,
    "serviceAccountToken": "serviceaccounts",
    "clusterTrustBundle": "clustertrustbundles",
    "podCertificate": "podcertificates",
}
_ENV_FROM = {"secretRef": SECRETS, "configMapRef": CONFIG_MAPS}
_ENV = {"secretKeyRef": SECRETS, "configMapKeyRef": CONFIG_MAPS}
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


def referenced_resources(spec: JSONObject) -> Iterator[str]:
    """Yield the plural of each reference's kind in a pod's spec, in upstream's order of kinds; repeats included."""
    if spec.get("serviceAccountName"):
        yield "serviceaccounts"
    if spec.get("imagePullSecrets"):
        yield SECRETS
    for where in _CONTAINERS:
        for container in spec.get(where, ()):
            for source in container.get("envFrom", ()):
                yield from _named(source, _ENV_FROM)
            for variable in container.get("env", ()):
                yield from _named(variable.get("valueFrom", {}), _ENV)
    if spec.get("resourceClaims"):
        yield "resourceclaims"
    for volume in spec.get("volumes", ()):
        yield from _named(volume, _VOLUMES)
        if "nodePublishSecretRef" in (volume.get("csi") or {}):
            yield SECRETS
        for source in (volume.get("projected") or {}).get("sources", ()):
            yield from _named(source, _PROJECTIONS)


def _named(source: JSONObject, resources: dict[str, str]) -> Iterator[str]:
    for field, resource in resources.items():
        if field in source:
            yield resource
