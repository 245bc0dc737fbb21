"""The column of node taints: few different sets of taints, each node's as a small number."""

import numpy as np
import numpy.typing as npt

from scheduler.framework.arrays import grown
from scheduler.framework.interning import Interner
from scheduler.framework.node_info import Taint

TaintSet = tuple[Taint, ...]


class TaintColumn:
    """``numbers[row]`` tells which set of taints a node has; :attr:`sets` says what is in them.

    Rows past the table's length have the number of the empty set, which is always held. :attr:`version` changes
    whenever any node's taints do.
    """

    def __init__(self, capacity: int) -> None:
        self.version = 0
        self.sets: Interner[TaintSet] = Interner()
        self._untainted = self.sets.acquire(())
        self.numbers: npt.NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self.resize(capacity)

    @property
    def untainted(self) -> bool:
        """Whether no node has any taint."""
        return self.sets.held == 1

    def set_taints(self, row: int, taints: TaintSet) -> None:
        self.version += 1
        number = self.sets.acquire(taints)
        self.sets.release(int(self.numbers[row]))
        self.numbers[row] = number

    def resize(self, capacity: int) -> None:
        # Every row holds its set, cleared ones the empty set: one more than that is always held.
        for _ in range(capacity - len(self.numbers)):
            self.sets.acquire(())
        self.numbers = grown(self.numbers, capacity, self._untainted)

    def move(self, source: int, target: int) -> None:
        self.version += 1
        self.numbers[source], self.numbers[target] = self.numbers[target], self.numbers[source]
