"""New nodes take no pods until they are ready (``plugin/pkg/admission/nodetaint``, v1.36).

Upstream has it on by default. Here it is off: the taint is for the node lifecycle controller to remove once a node is
ready, and without one no node would ever take a pod.
"""

from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation

_TAINT = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}


class TaintNodesByCondition(AdmissionPlugin):
    name = "TaintNodesByCondition"

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        return (operation, group, plural, subresource) == (Operation.CREATE, "", "nodes", "")

    async def admit(self, attributes: Attributes) -> None:
        assert attributes.obj is not None
        taints = attributes.obj.setdefault("spec", {}).setdefault("taints", [])
        if not any((taint.get("key"), taint.get("effect")) == tuple(_TAINT.values()) for taint in taints):
            taints.append(dict(_TAINT))
