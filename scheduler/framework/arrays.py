"""The array types that columns and verdicts are made of."""

from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]
"""One truth value per node."""

IntArray = npt.NDArray[np.int64]
"""One integer per node."""

Rows = npt.NDArray[np.intp] | slice
"""Which nodes: their row numbers in ascending order, or ``slice(0, n)`` when it is all of them."""

Scalar = TypeVar("Scalar", bound=np.generic)


class Column(Protocol):
    """What every part of the node table does when rows come and go."""

    def resize(self, capacity: int) -> None:
        """Make room for ``capacity`` rows; new ones are cleared."""
        ...

    def move(self, source: int, target: int) -> None:
        """Let row ``target``, which is cleared, take what ``source`` holds; ``source`` is cleared."""
        ...


def grown(array: npt.NDArray[Scalar], capacity: int, fill: Any = 0) -> npt.NDArray[Scalar]:
    """Return a copy with room for ``capacity`` elements, the new ones set to ``fill``."""
    larger: npt.NDArray[Scalar] = np.full(capacity, fill, dtype=array.dtype)
    larger[: len(array)] = array
    return larger
