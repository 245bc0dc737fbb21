"""PersistentVolumes and their claims (``pkg/registry/core/{persistentvolume,persistentvolumeclaim}``, v1.36)."""

from typing import Any

from apiserver.json_fields import keep
from apiserver.registry.strategy import Strategy
from apiserver.validation import volumes
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]


class PersistentVolumeStrategy(Strategy):
    counts_generations = False
    returns_deleted_object = True

    def default(self, obj: JSONObject) -> None:
        spec = obj.setdefault("spec", {})
        spec["persistentVolumeReclaimPolicy"] = spec.get("persistentVolumeReclaimPolicy") or "Retain"
        spec.setdefault("volumeMode", "Filesystem")
        if "hostPath" in spec:
            spec["hostPath"].setdefault("type", "")

    def prepare_for_create(self, obj: JSONObject) -> None:
        obj["status"] = {"phase": "Pending", "lastPhaseTransitionTime": obj["metadata"]["creationTimestamp"]}

    def validate(self, obj: JSONObject) -> Causes:
        return volumes.validate_persistent_volume(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return volumes.validate_persistent_volume_update(new, old)

    def prepare_for_status_update(self, new: JSONObject, old: JSONObject) -> None:
        super().prepare_for_status_update(new, old)
        new.setdefault("status", {}).setdefault("phase", "Pending")

    def stamp(self, new: JSONObject, old: JSONObject, now: str) -> None:
        """Note when the phase has changed, unless the writer says."""
        status, before, key = new.get("status", {}), old.get("status", {}), "lastPhaseTransitionTime"
        if status.get("phase") != before.get("phase") and status.get(key) in {None, before.get(key)}:
            status[key] = now


class PersistentVolumeClaimStrategy(Strategy):
    counts_generations = False
    returns_deleted_object = True

    def default(self, obj: JSONObject) -> None:
        obj.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")

    def prepare_for_create(self, obj: JSONObject) -> None:
        obj["status"] = {"phase": "Pending"}
        _mirror_data_source(obj["spec"])

    def validate(self, obj: JSONObject) -> Causes:
        return volumes.validate_claim(obj)

    def prepare_for_update(self, new: JSONObject, old: JSONObject) -> None:
        keep(new, old, "status")
        _mirror_data_source(new["spec"])

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return volumes.validate_claim_update(new, old)

    def prepare_for_status_update(self, new: JSONObject, old: JSONObject) -> None:
        super().prepare_for_status_update(new, old)
        new.setdefault("status", {}).setdefault("phase", "Pending")

    def validate_status_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return volumes.validate_claim_status(new)


def _mirror_data_source(spec: JSONObject) -> None:
    """Let the newer and the older field for where the data comes from say the same."""
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    if source is not None and reference is None:
        spec["dataSourceRef"] = dict(source)
    elif reference is not None and source is None and not reference.get("namespace"):
        spec["dataSource"] = {key: reference[key] for key in ("apiGroup", "kind", "name") if key in reference}
