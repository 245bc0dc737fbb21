"""The page on which decisions can be read: ``GET /debug/decisions/{namespace}/{pod}``."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from apimachinery.errors import NotFound
from scheduler.decision import Decision
from scheduler.decision_log import DecisionLog
from scheduler.framework.hints import ClusterEventWithHint
from scheduler.queue import SchedulingQueue

if TYPE_CHECKING:
    from aiohttp import web

    from componentbase.health import Handler

DECISIONS_PATH = "/debug/decisions/{namespace}/{pod}"


Interests = Mapping[str, Sequence[ClusterEventWithHint]]
"""The events that each plugin of a profile registered for."""


def decisions_page(log: DecisionLog, queue: SchedulingQueue, interests: Mapping[str, Interests]) -> "Handler":
    """Return the handler of :data:`DECISIONS_PATH`; ``interests`` are those of each profile by name.

    ``?newest=N`` leaves out all but the last so many decisions: one about thousands of nodes is megabytes.

    The answer is ``{"decisions": [...], "kept": N, "queue": {...} | null, "wakesOn": [...], "interests": {...}}``,
    oldest decision first. ``queue`` says where a waiting pod is and why it is not tried now; ``wakesOn`` names the
    events after which it is tried again, such as ``Node/ADD``, ``interests`` the same by rejecting plugin. 404 when
    the pod is not waiting, and nothing is kept.
    """

    async def show(request: "web.Request") -> "web.Response":
        namespace, name = request.match_info["namespace"], request.match_info["pod"]
        decisions, waiting = log.of_pod(namespace, name), queue.find(namespace, name)
        if not decisions and waiting is None:
            status = NotFound(f'no decisions about pod "{namespace}/{name}" are kept', name=name, kind="pods")
            return _json(status.to_status(), status.code)
        given = request.query.get("newest", "")
        newest = max(1, int(given)) if given.isdecimal() else len(decisions)
        by_plugin = woken_by(decisions[-1], interests[decisions[-1].scheduler_name]) if decisions else {}
        return _json({
            "decisions": [decision.to_dict() for decision in decisions[-newest:]],
            "kept": len(decisions),
            "queue": None if waiting is None else waiting.to_dict(),
            "wakesOn": sorted({event for events in by_plugin.values() for event in events}),
            "interests": by_plugin,
        })

    return show


def woken_by(decision: Decision, interests: Interests) -> dict[str, list[str]]:
    """Return by rejecting plugin the names of the events after which the pod may be tried again, sorted."""
    return {
        plugin: sorted({
            f"{event.resource.value}/{action.name}" for event in interests.get(plugin, ()) for action in event.actions
        })
        for plugin in sorted(decision.wakers)
    }


def _json(value: Any, status: int = 200) -> "web.Response":
    from aiohttp import web

    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")
