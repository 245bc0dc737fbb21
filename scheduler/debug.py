"""The page on which decisions can be read: ``GET /debug/decisions/{namespace}/{pod}``."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from aiohttp import web

from apimachinery.errors import NotFound
from componentbase.health import Handler
from scheduler.decision import Decision
from scheduler.decision_log import DecisionLog
from scheduler.framework.hints import ClusterEventWithHint

DECISIONS_PATH = "/debug/decisions/{namespace}/{pod}"


Interests = Mapping[str, Sequence[ClusterEventWithHint]]
"""The events that each plugin of a profile registered for."""


def decisions_page(log: DecisionLog, interests: Mapping[str, Interests]) -> Handler:
    """Return the handler of :data:`DECISIONS_PATH`; ``interests`` are those of each profile by name.

    The answer is ``{"decisions": [...], "wakesOn": [...]}``, oldest decision first; ``wakesOn`` names the events
    after which a pod that found no node is tried again, such as ``Node/ADD``. 404 when nothing is kept.
    """

    async def show(request: web.Request) -> web.Response:
        namespace, name = request.match_info["namespace"], request.match_info["pod"]
        decisions = log.of_pod(namespace, name)
        if not decisions:
            status = NotFound(f'no decisions about pod "{namespace}/{name}" are kept', name=name, kind="pods")
            return _json(status.to_status(), status.code)
        return _json({
            "decisions": [decision.to_dict() for decision in decisions],
            "wakesOn": wakes_on(decisions[-1], interests[decisions[-1].scheduler_name]),
        })

    return show


def wakes_on(decision: Decision, interests: Interests) -> list[str]:
    """Return the names of the events that would have the pod tried again, sorted."""
    names = {
        f"{event.resource.value}/{action.name}"
        for plugin in decision.rejected_by
        for event in interests.get(plugin, ())
        for action in event.actions
    }
    return sorted(names)


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")
