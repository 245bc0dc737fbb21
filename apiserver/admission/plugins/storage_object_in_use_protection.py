"""Claims and volumes are held by a finalizer while somebody uses them.

``plugin/pkg/admission/storage/storageobjectinuseprotection``, v1.36. The protection controllers remove the finalizers;
without them no claim and no volume ever goes, here as upstream.
"""

from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation

_FINALIZERS = {
    ("", "persistentvolumeclaims"): "kubernetes.io/pvc-protection",
    ("", "persistentvolumes"): "kubernetes.io/pv-protection",
    ("storage.k8s.io", "volumeattributesclasses"): "kubernetes.io/vac-protection",
}


class StorageObjectInUseProtection(AdmissionPlugin):
    name = "StorageObjectInUseProtection"

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        return operation is Operation.CREATE and not subresource and (group, plural) in _FINALIZERS

    async def admit(self, attributes: Attributes) -> None:
        assert attributes.obj is not None
        finalizer = _FINALIZERS[attributes.info.group, attributes.info.plural]
        finalizers = attributes.obj["metadata"].setdefault("finalizers", [])
        if finalizer not in finalizers:
            finalizers.append(finalizer)
