"""What containers mount of a pod's volumes (``ValidateVolumeMounts`` and ``ValidateVolumeDevices`` in
``pkg/apis/core/validation/validation.go``, v1.36)."""

from collections.abc import Mapping
from typing import Any

from apiserver.validation import field
from apiserver.validation.field import Causes
from apiserver.validation.values import descending_path

JSONObject = dict[str, Any]
Volumes = Mapping[str, JSONObject]

_PROPAGATION = ("Bidirectional", "HostToContainer", "None")
_RECURSIVE = ("Disabled", "Enabled", "IfPossible")
_BLOCK_SOURCES = ("persistentVolumeClaim", "ephemeral")


def validate_mounts(container: JSONObject, volumes: Volumes, path: str) -> Causes:
    """Check mounts and block devices of a container; ``path`` is the container's, ``volumes`` the pod's by name.

    Some of the paths below miss the index of the mount: upstream's do.
    """
    mounts, devices = container.get("volumeMounts") or [], container.get("volumeDevices") or []
    causes: Causes = []
    points: set[str] = set()
    device_names = {device.get("name") for device in devices}
    device_paths = {device.get("devicePath") for device in devices}
    privileged = bool((container.get("securityContext") or {}).get("privileged"))
    for index, mount in enumerate(mounts):
        place = f"{path}.volumeMounts[{index}]"
        name, point = mount.get("name", ""), mount.get("mountPath", "")
        if not name:
            causes.append(field.required(f"{place}.name"))
        if name not in volumes:
            causes.append(field.not_found(f"{place}.name", name))
        if not point:
            causes.append(field.required(f"{place}.mountPath"))
        if point in points:
            causes.append(field.invalid(f"{place}.mountPath", point, "must be unique"))
        points.add(point)
        if name in device_names:
            causes.append(field.invalid(f"{place}.name", name, "must not already exist in volumeDevices"))
        if point in device_paths:
            detail = "must not already exist as a path in volumeDevices"
            causes.append(field.invalid(f"{place}.mountPath", point, detail))
        causes += _sub_path(mount, f"{path}.volumeMounts", place)
        causes += _propagation(mount, f"{path}.volumeMounts.mountPropagation", privileged=privileged)
        causes += _recursive_read_only(mount, f"{path}.volumeMounts.recursiveReadOnly")
    return causes + _devices(devices, mounts, volumes, f"{path}.volumeDevices") if devices else causes


def _sub_path(mount: JSONObject, path: str, place: str) -> Causes:
    causes: Causes = []
    if sub_path := mount.get("subPath"):
        causes += descending_path(f"{path}.subPath", sub_path)
    if expression := mount.get("subPathExpr"):
        if mount.get("subPath"):
            detail = "subPathExpr and subPath are mutually exclusive"
            causes.append(field.invalid(f"{place}.subPathExpr", expression, detail))
        causes += descending_path(f"{path}.subPathExpr", expression)
    return causes


def _propagation(mount: JSONObject, path: str, *, privileged: bool) -> Causes:
    kind = mount.get("mountPropagation")
    if kind is None:
        return []
    if kind not in _PROPAGATION:
        return [field.not_supported(path, kind, _PROPAGATION)]
    if kind == "Bidirectional" and not privileged:
        return [field.forbidden(path, "Bidirectional mount propagation is available only to privileged containers")]
    return []


def _recursive_read_only(mount: JSONObject, path: str) -> Causes:
    mode, propagation = mount.get("recursiveReadOnly"), mount.get("mountPropagation")
    if mode is None:
        return []
    if mode not in _RECURSIVE:
        return [field.not_supported(path, mode, _RECURSIVE)]
    if mode == "Disabled":
        return []
    causes: Causes = []
    if not mount.get("readOnly"):
        causes.append(field.forbidden(path, "may only be specified when readOnly is true"))
    if propagation not in {None, "None"}:
        causes.append(field.forbidden(path, "may only be specified when mountPropagation is None or not specified"))
    return causes


def _devices(devices: list[JSONObject], mounts: list[JSONObject], volumes: Volumes, path: str) -> Causes:
    causes: Causes = []
    names: set[str] = set()
    paths: set[str] = set()
    mount_names = {mount.get("name") for mount in mounts}
    mount_paths = {mount.get("mountPath") for mount in mounts}
    for index, device in enumerate(devices):
        place = f"{path}[{index}]"
        name, where = device.get("name", ""), device.get("devicePath", "")
        if not name:
            causes.append(field.required(f"{place}.name"))
        if name in names:
            causes.append(field.invalid(f"{place}.name", name, "must be unique"))
        if (volume := volumes.get(name)) is None:
            causes.append(field.not_found(f"{place}.name", name))
        elif not any(source in volume for source in _BLOCK_SOURCES):
            detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
            causes.append(field.invalid(f"{place}.name", name, detail))
        if not where:
            causes.append(field.required(f"{place}.devicePath"))
        if where in paths:
            causes.append(field.invalid(f"{place}.devicePath", where, "must be unique"))
        if ".." in where.split("/"):
            causes.append(field.invalid(f"{place}.devicePath", where, "can not contain backsteps ('..')"))
        else:
            paths.add(where)
        if name in mount_names:
            causes.append(field.invalid(f"{place}.name", name, "must not already exist in volumeMounts"))
        if where in mount_paths:
            detail = "must not already exist as a path in volumeMounts"
            causes.append(field.invalid(f"{place}.devicePath", where, detail))
        if name:
            names.add(name)
    return causes
