"""Pods stay on a node that is lost for five minutes (``plugin/pkg/admission/defaulttolerationseconds``, v1.36)."""

from typing import Any

from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation

JSONObject = dict[str, Any]

SECONDS = 300
_TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


class DefaultTolerationSeconds(AdmissionPlugin):
    name = "DefaultTolerationSeconds"

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        return operation in {Operation.CREATE, Operation.UPDATE} and (group, plural, subresource) == ("", "pods", "")

    async def admit(self, attributes: Attributes) -> None:
        assert attributes.obj is not None
        spec = attributes.obj["spec"]
        given = spec.get("tolerations", ())
        added = [
            {"key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": SECONDS}
            for taint in _TAINTS
            if not any(_is_about(toleration, taint) for toleration in given)
        ]
        if added:
            spec["tolerations"] = [*given, *added]


def _is_about(toleration: JSONObject, taint: str) -> bool:
    return toleration.get("key", "") in {taint, ""} and toleration.get("effect", "") in {"NoExecute", ""}
