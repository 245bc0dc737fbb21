"""The kinds of ``storage.k8s.io`` (``pkg/apis/storage/validation/validation.go``, v1.36)."""

from typing import Any

from apimachinery import names
from apiserver.validation import field, values
from apiserver.validation.field import Causes
from apiserver.validation.selector import validate_label_selector

JSONObject = dict[str, Any]

_MAX_PARAMETERS = 512
_MAX_PARAMETER_BYTES = 256 * 1024
_MAX_DRIVER_NAME = 63


def _driver(path: str, name: str) -> Causes:
    if not name:
        return [field.required(path)]
    if len(name) > _MAX_DRIVER_NAME:
        return [field.too_long(path, _MAX_DRIVER_NAME)]
    # Names of drivers are domains in any case of letters.
    return field.problems(path, name, names.dns_subdomain(name.lower()))


def driver_name(name: str) -> list[str]:
    """What a CSIDriver may be called."""
    if len(name) > _MAX_DRIVER_NAME:
        return [f"must be no more than {_MAX_DRIVER_NAME} bytes"]
    return names.dns_subdomain(name)


def _parameters(parameters: JSONObject, path: str) -> Causes:
    if len(parameters) > _MAX_PARAMETERS:
        return [field.too_long(path, _MAX_PARAMETERS)]
    causes: Causes = []
    if "" in parameters:
        causes.append(field.invalid(path, "", "field can not be empty."))
    if sum(len(key) + len(value) for key, value in parameters.items()) > _MAX_PARAMETER_BYTES:
        causes.append(field.too_long(path, _MAX_PARAMETER_BYTES))
    return causes


def validate_storage_class(storage_class: JSONObject) -> Causes:
    provisioner = storage_class.get("provisioner", "")
    causes = values.named("provisioner", provisioner.lower(), names.qualified_name)
    causes += _parameters(storage_class.get("parameters", {}), "parameters")
    causes += values.optional_one_of("reclaimPolicy", storage_class.get("reclaimPolicy"), ("Delete", "Retain"))
    mode = storage_class.get("volumeBindingMode", "")
    return causes + values.one_of("volumeBindingMode", mode, ("Immediate", "WaitForFirstConsumer"))


def validate_storage_class_update(new: JSONObject, old: JSONObject) -> Causes:
    causes = validate_storage_class(new)
    for key in ("parameters", "provisioner", "reclaimPolicy"):
        causes += values.fixed(key, new.get(key) or None, old.get(key) or None)
    return causes + values.immutable("volumeBindingMode", new.get("volumeBindingMode"), old.get("volumeBindingMode"))


def validate_volume_attributes_class(attributes_class: JSONObject) -> Causes:
    causes = _driver("driverName", attributes_class.get("driverName", ""))
    parameters = attributes_class.get("parameters", {})
    if not parameters:
        causes.append(field.required("parameters", "must contain at least one key/value pair"))
    return causes + _parameters(parameters, "parameters")


def validate_volume_attributes_class_update(new: JSONObject, old: JSONObject) -> Causes:
    causes = validate_volume_attributes_class(new)
    for key in ("driverName", "parameters"):
        causes += values.fixed(key, new.get(key), old.get(key))
    return causes


def validate_volume_attachment(attachment: JSONObject) -> Causes:
    spec = attachment.get("spec", {})
    causes = _driver("spec.attacher", spec.get("attacher", ""))
    source = spec.get("source", {})
    given = [key for key in ("inlineVolumeSpec", "persistentVolumeName") if source.get(key) is not None]
    if not given:
        detail = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
        causes.append(field.required("spec.source", detail))
    elif len(given) > 1:
        detail = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
        causes.append(field.forbidden("spec.source", detail))
    elif given == ["persistentVolumeName"]:
        name = source["persistentVolumeName"]
        causes += values.named("spec.source.persistentVolumeName", name, names.dns_subdomain)
    node = spec.get("nodeName", "")
    causes += field.problems("spec.nodeName", node, names.dns_subdomain(node))
    return causes


