"""Pods that no controller would replace, made anew elsewhere when their node is gone.

Kubernetes leaves such a pod lost. With ``--reschedule-bare-pods`` its like is created, for the scheduler to place.
"""

import hashlib
from typing import Any

from apimachinery.types.base import to_wire
from apimachinery.types.pod import Pod
from controller_manager.ownership import MIRROR_POD, controller_of

REPLACES = "kubemu.io/replaces"
"""Annotation of the new pod: the name of the one that it stands for."""

_KEPT = ("labels", "annotations")
_SUFFIX_LENGTH = 5
_LONGEST_NAME = 253


def replacement(pod: Pod) -> dict[str, Any] | None:
    """Return the pod to be created in place of one that is lost with its node, ``None`` when that is not called for.

    It always has the same name for the same lost pod, so that it is created once.
    """
    meta = pod.metadata
    if pod.finished or pod.deleting or controller_of(pod) is not None or MIRROR_POD in meta.annotations:
        return None
    wire = to_wire(meta)
    metadata = {key: wire[key] for key in _KEPT if key in wire}
    metadata["annotations"] = {**wire.get("annotations", {}), REPLACES: meta.name}
    metadata |= {"name": _name(pod), "namespace": meta.namespace}
    spec = {key: value for key, value in to_wire(pod.spec).items() if key not in {"nodeName", "ephemeralContainers"}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _name(pod: Pod) -> str:
    base = pod.metadata.name
    if REPLACES in pod.metadata.annotations:
        # A replacement's replacement has one suffix, too.
        base = base.rpartition("-")[0]
    suffix = hashlib.sha256(pod.metadata.uid.encode()).hexdigest()[:_SUFFIX_LENGTH]
    return f"{base[: _LONGEST_NAME - _SUFFIX_LENGTH - 1]}-{suffix}"
