"""Whose turn it is: backends one after the other, and clients that stay with theirs."""

from collections.abc import Collection
from dataclasses import dataclass

from kubeproxy.routes import Backend, Route


@dataclass(frozen=True, slots=True)
class _Affinity:
    backend: Backend
    used: float


class Balancer:
    """The turns of one Service's port. Times are seconds on any clock that never goes backwards."""

    def __init__(self) -> None:
        self._turn = 0
        self._affinities: dict[str, _Affinity] = {}
        """By client, the one least recently used first."""

    def pick(
        self, route: Route, client: str, node: str, now: float, *, failed: Collection[Backend] = ()
    ) -> Backend | None:
        """Return the backend for a new connection; None when there is none but those that ``failed`` it.

        ``client`` is the address it comes from, ``node`` where that is (empty: on none).
        """
        choices = [backend for backend in route.open_to(node) if backend not in failed]
        if not choices:
            return None
        self._forget(now - route.affinity_seconds)
        kept = self._affinities.pop(client, None)
        if kept is not None and kept.backend in choices:
            chosen = kept.backend
        else:
            chosen = choices[self._turn % len(choices)]
            self._turn += 1
        if route.affinity_seconds:
            self._affinities[client] = _Affinity(chosen, now)
        return chosen

    def _forget(self, before: float) -> None:
        """Let clients go that have not come since."""
        while self._affinities:
            client, oldest = next(iter(self._affinities.items()))
            if oldest.used > before:
                return
            del self._affinities[client]
