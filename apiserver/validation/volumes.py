"""PersistentVolumes and their claims (``pkg/apis/core/validation/validation.go``, v1.36).

What a volume's source holds is checked by its schema, and for the two kinds that this cluster can mount.
"""

import copy
import posixpath
from typing import Any

from apimachinery import names
from apimachinery.quantity import parse_quantity
from apiserver.validation import field, values
from apiserver.validation.field import Causes
from apiserver.validation.selector import validate_label_selector

JSONObject = dict[str, Any]

ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
VOLUME_MODES = ("Block", "Filesystem")
RECLAIM_POLICIES = ("Delete", "Recycle", "Retain")
SOURCES = (
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
)
_RESIZE_STATES = (
    "ControllerResizeInProgress",
    "ControllerResizeInfeasible",
    "NodeResizeInProgress",
    "NodeResizeInfeasible",
    "NodeResizePending",
)
_STORAGE = "spec.resources[storage]"
_BETA_CLASS = "volume.beta.kubernetes.io/storage-class"


def _access_modes(modes: list[str], detail: str) -> Causes:
    path = "spec.accessModes"
    if not modes:
        return [field.required(path, detail)]
    causes = [field.not_supported(path, mode, ACCESS_MODES) for mode in modes if mode not in ACCESS_MODES]
    if "ReadWriteOncePod" in modes and any(mode in ACCESS_MODES[:3] for mode in modes):
        causes.append(field.forbidden(path, "may not use ReadWriteOncePod with other access modes"))
    return causes


def validate_persistent_volume(volume: JSONObject) -> Causes:
    spec = volume.get("spec", {})
    causes = _access_modes(spec.get("accessModes", []), "")
    capacity = spec.get("capacity", {})
    if not capacity:
        causes.append(field.required("spec.capacity"))
    if set(capacity) != {"storage"}:
        causes.append(field.not_supported("spec.capacity", capacity, ("storage",)))
    for name, quantity in capacity.items():
        causes += values.positive_quantity(f"spec.capacity[{name}]", quantity)
    policy = spec.get("persistentVolumeReclaimPolicy")
    causes += values.optional_one_of("spec.persistentVolumeReclaimPolicy", policy, RECLAIM_POLICIES)
    causes += _source(spec)
    if policy == "Recycle" and posixpath.normpath(spec.get("hostPath", {}).get("path") or ".") == "/":
        detail = "may not be 'recycle' for a hostPath mount of '/'"
        causes.append(field.forbidden("spec.persistentVolumeReclaimPolicy", detail))
    causes += _class(spec)
    causes += values.optional_one_of("spec.volumeMode", spec.get("volumeMode"), VOLUME_MODES)
    if (attributes := spec.get("volumeAttributesClassName")) is not None:
        path = "spec.volumeAttributesClassName"
        causes += values.named(path, attributes, names.dns_subdomain, "an empty string is disallowed")
        if "csi" not in spec:
            causes.append(field.required("spec.csi", "has to be specified when using volumeAttributesClassName"))
    return causes


def _class(spec: JSONObject) -> Causes:
    name = spec.get("storageClassName")
    return field.problems("spec.storageClassName", name, names.dns_subdomain(name)) if name else []


def _source(spec: JSONObject) -> Causes:
    sources = [key for key in SOURCES if key in spec]
    if not sources:
        return [field.required("spec", "must specify a volume type")]
    causes = [field.forbidden(f"spec.{key}", "may not specify more than 1 volume type") for key in sources[1:]]
    match sources[0]:
        case "hostPath" | "local" as key:
            path = spec[key].get("path", "")
            if not path:
                causes.append(field.required(f"spec.{key}.path"))
            elif ".." in path.split("/"):
                causes.append(field.invalid(f"spec.{key}.path", path, "must not contain '..'"))
            if key == "local" and not (spec.get("nodeAffinity") or {}).get("required"):
                causes.append(field.required("spec.nodeAffinity", "Local volume requires node affinity"))
        case "csi":
            source = spec["csi"]
            causes += values.named("spec.csi.driver", source.get("driver", "").lower(), names.dns_subdomain)
            if not source.get("volumeHandle"):
                causes.append(field.required("spec.csi.volumeHandle"))
        case "nfs":
            causes += [field.required(f"spec.nfs.{key}") for key in ("server", "path") if not spec["nfs"].get(key)]
            if (path := spec["nfs"].get("path")) and not path.startswith("/"):
                causes.append(field.invalid("spec.nfs.path", path, "must be an absolute path"))
    return causes


def validate_persistent_volume_update(new: JSONObject, old: JSONObject) -> Causes:
    causes = validate_persistent_volume(new)
    after, before = new["spec"], old["spec"]
    if _without_expansion(after, before) != {key: before[key] for key in SOURCES if key in before}:
        detail = "spec.persistentvolumesource is immutable after creation"
        causes.append(field.forbidden("spec.persistentvolumesource", detail))
    causes += values.immutable("volumeMode", after.get("volumeMode"), before.get("volumeMode"))
    if before.get("nodeAffinity") and after.get("nodeAffinity") != before["nodeAffinity"]:
        detail = "field is immutable, except for updating from beta label to GA"
        causes.append(field.invalid("nodeAffinity", after.get("nodeAffinity"), detail))
    return causes + _attributes_class_update(after, before)