def validate_volume_attachment_update(new: JSONObject, old: JSONObject) -> Causes:
    causes = validate_volume_attachment(new)
    return causes + values.immutable("spec", new.get("spec"), old.get("spec"))


def validate_csi_driver(driver: JSONObject) -> Causes:
    spec = driver.get("spec", {})
    causes = [
        field.required(f"spec.{key}")
        for key in ("attachRequired", "podInfoOnMount", "storageCapacity")
        if spec.get(key) is None
    ]
    causes += values.optional_one_of(
        "spec.fsGroupPolicy", spec.get("fsGroupPolicy"), ("File", "None", "ReadWriteOnceWithFSType")
    )
    for mode in spec.get("volumeLifecycleModes", []):
        causes += values.optional_one_of("spec.volumeLifecycleModes", mode, ("Ephemeral", "Persistent"))
    seen: set[str] = set()
    for index, request in enumerate(spec.get("tokenRequests", [])):
        path, audience = f"spec.tokenRequests[{index}]", request.get("audience", "")
        if audience in seen:
            causes.append(field.duplicate(f"{path}.audience", audience))
        seen.add(audience)
        seconds = request.get("expirationSeconds")
        if seconds is not None and seconds < 600:
            detail = "may not specify a duration less than 10 minutes"
            causes.append(field.invalid(f"{path}.expirationSeconds", seconds, detail))
    return causes


def validate_csi_driver_update(new: JSONObject, old: JSONObject) -> Causes:
    causes = validate_csi_driver(new)
    for key in ("attachRequired", "volumeLifecycleModes"):
        causes += values.immutable(f"spec.{key}", new["spec"].get(key), old["spec"].get(key))
    return causes


def validate_csi_node(node: JSONObject) -> Causes:
    causes: Causes = []
    seen: set[str] = set()
    for index, driver in enumerate(node.get("spec", {}).get("drivers", [])):
        path, name = f"spec.drivers[{index}]", driver.get("name", "")
        causes += _driver(f"{path}.name", name)
        if name in seen:
            causes.append(field.duplicate(f"{path}.name", name))
        seen.add(name)
        if not driver.get("nodeID"):
            causes.append(field.required(f"{path}.nodeID"))
        causes += field.non_negative(f"{path}.allocatable.count", (driver.get("allocatable") or {}).get("count"))
        for key in driver.get("topologyKeys", []):
            causes += values.named(f"{path}.topologyKeys", key, names.qualified_name)
    return causes


def validate_csi_node_update(new: JSONObject, old: JSONObject) -> Causes:
    causes = validate_csi_node(new)
    mutable = {"allocatable"}
    before = {driver.get("name"): driver for driver in old.get("spec", {}).get("drivers", [])}
    for driver in new.get("spec", {}).get("drivers", []):
        earlier = before.get(driver.get("name"))
        if earlier is not None and _without(driver, mutable) != _without(earlier, mutable):
            causes.append(field.invalid("spec.drivers", driver, "field is immutable"))
    return causes


def _without(obj: JSONObject, keys: set[str]) -> JSONObject:
    return {key: value for key, value in obj.items() if key not in keys}


def validate_csi_storage_capacity(capacity: JSONObject) -> Causes:
    causes = values.named("storageClassName", capacity.get("storageClassName", ""), names.dns_subdomain)
    if (topology := capacity.get("nodeTopology")) is not None:
        causes += validate_label_selector(topology, "nodeTopology")
    for key in ("capacity", "maximumVolumeSize"):
        if (quantity := capacity.get(key)) is not None:
            causes += values.non_negative_quantity(key, quantity)
    return causes


def validate_csi_storage_capacity_update(new: JSONObject, old: JSONObject) -> Causes:
    causes = validate_csi_storage_capacity(new)
    for key in ("nodeTopology", "storageClassName"):
        causes += values.immutable(key, new.get(key), old.get(key))
    return causes
