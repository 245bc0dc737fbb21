"""New nodes take no pods until they are ready (``plugin/pkg/admission/nodetaint``, v1.36).

The node lifecycle controller takes the taint off once a node is ready. Where there is none no node ever takes a pod,
unless this plugin is off.
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
