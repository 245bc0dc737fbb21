"""How many pods of each controller every node holds."""

from collections import OrderedDict

import numpy as np
import numpy.typing as npt

from scheduler.framework.arrays import IntArray, grown

_VECTORS_KEPT = 64
"""Controllers whose counts are kept as vectors too: those whose pods were scored last."""


class ReplicaCounts:
    """Counts by controller uid: sparse for every controller, as a vector for those that are being scheduled.

    A cluster has many controllers with few pods each, and a vector is as long as the cluster has nodes; building
    one for every controller would cost far more memory than the pods do.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._by_controller: dict[str, dict[int, int]] = {}
        self._vectors: OrderedDict[str, npt.NDArray[np.int64]] = OrderedDict()
        self._rows: dict[int, dict[str, None]] = {}

    def vector(self, controller: str, count: int) -> IntArray | None:
        """Return the controller's pods on each of the first ``count`` rows, ``None`` when it has none anywhere."""
        vector = self._vectors.get(controller)
        if vector is None:
            sparse = self._by_controller.get(controller)
            if sparse is None:
                return None
            vector = np.zeros(self._capacity, dtype=np.int64)
            vector[list(sparse)] = list(sparse.values())
            self._vectors[controller] = vector
            if len(self._vectors) > _VECTORS_KEPT:
                self._vectors.popitem(last=False)
        else:
            self._vectors.move_to_end(controller)
        return vector[:count]

    def add(self, row: int, controller: str, pods: int) -> None:
        """Count ``pods`` more pods of the controller on a node; -1 takes one away."""
        sparse = self._by_controller.setdefault(controller, {})
        held = sparse.get(row, 0) + pods
        if held:
            sparse[row] = held
            self._rows.setdefault(row, {})[controller] = None
        else:
            del sparse[row]
            self._forget_row(row, controller)
        vector = self._vectors.get(controller)
        if vector is not None:
            vector[row] = held
        if not sparse:
            del self._by_controller[controller]
            self._vectors.pop(controller, None)

    def _forget_row(self, row: int, controller: str) -> None:
        controllers = self._rows[row]
        del controllers[controller]
        if not controllers:
            del self._rows[row]

    def resize(self, capacity: int) -> None:
        self._capacity = capacity
        for controller, vector in self._vectors.items():
            self._vectors[controller] = grown(vector, capacity)

    def move(self, source: int, target: int) -> None:
        for controller in list(self._rows.get(source, ())):
            pods = self._by_controller[controller][source]
            self.add(target, controller, pods)
            self.add(source, controller, -pods)
