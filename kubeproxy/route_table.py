"""The routes of all Services together: who has an address that two of them ask for."""

from collections.abc import Mapping

from kubeproxy.routes import Frontend, Route


class RouteTable:
    """Routes by frontend. Of several Services that claim one (external addresses) the first by name has it."""

    def __init__(self) -> None:
        self._claims: dict[Frontend, dict[str, Route]] = {}
        self._of_service: dict[str, Mapping[Frontend, Route]] = {}

    def put(self, service: str, routes: Mapping[Frontend, Route]) -> set[Frontend]:
        """Take ``routes`` for all that a Service has; return the frontends of which something may be different now."""
        old = self._of_service.pop(service, {})
        if routes:
            self._of_service[service] = routes
        changed = {frontend for frontend in old.keys() | routes.keys() if old.get(frontend) != routes.get(frontend)}
        for frontend in changed:
            claims = self._claims.setdefault(frontend, {})
            if frontend in routes:
                claims[service] = routes[frontend]
            else:
                claims.pop(service, None)
            if not claims:
                del self._claims[frontend]
        return changed

    def get(self, frontend: Frontend) -> Route | None:
        """Return where a frontend leads; None: it is not to be listened on."""
        claims = self._claims.get(frontend)
        return claims[min(claims)] if claims else None

    def services(self) -> list[str]:
        """Return the Services that have routes."""
        return list(self._of_service)
