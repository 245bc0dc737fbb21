"""A pod's RuntimeClass tells what its sandbox costs and where it can run.

``plugin/pkg/admission/runtimeclass``, v1.36.
"""

from typing import Any

from apimachinery.amounts import amounts
from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation
from apiserver.admission.lookups import Lookups
from apiserver.admission.refusals import forbidden

JSONObject = dict[str, Any]

_OTHER_OVERHEAD = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
_OWN_OVERHEAD = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"


class RuntimeClass(AdmissionPlugin):
    name = "RuntimeClass"

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        return (operation, group, plural, subresource) == (Operation.CREATE, "", "pods", "")

    async def admit(self, attributes: Attributes) -> None:
        assert attributes.obj is not None
        spec = attributes.obj["spec"]
        runtime_class = await self._class_of(attributes, spec)
        if runtime_class is None:
            return
        if overhead := _overhead(runtime_class):
            if spec.get("overhead") and not _equal(spec["overhead"], overhead):
                raise forbidden(attributes, _OTHER_OVERHEAD)
            spec["overhead"] = dict(overhead)
        if scheduling := runtime_class.get("scheduling"):
            _narrow(attributes, spec, scheduling)

    async def validate(self, attributes: Attributes) -> None:
        assert attributes.obj is not None
        spec = attributes.obj["spec"]
        overhead = _overhead(await self._class_of(attributes, spec) or {})
        given = spec.get("overhead") or {}
        if overhead and not _equal(given, overhead):
            raise forbidden(attributes, _OTHER_OVERHEAD)
        if given and not overhead:
            raise forbidden(attributes, _OWN_OVERHEAD)

    async def _class_of(self, attributes: Attributes, spec: JSONObject) -> JSONObject | None:
        name = spec.get("runtimeClassName")
        if not name:
            return None
        found = await self._lookups.get("node.k8s.io", "runtimeclasses", "", name)
        if found is None:
            raise forbidden(attributes, f'pod rejected: RuntimeClass "{name}" not found')
        return found


def _overhead(runtime_class: JSONObject) -> JSONObject:
    overhead: JSONObject = (runtime_class.get("overhead") or {}).get("podFixed") or {}
    return overhead


def _equal(one: JSONObject, other: JSONObject) -> bool:
    left, right = amounts(one), amounts(other)
    return left.keys() == right.keys() and all(left[name].number == right[name].number for name in left)


def _narrow(attributes: Attributes, spec: JSONObject, scheduling: JSONObject) -> None:
    """Let the pod run only where its class can, and tolerate what its class does."""
    given = spec.get("nodeSelector") or {}
    selected = scheduling.get("nodeSelector") or {}
    for key, value in selected.items():
        if given.get(key, value) != value:
            raise forbidden(
                attributes,
                f"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; "
                f"pod.spec.nodeSelector[{key}] = {given[key]}",
            )
    if selected:
        spec["nodeSelector"] = {**given, **selected}
    tolerations = list(spec.get("tolerations", ()))
    tolerations += [entry for entry in scheduling.get("tolerations", ()) if entry not in tolerations]
    if tolerations:
        spec["tolerations"] = [dict(entry) for entry in tolerations]
