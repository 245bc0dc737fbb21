"""Whatever is in a namespace is written only while there is one (``plugin/pkg/admission/namespace/exists``, v1.36)."""

from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation
from apiserver.admission.lookups import Lookups
from apiserver.admission.plugins.namespace_lifecycle import namespace_not_found


class NamespaceExists(AdmissionPlugin):
    name = "NamespaceExists"

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        return (group, plural) != ("", "namespaces")

    async def validate(self, attributes: Attributes) -> None:
        namespace = attributes.namespace
        if namespace and await self._lookups.record("", "namespaces", "", namespace) is None:
            raise namespace_not_found(namespace)
