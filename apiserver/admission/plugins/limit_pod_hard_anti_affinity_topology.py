"""Pods keep others away from their node at most, not from a zone (``plugin/pkg/admission/antiaffinity``, v1.36)."""

from apimachinery.labels import HOSTNAME
from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation
from apiserver.admission.refusals import forbidden


class LimitPodHardAntiAffinityTopology(AdmissionPlugin):
    name = "LimitPodHardAntiAffinityTopology"

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        return operation in {Operation.CREATE, Operation.UPDATE} and (group, plural, subresource) == ("", "pods", "")

    async def validate(self, attributes: Attributes) -> None:
        assert attributes.obj is not None
        rules = (attributes.obj["spec"].get("affinity") or {}).get("podAntiAffinity") or {}
        for term in rules.get("requiredDuringSchedulingIgnoredDuringExecution", ()):
            key = term.get("topologyKey", "")
            if key != HOSTNAME:
                raise forbidden(
                    attributes,
                    f"affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey {key} but only key "
                    f"{HOSTNAME} is allowed",
                )
