"""Nothing is created where there is no namespace, or where it is going away.

``k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle``, v0.36.
"""

import orjson

from apimachinery.errors import Cause, Forbidden
from apiserver.admission.interface import Access, AdmissionPlugin, Attributes, Operation

_IMMORTAL = frozenset({"default", "kube-system", "kube-public"})


class NamespaceLifecycle(AdmissionPlugin):
    name = "NamespaceLifecycle"

    def __init__(self, access: Access) -> None:
        namespaces = access.registry.find("", "v1", "namespaces")
        assert namespaces is not None
        self._namespaces = namespaces
        self._objects = access.objects

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        if (group, plural) == ("", "namespaces"):
            return operation is Operation.DELETE
        return operation is Operation.CREATE

    async def validate(self, attributes: Attributes) -> None:
        if attributes.operation is Operation.DELETE:
            self._check_deletion(attributes)
        elif attributes.info.namespaced:
            await self._check_creation(attributes)

    def _check_deletion(self, attributes: Attributes) -> None:
        if attributes.name in _IMMORTAL:
            raise Forbidden(
                f'namespaces "{attributes.name}" is forbidden: this namespace may not be deleted',
                name=attributes.name,
                kind="namespaces",
            )

    async def _check_creation(self, attributes: Attributes) -> None:
        """Raise 404 for a namespace that is not there, 403 for one that is going away."""
        info, namespace = attributes.info, attributes.namespace
        record = await self._objects.get(self._namespaces, "", namespace)
        if record.fields.get("status.phase") != "Terminating" or attributes.subresource:
            return
        deleted_at = orjson.loads(record.value)["metadata"].get("deletionTimestamp", "")
        raise Forbidden(
            f'{info.qualified} "{attributes.name}" is forbidden: unable to create new content in namespace {namespace} '
            "because it is being terminated",
            name=attributes.name,
            group=info.group,
            kind=info.plural,
            causes=[
                Cause(
                    "NamespaceTerminating",
                    f"namespace {namespace} is being terminated since {deleted_at}",
                    "metadata.namespace",
                )
            ],
        )
