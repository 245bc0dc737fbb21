"""A namespace's annotations say what its pods tolerate by default, and what at most.

``plugin/pkg/admission/podtolerationrestriction``, v1.36. There is no configuration file, so namespaces without the
annotations have neither. What upstream answers with a bare 500 is a 403 here.
"""

from collections.abc import Sequence
from typing import Any

import orjson

from apimachinery.errors import InternalError
from apimachinery.pod_defaults import qos_class
from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation
from apiserver.admission.lookups import Lookups
from apiserver.admission.refusals import forbidden

JSONObject = dict[str, Any]

DEFAULTS = "scheduler.alpha.kubernetes.io/defaultTolerations"
WHITELIST = "scheduler.alpha.kubernetes.io/tolerationsWhitelist"
_MEMORY_PRESSURE = {"key": "node.kubernetes.io/memory-pressure", "operator": "Exists", "effect": "NoSchedule"}


class PodTolerationRestriction(AdmissionPlugin):
    name = "PodTolerationRestriction"

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        return operation in {Operation.CREATE, Operation.UPDATE} and (group, plural, subresource) == ("", "pods", "")

    async def admit(self, attributes: Attributes) -> None:
        pod = attributes.obj
        assert pod is not None
        more: list[JSONObject] = []
        if attributes.operation is Operation.CREATE:
            more += await self._listed(attributes, DEFAULTS)
        if qos_class(pod) != "BestEffort":
            more.append(dict(_MEMORY_PRESSURE))
        if more:
            pod["spec"]["tolerations"] = merged([*pod["spec"].get("tolerations", ()), *more])

    async def validate(self, attributes: Attributes) -> None:
        assert attributes.obj is not None
        tolerations = attributes.obj["spec"].get("tolerations", ())
        allowed = await self._listed(attributes, WHITELIST)
        if allowed and not all(any(covers(entry, toleration) for entry in allowed) for toleration in tolerations):
            raise forbidden(
                attributes,
                "pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace "
                "whitelist",
            )

    async def _listed(self, attributes: Attributes, annotation: str) -> list[JSONObject]:
        """Return the tolerations in an annotation of the namespace; raise 500 when it holds something else."""
        namespace = await self._lookups.get("", "namespaces", "", attributes.namespace) or {}
        text = namespace.get("metadata", {}).get("annotations", {}).get(annotation, "")
        if not text:
            return []
        try:
            found = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise InternalError(f"Internal error occurred: annotation {annotation}: {error}") from error
        if not isinstance(found, list) or not all(_is_toleration(entry) for entry in found):
            raise InternalError(f"Internal error occurred: annotation {annotation} is no list of tolerations")
        return found


def _is_toleration(entry: Any) -> bool:
    texts = ("effect", "key", "operator", "value")
    return (
        isinstance(entry, dict)
        and all(isinstance(entry.get(key, ""), str) for key in texts)
        and isinstance(entry.get("tolerationSeconds", 0), int)
        and entry.keys() <= {*texts, "tolerationSeconds"}
    )


def merged(tolerations: Sequence[JSONObject]) -> list[JSONObject]:
    """Leave out every toleration that another one covers; of two equal ones the first stays."""
    kept: list[JSONObject] = []
    for index, one in enumerate(tolerations):
        later = tolerations[index + 1 :]
        if not any(covers(other, one) for other in kept) and not any(
            other != one and covers(other, one) for other in later
        ):
            kept.append(one)
    return kept


def covers(wide: JSONObject, narrow: JSONObject) -> bool:
    """Whether whatever ``narrow`` tolerates ``wide`` does too (``pkg/util/tolerations``)."""
    if wide == narrow:
        return True
    exists = wide.get("operator") == "Exists"
    key, effect = wide.get("key", ""), wide.get("effect", "")
    if key != narrow.get("key", "") and (key or not exists):
        return False
    if effect and effect != narrow.get("effect", ""):
        return False
    seconds, asked = wide.get("tolerationSeconds"), narrow.get("tolerationSeconds")
    if effect == "NoExecute" and seconds is not None and (asked is None or asked > seconds):
        return False
    return exists or (narrow.get("operator") == "Equal" and narrow.get("value", "") == wide.get("value", ""))
