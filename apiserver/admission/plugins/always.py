"""AlwaysAdmit and AlwaysDeny, for tests of clusters (``plugin/pkg/admission/{admit,deny}``, v1.36)."""

from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation
from apiserver.admission.refusals import forbidden


class AlwaysAdmit(AdmissionPlugin):
    """Has nothing to say."""

    name = "AlwaysAdmit"

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        return False


class AlwaysDeny(AdmissionPlugin):
    """Refuses every write, the server's own included: what a cluster has from the start is then not there."""

    name = "AlwaysDeny"

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        return True

    async def admit(self, attributes: Attributes) -> None:
        raise forbidden(attributes, "admission control is denying all modifications")
