"""Why a pod is where it is, or still waits: what the scheduler's decisions page says, in words and tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, ConsoleRenderable, Group
from rich.table import Table
from rich.text import Text

JSONObject = Mapping[str, Any]

_CHOSEN, _FITS, _EXCLUDED = "chosen", "fits", "excluded"


def explain(page: JSONObject, limit: int) -> ConsoleRenderable:
    """Return the newest decision of a page: the outcome, every node's verdict (``limit`` of them, 0 for all), the rest.

    ``page`` is what :func:`scheduler.service.decisions_path` answers.
    """
    decisions = page["decisions"]
    waiting = page.get("queue")
    if not decisions:
        return Text(_not_tried(waiting))
    decision = decisions[-1]
    parts: list[ConsoleRenderable] = [Text(line) for line in headline(decision, page["kept"])]
    parts.append(_table(decision, limit))
    parts += [Text(line) for line in _remarks(decision)]
    if not decision["node"] or _failed(decision):
        parts += [Text(line) for line in what_wakes(page)]
    return Group(*parts)


def headline(decision: JSONObject, known: int) -> list[str]:
    """Return what was decided, in a sentence or two; ``known`` decisions about the pod are kept."""
    pod = f"{decision['namespace']}/{decision['pod']}"
    attempt = f"attempt {decision['attempt']}, {decision['time']}"
    if known > 1:
        attempt += f", the newest of {known} that are kept"
    if not decision["node"]:
        return [f"Pod {pod} has no node ({attempt}).", decision["message"]]
    if _failed(decision):
        return [f"Pod {pod} was to go to node {decision['node']} ({attempt}).", decision["binding"]["message"]]
    feasible = [node for node in decision["nodes"] if "rejectedBy" not in node]
    lines = [f"Pod {pod} goes to node {decision['node']} ({attempt}).", _choice(decision, feasible)]
    if decision["binding"]["state"] == "waiting":
        lines.append("It is held until plugins permit its binding.")
    return lines


def _failed(decision: JSONObject) -> bool:
    return bool(decision["node"]) and decision["binding"]["state"] == "failed"


def _choice(decision: JSONObject, feasible: Sequence[JSONObject]) -> str:
    chosen = next((node for node in feasible if node["name"] == decision["node"]), {})
    among = f"{len(feasible)} of {len(decision['nodes'])} nodes fit"
    if len(feasible) == 1:
        return f"It is the only one that fits, of {len(decision['nodes'])}."
    if "total" not in chosen and decision["ties"] > 1:
        return f"{among}, and no plugin scored them: one was drawn at random."
    if "total" not in chosen:
        return f"{among}; it had been promised this one."
    if decision["ties"] > 1:
        return f"{among}; {decision['ties']} of them have the best score, {chosen['total']}: one was drawn at random."
    return f"{among}; it has the best score, {chosen['total']}."


def _table(decision: JSONObject, limit: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    plugins = list(dict.fromkeys(name for node in decision["nodes"] for name in node.get("scores", ())))
    table.add_column("NODE", no_wrap=True)
    table.add_column("VERDICT", no_wrap=True)
    table.add_column("SCORE", justify="right")
    for plugin in plugins:
        table.add_column(plugin, justify="right")
    table.add_column("WHY", overflow="fold")
    rows = sorted(decision["nodes"], key=lambda node: _rank(node, decision["node"]))
    shown = rows[:limit] if limit else rows
    for node in shown:
        table.add_row(*_row(node, plugins, decision["node"]))
    if len(shown) < len(rows):
        table.caption = f"{len(rows) - len(shown)} more nodes: --limit 0 shows them all"
        table.caption_justify = "left"
    return table


def _rank(node: JSONObject, chosen: str | None) -> tuple[int, int, str]:
    if node["name"] == chosen:
        return (0, 0, "")
    if "rejectedBy" in node:
        return (2, 0, ", ".join(node["reasons"]))
    return (1, -node.get("total", 0), node["name"])


def _row(node: JSONObject, plugins: Sequence[str], chosen: str | None) -> list[str]:
    scores = node.get("scores", {})
    verdict = _CHOSEN if node["name"] == chosen else _EXCLUDED if "rejectedBy" in node else _FITS
    total = str(node["total"]) if "total" in node else ""
    return [node["name"], verdict, total, *(_score(scores.get(plugin)) for plugin in plugins), _why(node)]


def _score(score: JSONObject | None) -> str:
    """Return the weighted score, and the raw one where that is another."""
    if score is None:
        return ""
    weighted, raw = score["weighted"], score["raw"]
    return str(weighted) if weighted == raw else f"{weighted} (raw {raw})"


def _why(node: JSONObject) -> str:
    if "rejectedBy" not in node:
        return ""
    cure = "" if node["code"] == "Unschedulable" else " (preemption cannot help)"
    return f"{', '.join(node['rejectedBy'])}: {', '.join(node['reasons'])}{cure}"


def _remarks(decision: JSONObject) -> list[str]:
    durations = decision["durations"]
    parts = {
        "filters": durations["preFilterSeconds"] + durations["filterSeconds"],
        "scores": durations["preScoreSeconds"] + durations["scoreSeconds"],
        "post-filters": durations["postFilterSeconds"],
    }
    spent = ", ".join(f"{name} {seconds * 1000:.2f} ms" for name, seconds in parts.items() if seconds >= 5e-6)
    spent = f" ({spent})" if spent else ""
    remarks = []
    if decision.get("nominatedNode"):
        remarks.append(f"Room is being made for it on node {decision['nominatedNode']}.")
    remarks.append(f"Decided by {decision['schedulerName']} in {durations['totalSeconds'] * 1000:.2f} ms{spent}.")
    return remarks


def what_wakes(page: JSONObject) -> list[str]:
    """Return when a waiting pod is tried again."""
    decision, waiting = page["decisions"][-1], page.get("queue")
    if waiting is None:
        return ["It is not waiting any more: it was bound, deleted, or taken on by another scheduler."]
    latest = waiting.get("retryWithinSeconds")
    if waiting["queue"] == "backoff":
        return [f"Something has changed since: it is tried again in {latest:.1f} s."]
    if waiting["queue"] != "unschedulable":
        return [_not_tried(waiting)]
    if decision["error"] or not page["interests"]:
        return ["Something failed: it is tried again after a back-off."]
    lines = ["It is tried again when one of these happens and the plugin that wants to know finds that it helps:"]
    lines += [f"  {plugin}: {', '.join(events)}" for plugin, events in page["interests"].items() if events]
    if latest is not None:
        lines.append(f"Nothing of that: it is tried again in {latest:.0f} s.")
    return lines


def _not_tried(waiting: JSONObject | None) -> str:
    match waiting:
        case None:
            return "The scheduler knows nothing of it."
        case {"queue": "gated", "message": message}:
            return f"It is not tried: {message}."
        case {"queue": "active"}:
            return "It is about to be tried."
        case {"queue": "in flight"}:
            return "It is being tried, or on its way to its node."
        case _:
            return f"It waits in the queue {waiting['queue']!r}."


def show(page: JSONObject, console: Console, *, limit: int) -> None:
    """Print the newest decision of a page."""
    console.print(explain(page, limit), soft_wrap=True)
