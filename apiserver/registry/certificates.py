"""CertificateSigningRequests (``pkg/registry/certificates``, v1.36)."""

from typing import Any

from apiserver.registry.strategy import COMMON_FIELDS, Strategy, keep
from apiserver.validation import certificates
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]


class CertificateSigningRequestStrategy(Strategy):
    name_check = staticmethod(certificates.any_name)
    counts_generations = False
    selectable_fields = (*COMMON_FIELDS, "spec.signerName")

    def validate(self, obj: JSONObject) -> Causes:
        return certificates.validate_request(obj)

    def prepare_for_update(self, new: JSONObject, old: JSONObject) -> None:
        """What has been asked for stays as it is."""
        keep(new, old, "spec")
        keep(new, old, "status")

    def validate_status_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return certificates.validate_status(new, old)

    def fields(self, obj: JSONObject) -> dict[str, str]:
        return {**super().fields(obj), "spec.signerName": obj.get("spec", {}).get("signerName", "")}
