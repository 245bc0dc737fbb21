"""ImageLocality: better a node that has the pod's images already.

Follows ``pkg/scheduler/framework/plugins/imagelocality/image_locality.go`` (v1.36).
"""

import numpy as np

from scheduler.framework.arrays import IntArray
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.interface import MAX_NODE_SCORE, Handle, ScorePlugin
from scheduler.framework.node_table import NodeTable
from scheduler.framework.pod_info import PodInfo

_MIB = 1024 * 1024
LEAST_BYTES = 23 * _MIB
"""What is there counts from here on."""
MOST_BYTES = 1000 * _MIB
"""How much of what is there counts, for each image that the pod uses."""


class ImageLocality(ScorePlugin):
    """Counts the bytes of the pod's images on each node, each image's the less the fewer nodes have it.

    Were it not for that, a large image would draw all pods that use it to the one node that has it.
    """

    name = "ImageLocality"

    def score(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> IntArray | None:
        there: IntArray | None = None
        for name in pod.images:
            sizes = nodes.images.sizes(name, nodes.count)
            if sizes is not None:
                share: IntArray = (sizes * (nodes.images.holders(name) / nodes.count)).astype(np.int64)
                there = share if there is None else there + share
        if there is None:
            return None
        most = MOST_BYTES * len(pod.images)
        scores: IntArray = MAX_NODE_SCORE * (there.clip(LEAST_BYTES, most) - LEAST_BYTES) // (most - LEAST_BYTES)
        return scores


def new(args: None, handle: Handle) -> ImageLocality:
    return ImageLocality()
