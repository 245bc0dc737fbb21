"""Asks kubelets what their nodes and pods use, when somebody wants to know."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from apimachinery.clock import Clock
from apiserver.handlers.backends import session
from apiserver.handlers.proxy_location import Location
from apiserver.usage.rates import LONGEST_WINDOW, Measured, measured
from apiserver.usage.samples import Sample, sample

if TYPE_CHECKING:
    import aiohttp

logger = logging.getLogger(__name__)

RESOLUTION = 5.0
"""Seconds for which an answer counts, and also that there was none."""

TIMEOUT = 5.0
"""Seconds that a kubelet has to answer."""

AT_ONCE = 64
"""How many kubelets are asked at the same time."""

_NEVER = float("-inf")
_PATH = "/stats/summary?only_cpu_and_memory=true"


@dataclass(slots=True)
class _Known:
    """What a node has told last, and before that. ``asked`` is when it was last asked."""

    asked: float = _NEVER
    newest: Sample | None = None
    before: Sample | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class UsageCollector:
    """Keeps the last two samples of each node that has been asked about, for as long as they are of use."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def read(self, nodes: Mapping[str, Location]) -> dict[str, Measured]:
        """Return what these nodes use, by name; those whose kubelet does not answer are left out."""
        self._forget()
        async with session() as opened, asyncio.TaskGroup() as group:
            for name, location in nodes.items():
                known = self._known.setdefault(name, _Known())
                if not self._fresh(known):
                    group.create_task(self._ask(opened, name, location, known), name=f"usage of {name}")
        return {
            name: measured(known.newest, known.before)
            for name in nodes
            if (known := self._known[name]).newest is not None
        }

    def _fresh(self, known: _Known) -> bool:
        return self._clock.monotonic() - known.asked < RESOLUTION

    def _forget(self) -> None:
        """Forget nodes that nobody has asked about for so long that what is known of them is of no use."""
        limit = self._clock.monotonic() - LONGEST_WINDOW
        for name in [name for name, known in self._known.items() if _NEVER < known.asked < limit]:
            if not self._known[name].turn.locked():
                del self._known[name]

    async def _ask(self, opened: "aiohttp.ClientSession", name: str, location: Location, known: _Known) -> None:
        async with known.turn, self._slots:
            if self._fresh(known):
                # Somebody else asked meanwhile.
                return
            taken = await self._fetch(opened, name, location)
            known.asked = self._clock.monotonic()
            known.before, known.newest = (known.newest if taken is not None else None), taken

    async def _fetch(self, opened: "aiohttp.ClientSession", name: str, location: Location) -> Sample | None:
        import aiohttp
        from yarl import URL

        try:
            async with (
                self._clock.timeout(TIMEOUT),
                opened.get(URL(f"{location.origin}{_PATH}", encoded=True)) as response,
            ):
                if response.status != 200:
                    logger.info("kubelet of node %s answers %s when asked for its usage", name, response.status)
                    return None
                body = await response.read()
            return sample(orjson.loads(body), self._clock.monotonic())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            logger.info("kubelet of node %s does not tell its usage: %s", name, error or type(error).__name__)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            logger.info("kubelet of node %s tells its usage in a way that cannot be read: %r", name, error)
        return None
