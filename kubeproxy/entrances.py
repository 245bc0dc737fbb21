"""What is listened on: brought in line with the routes, one frontend at a time."""

import asyncio
import logging
from collections import Counter
from collections.abc import Collection
from typing import Protocol

from apimachinery.clock import Clock
from componentbase.relay import End
from kubeproxy.balancer import Balancer
from kubeproxy.listening import listen
from kubeproxy.node_map import NodeMap
from kubeproxy.routes import Backend, Frontend, Route
from kubeproxy.tcp import TCPEntrance
from kubeproxy.udp import UDPEntrance

logger = logging.getLogger(__name__)


class Entrance(Protocol):
    """A frontend that is listened on."""

    def close(self) -> None:
        """Listen no more, at once."""

    def forget_lost(self) -> None:
        """The backends are others now: see to what must not go on with those that are gone."""

    def expire(self, before: float) -> None:
        """Give up what has rested since then, in seconds on the clock."""


class Entrances:
    """The frontends that are listened on, and where each leads. :meth:`close` ends all, connections too."""

    def __init__(self, tasks: asyncio.TaskGroup, clock: Clock) -> None:
        self.nodes = NodeMap()
        """On which node a client is; the owner keeps it up to date."""
        self._tasks = tasks
        self._clock = clock
        self._routes: dict[Frontend, Route] = {}
        self._open: dict[Frontend, Entrance] = {}
        self._refused: set[Frontend] = set()
        self._balancers: dict[str, Balancer] = {}
        self._users: Counter[str] = Counter()
        self._live: set[End] = set()

    @property
    def listening(self) -> list[Frontend]:
        return sorted(self._open)

    @property
    def connections(self) -> int:
        """How many TCP connections go through."""
        return len(self._live) // 2

    def set(self, frontend: Frontend, route: Route | None) -> None:
        """Let a frontend lead somewhere, or nowhere: then nobody listens, and clients are refused."""
        old = self._routes.get(frontend)
        if route is None:
            self._routes.pop(frontend, None)
            self._refused.discard(frontend)
            if (entrance := self._open.pop(frontend, None)) is not None:
                entrance.close()
        else:
            self._routes[frontend] = route
            self._use(route.name, 1)
            if frontend in self._open:
                self._open[frontend].forget_lost()
            elif frontend not in self._refused:
                self._try(frontend)
        if old is not None:
            self._use(old.name, -1)

    def retry(self) -> None:
        """Try once more to listen where it was not possible."""
        for frontend in sorted(self._refused):
            self._try(frontend)

    def expire(self, before: float) -> None:
        """Forget flows of datagrams that have rested since then, in seconds on the clock."""
        for entrance in self._open.values():
            entrance.expire(before)

    def close(self) -> None:
        """Listen nowhere, and end every connection."""
        for frontend in list(self._routes):
            self.set(frontend, None)
        for end in list(self._live):
            end.close()

    def _try(self, frontend: Frontend) -> None:
        try:
            opened = listen(frontend)
        except OSError as error:
            if frontend not in self._refused:
                what = f"{frontend.ip}:{frontend.port} ({frontend.protocol})"
                logger.warning("cannot listen on %s, for %s: %s", what, self._routes[frontend].name, error.strerror)
            self._refused.add(frontend)
            return
        self._refused.discard(frontend)
        if (port := opened.getsockname()[1]) != frontend.port:
            logger.info("%s:%d is at port %d: a low port wants a privilege", frontend.ip, frontend.port, port)

        def choose(client: str, failed: Collection[Backend]) -> Backend | None:
            return self._choose(frontend, client, failed)

        if frontend.protocol == "TCP":
            self._open[frontend] = TCPEntrance(opened, choose, self._live, self._tasks, self._clock)
        else:
            self._open[frontend] = UDPEntrance(opened, choose, lambda to: self._leads_to(frontend, to), self._clock)

    def _choose(self, frontend: Frontend, client: str, failed: Collection[Backend]) -> Backend | None:
        route = self._routes.get(frontend)
        if route is None or not route.admits(client):
            return None
        node = self.nodes.node_of(client)
        return self._balancers[route.name].pick(route, client, node, self._clock.monotonic(), failed=failed)

    def _leads_to(self, frontend: Frontend, backend: Backend) -> bool:
        route = self._routes.get(frontend)
        return route is not None and route.leads_to(backend)

    def _use(self, name: str, change: int) -> None:
        """Count the frontends that take turns under one name; the turns are forgotten with the last."""
        self._users[name] += change
        if self._users[name]:
            self._balancers.setdefault(name, Balancer())
        else:
            del self._users[name], self._balancers[name]
