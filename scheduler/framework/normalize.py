"""The ways in which scores are brought into 0 … 100."""

import numpy as np

from scheduler.framework.arrays import IntArray
from scheduler.framework.interface import MAX_NODE_SCORE


def default_normalize(scores: IntArray, *, reverse: bool = False) -> IntArray:
    """Scale so that the largest score becomes 100; ``reverse`` turns the scale round, so that it becomes 0.

    Follows ``helper.DefaultNormalizeScore`` (v1.36): when no score is positive, all become 0, or 100 in reverse.
    """
    largest = int(scores.max()) if len(scores) else 0
    if largest <= 0:
        return np.full(len(scores), MAX_NODE_SCORE if reverse else 0, dtype=np.int64)
    scaled: IntArray = scores * MAX_NODE_SCORE // largest
    return MAX_NODE_SCORE - scaled if reverse else scaled
