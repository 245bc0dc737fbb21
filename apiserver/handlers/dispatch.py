"""From a call to the handler of its verb."""

import logging
from collections.abc import Mapping

from apimachinery.errors import BadRequest, InternalError, ServiceUnavailable, StatusError
from apiserver.handlers import apply, create, delete, eviction, reads, reviews, subresources, update, watch
from apiserver.handlers.component_statuses import component_statuses
from apiserver.handlers.context import Context
from apiserver.handlers.late import Handler, Late
from apiserver.handlers.option_checks import check_write_options
from apiserver.http import Call, ClientDisconnected, asks_for_websocket, method_not_allowed
from apiserver.request import Target, resolve
from apiserver.storage import not_found
from store.errors import StoreClosed

logger = logging.getLogger(__name__)

_SUBRESOURCES: Mapping[str, Handler] = {
    "binding": subresources.bind,
    "eviction": eviction.evict,
    "finalize": subresources.finalize,
    "scale": subresources.scale,
    "token": Late("token_request.request_token"),
}
_CONNECTED: Mapping[str, Handler] = {
    "attach": Late("pod_streams.pod_stream"),
    "exec": Late("pod_streams.pod_stream"),
    "log": Late("pod_log.pod_log"),
    "portforward": Late("pod_streams.pod_stream"),
    "proxy": Late("proxy.proxy"),
}
"""Subresources whose answer is somebody else's: neither their body nor what is accepted is looked at here."""
_CREATED_ONLY = {**reviews.reviews(), ("", "bindings"): subresources.bind_by_name}
"""Resources that are posted and not stored, by group and plural."""
_FOUND_OUT: Mapping[tuple[str, str], Handler] = {
    ("", "componentstatuses"): component_statuses,
    ("metrics.k8s.io", "nodes"): Late("resource_metrics.metrics_of_nodes"),
    ("metrics.k8s.io", "pods"): Late("resource_metrics.metrics_of_pods"),
}
"""Resources that are found out when somebody asks, and not stored, by group and plural."""
_VERB_OF = {"POST": "create", "PUT": "update", "PATCH": "patch", "GET": "get", "HEAD": "get", "DELETE": "delete"}


async def handle(context: Context, call: Call) -> None:
    """Answer a request for any resource; whatever goes wrong becomes a ``Status``."""
    try:
        await _handle(context, call)
    except StatusError as error:
        await call.answer_error(error)
    except ClientDisconnected:
        return
    except StoreClosed:
        await call.answer_error(ServiceUnavailable("the server is shutting down", retry_after_seconds=1))
    except RecursionError:
        # Nothing here goes deeper than what a client has sent; what is written is encoded, and so refused, before.
        await call.answer_error(BadRequest("exceeded max depth"))
    except Exception:
        logger.exception("%s %s failed", call.method, call.path)
        await call.answer_error(InternalError(f"Internal error occurred: {call.method} {call.path} failed"))


async def _handle(context: Context, call: Call) -> None:
    target = call.target or resolve(context.registry, call.path)
    if target.watched and call.method not in {"GET", "HEAD"}:
        raise method_not_allowed()
    if target.info.warning:
        call.warnings.append(target.info.warning)
    connected = _CONNECTED.get(target.subresource)
    if connected is not None and target.info.subresource(target.subresource):
        await connected(context, target, call)
        return
    if call.method in {"GET", "HEAD"}:
        call.negotiate()
    elif call.method in _VERB_OF:
        await call.read_body()
        check_write_options(call)
    else:
        raise method_not_allowed()
    found_out = _FOUND_OUT.get((target.info.group, target.info.plural))
    if found_out is not None and call.method in {"GET", "HEAD"} and not target.subresource:
        await found_out(context, target, call)
    elif target.subresource:
        await _handle_subresource(context, target, call)
    elif target.name:
        await _handle_object(context, target, call)
    else:
        await _handle_collection(context, target, call)


async def _handle_subresource(context: Context, target: Target, call: Call) -> None:
    served = target.info.subresource(target.subresource)
    if served is None:
        raise not_found(target.info, target.name)
    if _VERB_OF[call.method] not in served.verbs:
        raise method_not_allowed()
    handler = _SUBRESOURCES.get(target.subresource)
    if handler is not None:
        await handler(context, target, call)
    else:
        await _handle_object(context, target, call)


async def _handle_object(context: Context, target: Target, call: Call) -> None:
    verbs = target.info.verbs
    match call.method:
        case "GET" | "HEAD" if (target.watched or call.query.flag("watch")) and "watch" in verbs:
            await _watch(context, target, call)
        case "GET" | "HEAD" if "get" in verbs:
            await reads.get(context, target, call)
        case "PUT" if "update" in verbs:
            await update.replace(context, target, call)
        case "PATCH" if "patch" in verbs:
            await (apply.apply if apply.is_apply(call) else update.patch)(context, target, call)
        case "DELETE" if "delete" in verbs:
            await delete.delete(context, target, call)
        case _:
            raise method_not_allowed()


async def _watch(context: Context, target: Target, call: Call) -> None:
    if not asks_for_websocket(call):
        await watch.watch(context, target, call)
        return
    from apiserver.websocket import watch_call

    async with watch_call(call, context.clock) as wrapped:
        await watch.watch(context, target, wrapped)


async def _handle_collection(context: Context, target: Target, call: Call) -> None:
    info, verbs = target.info, target.info.verbs
    if info.namespaced and not target.namespace and call.method not in {"GET", "HEAD"}:
        # Across namespaces there is only reading.
        raise method_not_allowed()
    match call.method:
        case "GET" | "HEAD" if (target.watched or call.query.flag("watch")) and "watch" in verbs:
            await _watch(context, target, call)
        case "GET" | "HEAD" if "list" in verbs:
            await reads.list_objects(context, target, call)
        case "POST" if (create_only := _CREATED_ONLY.get((info.group, info.plural))) is not None:
            await create_only(context, target, call)
        case "POST" if "create" in verbs:
            await create.create(context, target, call)
        case "DELETE" if "deletecollection" in verbs:
            await delete.delete_collection(context, target, call)
        case _:
            raise method_not_allowed()
