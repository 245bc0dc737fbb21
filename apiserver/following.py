"""Keeping up with what is stored below a prefix."""

from collections.abc import Awaitable, Callable

from store.errors import Compacted, WatcherTooSlow
from store.interface import Event, Store


async def follow(
    store: Store, prefix: str, look: Callable[[], Awaitable[int]], changed: Callable[[Event], Awaitable[None]]
) -> None:
    """Call ``look`` for what is there, and ``changed`` for each change after that, for as long as the store is open.

    ``look`` returns the revision that it has seen. It is called again when changes have been missed.
    """
    while True:
        revision = await look()
        try:
            async with store.watch(prefix, revision) as watch:
                async for batch in watch:
                    for event in batch:
                        await changed(event)
            return
        except (Compacted, WatcherTooSlow):
            continue
