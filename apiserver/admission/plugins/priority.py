"""A pod's priority comes from its PriorityClass (``plugin/pkg/admission/priority``, v1.36)."""

from typing import Any

from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation
from apiserver.admission.lookups import Lookups
from apiserver.admission.refusals import forbidden

JSONObject = dict[str, Any]

_GROUP = "scheduling.k8s.io"
_WRITES = (Operation.CREATE, Operation.UPDATE)
_DEFAULT_POLICY = "PreemptLowerPriority"


class Priority(AdmissionPlugin):
    name = "Priority"

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        if subresource or operation not in _WRITES:
            return False
        return (group, plural) in {("", "pods"), (_GROUP, "priorityclasses")}

    async def admit(self, attributes: Attributes) -> None:
        if attributes.info.plural != "pods":
            return
        assert attributes.obj is not None
        spec = attributes.obj["spec"]
        if attributes.operation is Operation.UPDATE:
            _keep(spec, attributes.old)
        else:
            await self._resolve(attributes, spec)

    async def _resolve(self, attributes: Attributes, spec: JSONObject) -> None:
        name = spec.get("priorityClassName")
        if name:
            chosen = await self._lookups.get(_GROUP, "priorityclasses", "", name)
            if chosen is None:
                raise forbidden(attributes, f"no PriorityClass with name {name} was found")
        else:
            chosen = await self._default()
            if chosen is not None:
                spec["priorityClassName"] = chosen["metadata"]["name"]
        chosen = chosen or {}
        priority, policy = chosen.get("value", 0), chosen.get("preemptionPolicy") or _DEFAULT_POLICY
        given = spec.get("priority")
        if given is not None and given != priority:
            raise forbidden(
                attributes,
                f"the integer value of priority ({given}) must not be provided in pod spec; priority admission "
                f"controller computed {priority} from the given PriorityClass name",
            )
        asked = spec.get("preemptionPolicy")
        if asked is not None and asked != policy:
            raise forbidden(
                attributes,
                f"the string value of PreemptionPolicy ({asked}) must not be provided in pod spec; priority admission "
                f"controller computed {policy} from the given PriorityClass name",
            )
        spec["priority"], spec["preemptionPolicy"] = priority, policy

    async def validate(self, attributes: Attributes) -> None:
        """Refuse a second class that is everybody's default."""
        priority_class = attributes.obj
        assert priority_class is not None
        if attributes.info.plural != "priorityclasses" or not priority_class.get("globalDefault"):
            return
        default = await self._default()
        if default is None:
            return
        name = default["metadata"]["name"]
        if attributes.operation is Operation.CREATE or name != priority_class["metadata"]["name"]:
            raise forbidden(
                attributes, f"PriorityClass {name} is already marked as default. Only one default can exist"
            )

    async def _default(self) -> JSONObject | None:
        """Return the class of pods that name none: of several, the one with the least priority."""
        classes = await self._lookups.listed(_GROUP, "priorityclasses")
        defaults = [entry for entry in classes if entry.get("globalDefault")]
        return min(defaults, key=lambda entry: entry.get("value", 0)) if defaults else None


def _keep(spec: JSONObject, old: JSONObject | None) -> None:
    """What was settled at the creation is not undone by a writer that does not know of it."""
    before = (old or {}).get("spec", {})
    for key in ("priority", "preemptionPolicy"):
        if spec.get(key) is None and before.get(key) is not None:
            spec[key] = before[key]
