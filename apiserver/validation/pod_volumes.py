"""The volumes of pod specs (``validateVolumes`` in ``pkg/apis/core/validation/validation.go``, v1.36)."""

from collections.abc import Callable
from typing import Any

from apimachinery.errors import Cause
from apimachinery.quantity import parse_quantity
from apiserver.validation import field
from apiserver.validation.field import Causes
from apiserver.validation.values import descending_path, one_of
from apiserver.validation.volumes import validate_claim

JSONObject = dict[str, Any]

_MODE = "must be a number between 0 and 0777 (octal), both inclusive"
_LARGEST_MODE = 0o777
_SHORTEST_TOKEN_SECONDS = 600
_HOST_PATH_TYPES = (
    "",
    "BlockDevice",
    "CharDevice",
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket",
)
_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_PROJECTED = ("clusterTrustBundle", "configMap", "downwardAPI", "podCertificate", "secret", "serviceAccountToken")


def validate_source(volume: JSONObject, path: str) -> Causes:
    """Check the source of one volume; that there is exactly one is known already."""
    for kind, check in _CHECKS.items():
        source = volume.get(kind)
        if isinstance(source, dict):
            return check(source, f"{path}.{kind}")
    return []


def _mode(source: JSONObject, key: str, path: str) -> Causes:
    mode = source.get(key)
    if mode is None or 0 <= mode <= _LARGEST_MODE:
        return []
    return [field.invalid(f"{path}.{key}", mode, _MODE)]


def _relative(path: str, value: str) -> Causes:
    """Check where in the volume something goes (``validateLocalNonReservedPath``)."""
    if not value.startswith(("/", "..")) and "/.." not in value:
        return []
    causes = descending_path(path, value)
    if value.startswith("..") and ".." not in value.split("/"):
        causes.append(field.invalid(path, value, "must not start with '..'"))
    return causes


def _items(source: JSONObject, path: str) -> Causes:
    causes: Causes = []
    for index, item in enumerate(source.get("items") or ()):
        place = f"{path}.items[{index}]"
        if not item.get("key"):
            causes.append(field.required(f"{place}.key"))
        if not item.get("path"):
            causes.append(field.required(f"{place}.path"))
        causes += _relative(f"{place}.path", item.get("path", "")) + _mode(item, "mode", place)
    return causes


def _config_map(source: JSONObject, path: str) -> Causes:
    causes = [] if source.get("name") else [field.required(f"{path}.name")]
    return causes + _mode(source, "defaultMode", path) + _items(source, path)


def _secret(source: JSONObject, path: str) -> Causes:
    causes = [] if source.get("secretName") else [field.required(f"{path}.secretName")]
    return causes + _mode(source, "defaultMode", path) + _items(source, path)


def _claim(source: JSONObject, path: str) -> Causes:
    return [] if source.get("claimName") else [field.required(f"{path}.claimName")]


def _empty_dir(source: JSONObject, path: str) -> Causes:
    limit = source.get("sizeLimit")
    if limit is not None and parse_quantity(limit) < 0:
        return [field.forbidden(f"{path}.sizeLimit", "SizeLimit field must be a valid resource quantity")]
    return []


def _host_path(source: JSONObject, path: str) -> Causes:
    where, kind, causes = source.get("path", ""), source.get("type") or "", Causes()
    if not where:
        causes.append(field.required(f"{path}.path"))
    elif ".." in where.split("/"):
        causes.append(field.invalid(f"{path}.path", where, "must not contain '..'"))
    if kind not in _HOST_PATH_TYPES:
        causes.append(field.not_supported(f"{path}.type", kind, _HOST_PATH_TYPES))
    return causes


def _csi(source: JSONObject, path: str) -> Causes:
    causes = [] if source.get("driver") else [field.required(f"{path}.driver")]
    secret = source.get("nodePublishSecretRef")
    if secret is not None and not secret.get("name"):
        causes.append(field.required(f"{path}.nodePublishSecretRef.name"))
    return causes


