"""Ingresses that name no class get the default one (``plugin/pkg/admission/network/defaultingressclass``, v1.36)."""

from apiserver.admission.defaults import newest_default
from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation
from apiserver.admission.lookups import Lookups

_GROUP = "networking.k8s.io"
_IS_DEFAULT = ("ingressclass.kubernetes.io/is-default-class",)
_OLDER = "kubernetes.io/ingress.class"


class DefaultIngressClass(AdmissionPlugin):
    name = "DefaultIngressClass"

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        return (operation, group, plural, subresource) == (Operation.CREATE, _GROUP, "ingresses", "")

    async def admit(self, attributes: Attributes) -> None:
        assert attributes.obj is not None
        ingress = attributes.obj
        spec = ingress.setdefault("spec", {})
        if spec.get("ingressClassName") is not None or _OLDER in ingress["metadata"].get("annotations", {}):
            return
        chosen = newest_default(await self._lookups.listed(_GROUP, "ingressclasses"), _IS_DEFAULT)
        if chosen:
            spec["ingressClassName"] = chosen
