"""Claims that name no storage class get the default one (``plugin/pkg/admission/storage/storageclass``, v1.36)."""

from apiserver.admission.defaults import newest_default
from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation
from apiserver.admission.lookups import Lookups

_IS_DEFAULT = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
_BETA = "volume.beta.kubernetes.io/storage-class"


class DefaultStorageClass(AdmissionPlugin):
    name = "DefaultStorageClass"

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        request = (operation, group, plural, subresource)
        return request == (Operation.CREATE, "", "persistentvolumeclaims", "")

    async def admit(self, attributes: Attributes) -> None:
        assert attributes.obj is not None
        claim = attributes.obj
        spec = claim.setdefault("spec", {})
        # An empty name is a choice too: no class.
        if spec.get("storageClassName") is not None or _BETA in claim["metadata"].get("annotations", {}):
            return
        chosen = newest_default(await self._lookups.listed("storage.k8s.io", "storageclasses"), _IS_DEFAULT)
        if chosen:
            spec["storageClassName"] = chosen
