"""``/metrics`` as a route."""

from functools import cached_property
from typing import TYPE_CHECKING

from fastapi import APIRouter, Response

from apiserver.handlers.context import Context
from apiserver.inflight import InflightLimits
from store.interface import ListOptions

if TYPE_CHECKING:
    from apiserver.exposition import Exposition


class MetricsPage:
    """The page of all that a server counts. What it is made with is loaded when somebody asks for it first."""

    def __init__(self, context: Context, limits: InflightLimits) -> None:
        self._context = context
        self._limits = limits

    @cached_property
    def _exposition(self) -> "Exposition":
        from apiserver.exposition import Exposition

        return Exposition(self._context.metrics, self._limits)

    async def _objects(self) -> dict[tuple[str, str], int]:
        """Count the stored objects of each resource."""
        counts: dict[tuple[str, str], int] = {}
        for info in self._context.registry:
            if "watch" in info.verbs and info.hub is None:
                listed = await self._context.objects.list(info, "", ListOptions(limit=1))
                counts[info.group, info.plural] = len(listed.records) + listed.remaining
        return counts

    async def render(self) -> Response:
        from apiserver.exposition import CONTENT_TYPE, Snapshot

        statistics = self._context.objects.store.statistics()
        snapshot = Snapshot(await self._objects(), statistics.watchers, statistics.history, statistics.revision)
        return Response(self._exposition.page(snapshot), headers={"content-type": CONTENT_TYPE})


def metrics_routes(context: Context, limits: InflightLimits) -> APIRouter:
    """Return the route of ``/metrics``."""
    router, page = APIRouter(), MetricsPage(context, limits)

    @router.api_route("/metrics", methods=["GET", "HEAD"])
    async def metrics() -> Response:
        return await page.render()

    return router
