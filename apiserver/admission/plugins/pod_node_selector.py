"""A namespace's pods stay on the nodes that its annotation selects (``plugin/pkg/admission/podnodeselector``, v1.36).

There is no configuration file, so there is neither a selector for namespaces without the annotation nor a list of what
a namespace may select.
"""

from apimachinery.errors import InternalError
from apimachinery.selectors import Operator, SelectorSyntaxError, parse_label_selector
from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation
from apiserver.admission.lookups import Lookups
from apiserver.admission.refusals import forbidden

ANNOTATION = "scheduler.alpha.kubernetes.io/node-selector"


class PodNodeSelector(AdmissionPlugin):
    name = "PodNodeSelector"

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        return (operation, group, plural, subresource) == (Operation.CREATE, "", "pods", "")

    async def admit(self, attributes: Attributes) -> None:
        assert attributes.obj is not None
        namespace = await self._lookups.get("", "namespaces", "", attributes.namespace)
        text = (namespace or {}).get("metadata", {}).get("annotations", {}).get(ANNOTATION, "")
        selected = _labels(text)
        if not selected:
            return
        spec = attributes.obj["spec"]
        given = spec.get("nodeSelector") or {}
        if any(given.get(key, value) != value for key, value in selected.items()):
            raise forbidden(attributes, "pod node label selector conflicts with its namespace node label selector")
        spec["nodeSelector"] = {**selected, **given}


def _labels(text: str) -> dict[str, str]:
    """Read ``a=b,c=d``; raise 500 for anything else, which is the namespace's fault and not the pod's."""
    try:
        requirements = parse_label_selector(text).requirements
    except SelectorSyntaxError as error:
        raise InternalError(f"Internal error occurred: {error}") from error
    found = {}
    for requirement in requirements:
        if requirement.operator is not Operator.IN or len(requirement.values) != 1:
            raise InternalError(f"Internal error occurred: invalid selector: {text}")
        found[requirement.key] = next(iter(requirement.values))
    return found
