"""When Python looks for garbage in cycles: seldom, in a process that holds very many long-lived objects.

Looking through all of them stops everything else; with ten thousand pods in memory for seconds. Python does it whenever
what is alive has grown by a quarter. Nearly everything here is freed by its reference count in any case, and what is
not dies in known moments, so the big search is made then.
"""

import gc
import logging

logger = logging.getLogger(__name__)

_YOUNG, _MIDDLE, _OLD = 5_000, 20_000, 1
"""The young are searched after so many new objects, all others after so many of those searches: what has outlived one
is nearly always here to stay, and looking through it once more costs as much as the search of the young did."""

_FEWEST = 1_000


def search_rarely() -> None:
    """Have this process search its young objects less often, and the old ones hardly ever by itself."""
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)


class Departures:
    """Counts large things that were let go, and has their cycles searched for once they are many.

    That is when they are half as many as those that remain, and at least a thousand: the work so stays in
    proportion to what was let go.
    """

    def __init__(self) -> None:
        self._gone = 0

    def note(self, remaining: int) -> bool:
        """One more is gone; return whether the garbage was collected."""
        self._gone += 1
        if self._gone < max(_FEWEST, remaining // 2):
            return False
        self._gone = 0
        found = gc.collect()
        logger.debug("collected %d objects", found)
        return True
