"""The memory store against the contract, and what is its own: unasked compaction, the buffer's limits."""

import pytest

from store.memory import MemoryStore
from store.testing import HISTORY_LIMIT, WATCH_BUFFER, Check, all_checks


@pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.__name__)
async def test_contract(check: Check) -> None:
    store = MemoryStore(history_limit=HISTORY_LIMIT, watch_buffer=WATCH_BUFFER)
    await check(store)
    await store.close()