def _without_expansion(after: JSONObject, before: JSONObject) -> JSONObject:
    """Return the source as it was before a secret for its expansion was added, which may happen once."""
    source = {key: after[key] for key in SOURCES if key in after}
    if "csi" in source and "controllerExpandSecretRef" not in before.get("csi", {}):
        source["csi"] = {key: value for key, value in source["csi"].items() if key != "controllerExpandSecretRef"}
    return source


def _attributes_class_update(after: JSONObject, before: JSONObject) -> Causes:
    new, old = after.get("volumeAttributesClassName"), before.get("volumeAttributesClassName")
    if old is None or new == old or new:
        return []
    to = "nil" if new is None else "an empty string"
    return [field.forbidden("spec.volumeAttributesClassName", f"update from non-nil value to {to} is forbidden")]


def validate_claim(claim: JSONObject) -> Causes:
    """Check a PersistentVolumeClaim."""
    spec = claim.get("spec", {})
    causes = _access_modes(spec.get("accessModes", []), "at least 1 access mode is required")
    if (selector := spec.get("selector")) is not None:
        causes += validate_label_selector(selector, "spec.selector")
    storage = spec.get("resources", {}).get("requests", {}).get("storage")
    if storage is None:
        causes.append(field.required(_STORAGE))
    else:
        causes += values.positive_quantity(_STORAGE, storage)
    causes += _class(spec)
    causes += values.optional_one_of("spec.volumeMode", spec.get("volumeMode"), VOLUME_MODES)
    causes += _data_sources(spec)
    if attributes := spec.get("volumeAttributesClassName"):
        causes += field.problems("spec.volumeAttributesClassName", attributes, names.dns_subdomain(attributes))
    return causes


def _data_sources(spec: JSONObject) -> Causes:
    causes: Causes = []
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    for key, given in (("dataSource", source), ("dataSourceRef", reference)):
        if given is None:
            continue
        path, group, kind = f"spec.{key}", given.get("apiGroup", ""), given.get("kind", "")
        causes += [field.required(f"{path}.{part}") for part in ("name", "kind") if not given.get(part)]
        if not group and kind != "PersistentVolumeClaim":
            detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
            causes.append(field.invalid(path, kind, detail))
        if group:
            causes += field.problems(f"{path}.apiGroup", group, names.dns_subdomain(group))
    if source is not None and reference is not None:
        if reference.get("namespace"):
            detail = "may not be specified when dataSourceRef.namespace is specified"
            causes.append(field.invalid("spec", "spec.dataSource", detail))
        elif any(source.get(key) != reference.get(key) for key in ("apiGroup", "kind", "name")):
            causes.append(field.invalid("spec", "spec.dataSource", "must match dataSourceRef"))
    return causes


def validate_claim_update(new: JSONObject, old: JSONObject) -> Causes:
    """Check a changed claim: it may be bound once, and grow once it is."""
    causes = validate_claim(new)
    after, before = copy.deepcopy(new["spec"]), copy.deepcopy(old["spec"])
    if not before.get("volumeName"):
        before["volumeName"] = after.get("volumeName")
    after.setdefault("volumeName", None)
    if before.get("storageClassName") is None and after.get("storageClassName") is not None:
        annotated = (old["metadata"].get("annotations") or {}).get(_BETA_CLASS)
        if annotated in {None, after["storageClassName"]}:
            del after["storageClassName"]
            before.pop("storageClassName", None)
    if new.get("status", {}).get("phase") == "Bound":
        if "requests" in after.get("resources", {}):
            after["resources"]["requests"]["storage"] = before.get("resources", {}).get("requests", {}).get("storage")
        if after.get("volumeAttributesClassName") is not None:
            after["volumeAttributesClassName"] = before.setdefault("volumeAttributesClassName", None)
    if after != before:
        detail = (
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
        )
        causes.append(field.forbidden("spec", detail))
    causes += _shrinking(new, old)
    causes += values.immutable("volumeMode", new["spec"].get("volumeMode"), old["spec"].get("volumeMode"))
    return causes + _attributes_class_update(new["spec"], old["spec"])


def _shrinking(new: JSONObject, old: JSONObject) -> Causes:
    """A size may go back to any above what the volume has, to recover from an expansion that failed."""

    def size(holder: JSONObject) -> Any:
        return parse_quantity(holder.get("storage", "0"))

    wanted = size(new["spec"].get("resources", {}).get("requests", {}))
    if wanted < size(old["spec"].get("resources", {}).get("requests", {})) and wanted <= size(
        old.get("status", {}).get("capacity", {})
    ):
        detail = "field can not be less than status.capacity"
        return [field.forbidden("spec.resources.requests.storage", detail)]
    return []


def validate_claim_status(claim: JSONObject) -> Causes:
    status = claim.get("status", {})
    causes: Causes = []
    for key in ("capacity", "allocatedResources"):
        for name, quantity in status.get(key, {}).items():
            path = f"status.{key}[{name}]"
            if key == "allocatedResources" and (wrong := _claim_resource(name, f"status.{key}")):
                causes += wrong
            elif parse_quantity(quantity) < 0:
                causes.append(field.invalid(path, quantity, "must be a valid resource quantity"))
    path = "status.allocatedResourceStatus"
    for name, state in status.get("allocatedResourceStatuses", {}).items():
        causes += _claim_resource(name, path)
        causes += values.optional_one_of(path, state, _RESIZE_STATES)
    return causes


def _claim_resource(name: str, path: str) -> Causes:
    if causes := field.problems(path, name, names.qualified_name(name)):
        return causes
    if names.is_native_resource(name) and name != "storage":
        return [field.not_supported(path, name, ("storage",))]
    return []
