"""The kinds of ``storage.k8s.io`` (``pkg/registry/storage``, v1.36)."""

from typing import Any

from apiserver.registry.strategy import Strategy
from apiserver.validation import storage
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]


class StorageClassStrategy(Strategy):
    counts_generations = False
    returns_deleted_object = True

    def default(self, obj: JSONObject) -> None:
        obj.setdefault("reclaimPolicy", "Delete")
        obj.setdefault("volumeBindingMode", "Immediate")

    def validate(self, obj: JSONObject) -> Causes:
        return storage.validate_storage_class(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return storage.validate_storage_class_update(new, old)


class VolumeAttributesClassStrategy(Strategy):
    counts_generations = False
    returns_deleted_object = True

    def validate(self, obj: JSONObject) -> Causes:
        return storage.validate_volume_attributes_class(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return storage.validate_volume_attributes_class_update(new, old)


class VolumeAttachmentStrategy(Strategy):
    counts_generations = False
    returns_deleted_object = True

    def prepare_for_create(self, obj: JSONObject) -> None:
        obj["status"] = {"attached": False}

    def validate(self, obj: JSONObject) -> Causes:
        return storage.validate_volume_attachment(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return storage.validate_volume_attachment_update(new, old)


class CSIDriverStrategy(Strategy):
    name_check = staticmethod(storage.driver_name)
    counts_generations = False
    returns_deleted_object = True

    def default(self, obj: JSONObject) -> None:
        spec = obj.setdefault("spec", {})
        spec.setdefault("attachRequired", True)
        spec.setdefault("fsGroupPolicy", "ReadWriteOnceWithFSType")
        for key in ("podInfoOnMount", "requiresRepublish", "seLinuxMount", "storageCapacity"):
            spec.setdefault(key, False)
        spec["volumeLifecycleModes"] = spec.get("volumeLifecycleModes") or ["Persistent"]

    def validate(self, obj: JSONObject) -> Causes:
        return storage.validate_csi_driver(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return storage.validate_csi_driver_update(new, old)


class CSINodeStrategy(Strategy):
    counts_generations = False
    returns_deleted_object = True

    def default(self, obj: JSONObject) -> None:
        """A node without drivers says so."""
        spec = obj.setdefault("spec", {})
        spec["drivers"] = spec.get("drivers") or []

    def validate(self, obj: JSONObject) -> Causes:
        return storage.validate_csi_node(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return storage.validate_csi_node_update(new, old)


class CSIStorageCapacityStrategy(Strategy):
    counts_generations = False

    def validate(self, obj: JSONObject) -> Causes:
        return storage.validate_csi_storage_capacity(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return storage.validate_csi_storage_capacity_update(new, old)
