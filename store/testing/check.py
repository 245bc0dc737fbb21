"""What a check is."""

from collections.abc import Awaitable, Callable

from store.interface import Store

Check = Callable[[Store], Awaitable[None]]
"""A coroutine function that fails with ``AssertionError`` when the store breaks the contract."""