def _nfs(source: JSONObject, path: str) -> Causes:
    causes: Causes = []
    if not source.get("server"):
        causes.append(field.required(f"{path}.server"))
    if not source.get("path"):
        causes.append(field.required(f"{path}.path"))
    elif not source["path"].startswith("/"):
        causes.append(field.invalid(f"{path}.path", source["path"], "must be an absolute path"))
    return causes


def _ephemeral(source: JSONObject, path: str) -> Causes:
    template = source.get("volumeClaimTemplate")
    if template is None:
        return [field.required(f"{path}.volumeClaimTemplate")]
    return [
        Cause(cause.reason, cause.message, f"{path}.volumeClaimTemplate.{cause.field}")
        for cause in validate_claim(template)
    ]


def _downward_api(source: JSONObject, path: str) -> Causes:
    causes = _mode(source, "defaultMode", path)
    for index, item in enumerate(source.get("items") or ()):
        place = f"{path}.items[{index}]"
        if not item.get("path"):
            causes.append(field.required(f"{place}.path"))
        causes += _relative(f"{place}.path", item.get("path", "")) + _mode(item, "mode", place)
        if item.get("fieldRef") is not None and item.get("resourceFieldRef") is not None:
            detail = "fieldRef and resourceFieldRef can not be specified simultaneously"
            causes.append(field.invalid(place, "resource", detail))
        elif item.get("fieldRef") is None and item.get("resourceFieldRef") is None:
            causes.append(field.required(place, "one of fieldRef and resourceFieldRef is required"))
    return causes


def _token(source: JSONObject, path: str) -> Causes:
    causes, seconds = Causes(), source.get("expirationSeconds")
    if seconds is not None and seconds < _SHORTEST_TOKEN_SECONDS:
        detail = "may not specify a duration less than 10 minutes"
        causes.append(field.invalid(f"{path}.expirationSeconds", seconds, detail))
    if not source.get("path"):
        causes.append(field.required(f"{path}.path"))
    return causes + _relative(f"{path}.path", source.get("path", ""))


def _projected_config_map(source: JSONObject, path: str) -> Causes:
    return ([] if source.get("name") else [field.required(f"{path}.name")]) + _items(source, path)


def _projected(source: JSONObject, path: str) -> Causes:
    causes = _mode(source, "defaultMode", path)
    for index, entry in enumerate(source.get("sources") or ()):
        place = f"{path}.sources[{index}]"
        given = [kind for kind, content in entry.items() if content is not None and kind in _PROJECTED]
        if not given:
            causes.append(field.required(place, "must specify one of " + ", ".join(_PROJECTED)))
        if len(given) > 1:
            given.sort(key=_PROJECTED.index)
            causes += [
                field.forbidden(f"{place}.{kind}", "may not specify more than 1 volume type") for kind in given[1:]
            ]
        if given and (check := _PROJECTED_CHECKS.get(given[0])) is not None:
            causes += check(entry[given[0]], f"{place}.{given[0]}")
    return causes


def _image(source: JSONObject, path: str) -> Causes:
    return one_of(f"{path}.pullPolicy", source.get("pullPolicy", ""), _PULL_POLICIES)


Check = Callable[[JSONObject, str], Causes]

_PROJECTED_CHECKS: dict[str, Check] = {
    "configMap": _projected_config_map,
    "downwardAPI": _downward_api,
    "secret": _projected_config_map,
    "serviceAccountToken": _token,
}
_CHECKS: dict[str, Check] = {
    "emptyDir": _empty_dir,
    "configMap": _config_map,
    "secret": _secret,
    "persistentVolumeClaim": _claim,
    "projected": _projected,
    "hostPath": _host_path,
    "downwardAPI": _downward_api,
    "csi": _csi,
    "ephemeral": _ephemeral,
    "nfs": _nfs,
    "image": _image,
}
