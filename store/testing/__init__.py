"""The contract of :mod:`store.interface` as code: what every implementation of ``Store`` must pass.

Each check is a coroutine function that takes a new store: nothing written, nothing compacted, keeping at least
:data:`HISTORY_LIMIT` events, and cutting a watcher off when more than :data:`WATCH_BUFFER` wait for it. It closes
nothing but what it opened; whoever made the store closes it. An implementation runs them all::

    @pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.__name__)
    async def test_contract(check: Check) -> None:
        store = MemoryStore(history_limit=HISTORY_LIMIT, watch_buffer=WATCH_BUFFER)
        await check(store)
        await store.close()

A check that fails raises ``AssertionError`` (in an exception group, where tasks took part), ``TimeoutError`` when
what was due never came, or a refusal that was not due. ``pytest.register_assert_rewrite("store.testing")`` before
the import makes pytest show the values.
"""

from store.testing.batches import batch_checks
from store.testing.check import Check
from store.testing.compactions import compaction_checks
from store.testing.endings import ending_checks
from store.testing.helpers import HISTORY_LIMIT, WATCH_BUFFER
from store.testing.lists import list_checks
from store.testing.watches import watch_checks
from store.testing.writes import write_checks

__all__ = ["HISTORY_LIMIT", "WATCH_BUFFER", "Check", "all_checks"]


def all_checks() -> list[Check]:
    """Return every check of the contract."""
    return [*write_checks(), *batch_checks(), *list_checks(), *watch_checks(), *compaction_checks(), *ending_checks()]
