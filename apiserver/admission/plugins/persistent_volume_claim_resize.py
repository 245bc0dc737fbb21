"""Claims grow where their storage class can (``plugin/pkg/admission/storage/persistentvolume/resize``, v1.36)."""

from typing import Any

from apimachinery.amounts import Amount, amount
from apimachinery.quota.usage import storage_class_of
from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation
from apiserver.admission.lookups import Lookups
from apiserver.admission.refusals import forbidden

JSONObject = dict[str, Any]


class PersistentVolumeClaimResize(AdmissionPlugin):
    name = "PersistentVolumeClaimResize"

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        request = (operation, group, plural, subresource)
        return request == (Operation.UPDATE, "", "persistentvolumeclaims", "")

    async def validate(self, attributes: Attributes) -> None:
        new, old = attributes.obj, attributes.old
        assert new is not None
        assert old is not None
        wanted, held = _storage(new), _storage(old)
        if wanted is None or held is None or wanted.number <= held.number:
            return
        if old.get("status", {}).get("phase") != "Bound":
            raise forbidden(attributes, "Only bound persistent volume claims can be expanded")
        name = storage_class_of(new)
        storage_class = await self._lookups.get("storage.k8s.io", "storageclasses", "", name) if name else None
        if not (storage_class or {}).get("allowVolumeExpansion"):
            raise forbidden(
                attributes,
                "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must "
                "support resize",
            )


def _storage(claim: JSONObject) -> Amount | None:
    quantity = claim.get("spec", {}).get("resources", {}).get("requests", {}).get("storage")
    return None if quantity is None else amount(quantity)
