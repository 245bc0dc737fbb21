"""Pods that ask for a special resource may use the nodes set aside for it.

Such nodes carry a taint whose key is the resource's name (``plugin/pkg/admission/extendedresourcetoleration``, v1.36).
"""

from apimachinery.names import is_extended_resource
from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation


class ExtendedResourceToleration(AdmissionPlugin):
    name = "ExtendedResourceToleration"

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        return operation in {Operation.CREATE, Operation.UPDATE} and (group, plural, subresource) == ("", "pods", "")

    async def admit(self, attributes: Attributes) -> None:
        assert attributes.obj is not None
        spec = attributes.obj["spec"]
        wanted = {
            name
            for container in (*spec.get("containers", ()), *spec.get("initContainers", ()))
            for name in (container.get("resources", {}).get("requests") or {})
            if is_extended_resource(name)
        }
        tolerations = list(spec.get("tolerations", ()))
        for name in sorted(wanted):
            toleration = {"key": name, "operator": "Exists"}
            if toleration not in tolerations:
                tolerations.append(toleration)
        if tolerations:
            spec["tolerations"] = tolerations
