"""Nothing is written where there is no namespace, or created where it is going away.

``k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle``, v0.36.
"""

from apimachinery.errors import Cause, Forbidden, NotFound
from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation
from apiserver.admission.lookups import Lookups
from apiserver.admission.refusals import forbidden

_IMMORTAL = frozenset({"default", "kube-system", "kube-public"})
_REVIEWS = ("authorization.k8s.io", "localsubjectaccessreviews")


def namespace_not_found(namespace: str) -> NotFound:
    return NotFound(f'namespaces "{namespace}" not found', name=namespace, kind="namespaces")


class NamespaceLifecycle(AdmissionPlugin):
    name = "NamespaceLifecycle"

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        if (group, plural) == ("", "namespaces"):
            return operation is Operation.DELETE
        return operation is Operation.CREATE and (group, plural) != _REVIEWS

    async def admit(self, attributes: Attributes) -> None:
        """Raise 403 for a namespace that cannot be deleted or is being so, 404 for one that is not there."""
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
        namespace = attributes.namespace
        record = await self._lookups.record("", "namespaces", "", namespace)
        if record is None:
            raise namespace_not_found(namespace)
        if record.fields.get("status.phase") == "Terminating":
            cause = Cause("NamespaceTerminating", f"namespace {namespace} is being terminated", "metadata.namespace")
            why = f"unable to create new content in namespace {namespace} because it is being terminated"
            raise forbidden(attributes, why, [cause])
