"""``metrics.k8s.io``: what nodes and pods use, found out from their kubelets when somebody asks.

Upstream leaves this group to metrics-server, an extension (``pkg/api``, v0.8), without which ``kubectl top`` does not
work. Objects have the names and labels of the nodes and pods they are about.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import orjson

from apimachinery.clock import rfc3339
from apimachinery.errors import BadRequest, NotFound
from apiserver.handlers.context import Context
from apiserver.handlers.presenting import Presenter
from apiserver.handlers.proxy_location import Location, ProxyName, node_location
from apiserver.handlers.selecting import Filter
from apiserver.http import Call, method_not_allowed
from apiserver.registry.resource import ResourceInfo
from apiserver.request import Target
from apiserver.usage.objects import node_metrics, pod_metrics
from apiserver.usage.rates import Measured
from store.interface import ListOptions, Record

JSONObject = dict[str, Any]


async def metrics_of_nodes(context: Context, target: Target, call: Call) -> None:
    """Answer GET of one node's usage, or of all whose kubelets tell."""
    nodes = _core(context, "nodes")
    found = await _selected(context, nodes, target, call)
    measured = await context.usage.read(_locations(found))
    await _answer(context, target, call, found, lambda node: node["metadata"]["name"], measured, node_metrics)


async def metrics_of_pods(context: Context, target: Target, call: Call) -> None:
    """Answer GET of one pod's usage, or of all that run."""
    pods, nodes = _core(context, "pods"), _core(context, "nodes")
    found = [
        pod
        for pod in await _selected(context, pods, target, call)
        if pod.get("status", {}).get("phase") == "Running" and pod["spec"].get("nodeName")
    ]
    hosts = []
    for name in {pod["spec"]["nodeName"] for pod in found}:
        with suppress(NotFound):
            hosts.append(orjson.loads((await context.objects.get(nodes, "", name)).value))
    measured = await context.usage.read(_locations(hosts))
    await _answer(context, target, call, found, lambda pod: pod["spec"]["nodeName"], measured, pod_metrics)


def _core(context: Context, plural: str) -> ResourceInfo:
    info = context.registry.find("", "v1", plural)
    assert info is not None
    return info


async def _selected(context: Context, info: ResourceInfo, target: Target, call: Call) -> Sequence[JSONObject]:
    """Return the nodes or pods that a request is about; raise 404 for one that is named and not there."""
    if call.query.flag("watch") or target.watched:
        raise method_not_allowed()
    if target.name:
        return [orjson.loads((await context.objects.get(info, target.namespace, target.name)).value)]
    wanted = Filter(info, call.query.label_selector(), call.query.field_selector(target.info))
    listed = await context.objects.list(info, target.namespace, ListOptions())
    return [orjson.loads(record.value) for record in wanted.choose(listed.records)]


def _locations(nodes: Sequence[JSONObject]) -> Mapping[str, Location]:
    """Return where the kubelets of nodes are; one that tells no address yet cannot be asked."""
    found = {}
    for node in nodes:
        name = node["metadata"]["name"]
        with suppress(BadRequest):
            found[name] = node_location(node, ProxyName("", name, ""))
    return found


async def _answer(
    context: Context,
    target: Target,
    call: Call,
    found: Sequence[JSONObject],
    node_of: Callable[[JSONObject], str],
    measured: Mapping[str, Measured],
    shown: Callable[[JSONObject, Measured, str], JSONObject | None],
) -> None:
    presenter = Presenter(target.info, call.negotiate(), call.query.text("includeObject"), context.clock)
    now = rfc3339(context.clock.now())
    usages = [shown(obj, measured[node], now) for obj in found if (node := node_of(obj)) in measured]
    records = [_record(usage) for usage in usages if usage is not None]
    if not target.name:
        await presenter.send_list(call, records, context.objects.store.current_revision, "", 0)
        return
    if not records:
        name = f"{target.namespace}/{target.name}" if target.namespace else target.name
        group, plural = target.info.group, target.info.plural
        raise NotFound(f'{target.info.qualified} "{name}" not found', name=name, group=group, kind=plural)
    await call.answer(200, presenter.object(records[0]))


def _record(usage: JSONObject) -> Record:
    return Record(usage["metadata"]["name"], orjson.dumps(usage), 0, 0, {}, {})
