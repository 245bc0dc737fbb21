"""CertificateSigningRequests (``pkg/registry/certificates``, v1.36)."""

from typing import Any

from apiserver.json_fields import keep
from apiserver.registry.strategy import COMMON_FIELDS, Strategy
from apiserver.user import ADMIN
from apiserver.validation import certificates
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]


class _ApprovalStrategy(Strategy):
    """Of the subresource ``approval``, which writes conditions and nothing else."""

    counts_generations = False

    def prepare_for_update(self, new: JSONObject, old: JSONObject) -> None:
        keep(new, old, "spec")
        conditions = new.get("status", {}).get("conditions", [])
        new["status"] = {**old.get("status", {}), "conditions": conditions}
        if not conditions:
            del new["status"]["conditions"]

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return certificates.validate_conditions(new, old)

    def stamp(self, new: JSONObject, old: JSONObject, now: str) -> None:
        _stamp_conditions(new, old, now)


class CertificateSigningRequestStrategy(Strategy):
    name_check = staticmethod(certificates.any_name)
    counts_generations = False
    selectable_fields = (*COMMON_FIELDS, "spec.signerName")

    def of_subresource(self, name: str) -> Strategy:
        return _ApprovalStrategy() if name == "approval" else self

    def prepare_for_create(self, obj: JSONObject) -> None:
        """Who asks is what the server knows of them, not what they say."""
        obj["status"] = {}
        spec = obj.setdefault("spec", {})
        for key in ("extra", "uid"):
            spec.pop(key, None)
        spec["username"], spec["groups"] = ADMIN.name, list(ADMIN.groups)

    def validate(self, obj: JSONObject) -> Causes:
        return certificates.validate_request(obj)

    def prepare_for_update(self, new: JSONObject, old: JSONObject) -> None:
        """What has been asked for stays as it is."""
        keep(new, old, "spec")
        keep(new, old, "status")

    def validate_status_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return certificates.validate_status(new, old)

    def stamp(self, new: JSONObject, old: JSONObject, now: str) -> None:
        _stamp_conditions(new, old, now)

    def fields(self, obj: JSONObject) -> dict[str, str]:
        return {**super().fields(obj), "spec.signerName": obj.get("spec", {}).get("signerName", "")}


def _stamp_conditions(new: JSONObject, old: JSONObject, now: str) -> None:
    """Fill in when conditions were written and came to be so, where their writer does not say."""
    before = {
        (entry.get("type"), entry.get("status")): entry.get("lastTransitionTime")
        for entry in reversed(old.get("status", {}).get("conditions") or [])
    }
    for entry in new.get("status", {}).get("conditions") or ():
        entry["lastUpdateTime"] = entry.get("lastUpdateTime") or now
        since = before.get((entry.get("type"), entry.get("status"))) or now
        entry["lastTransitionTime"] = entry.get("lastTransitionTime") or since
