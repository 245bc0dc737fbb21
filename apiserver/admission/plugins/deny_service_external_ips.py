"""Nobody takes traffic away by claiming an address (``plugin/pkg/admission/network/denyserviceexternalips``, v1.36)."""

from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation
from apiserver.admission.refusals import forbidden


class DenyServiceExternalIPs(AdmissionPlugin):
    name = "DenyServiceExternalIPs"

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        return operation in {Operation.CREATE, Operation.UPDATE} and (group, plural, subresource) == (
            "",
            "services",
            "",
        )

    async def validate(self, attributes: Attributes) -> None:
        """Refuse external addresses that were not there before."""
        wanted = ((attributes.obj or {}).get("spec") or {}).get("externalIPs") or ()
        held = ((attributes.old or {}).get("spec") or {}).get("externalIPs") or ()
        if not set(wanted) <= set(held):
            raise forbidden(attributes, "Use of external IPs is denied by admission control")
