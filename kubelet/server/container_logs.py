"""``GET /containerLogs/{namespace}/{pod}/{container}`` (``getContainerLogs`` in ``pkg/kubelet/server``, v1.36)."""

import json

from aiohttp import web

from apimachinery.clock import Clock
from apimachinery.types.pod import ContainerStatus, PodStatus
from kubelet.pods import container_names
from kubelet.runtime import ContainerRuntime, NotFound
from kubelet.server.log_options import InvalidOptions, LogOptions, LogWriter, UndecodableQuery, parse
from kubelet.server.served import ServedNode

_WHY_WAITING = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
}


class NoLog(Exception):
    """There is no log to show; the text says why."""


async def container_logs(node: ServedNode, request: web.Request) -> web.StreamResponse:
    """Send a container's log, and with ``follow`` what it goes on to write, until it has ended."""
    namespace, name, container = (request.match_info[key] for key in ("namespace", "pod", "container"))
    try:
        options = parse(request.query, node.clock.now())
    except UndecodableQuery:
        return web.Response(status=400, text='{"message": "Unable to decode query."}')
    except InvalidOptions:
        return web.Response(status=422, text='{"message": "Invalid request."}')
    found = node.pods.find(namespace, name)
    if found is None:
        return web.Response(status=404, text=f"pod {json.dumps(name)} does not exist")
    if container not in container_names(found.pod):
        return web.Response(status=404, text=f"container {json.dumps(container)} not found in pod {json.dumps(name)}")
    try:
        container_id = logged_container(name, found.pod.status, container, previous=options.previous)
        node.runtime.log_start(container_id.rpartition("//")[2])
    except NoLog as reason:
        return web.Response(status=400, text=str(reason))
    except NotFound:
        return web.Response(status=400, text=f"unable to retrieve container logs for {container_id}")
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    await response.prepare(request)
    await _stream(node.runtime, node.clock, container_id.rpartition("//")[2], options, response)
    await response.write_eof()
    return response


async def _stream(
    runtime: ContainerRuntime, clock: Clock, container_id: str, options: LogOptions, response: web.StreamResponse
) -> None:
    writer = LogWriter(options)
    try:
        position = runtime.log_start(container_id, options.tail_lines)
        while not writer.full:
            page = runtime.read_log(container_id, position)
            if text := writer.write(page.entries):
                await response.write(text)
            position = page.position
            if page.entries:
                # A long log is no reason for others to wait.
                await clock.sleep(0)
            elif page.ended or not options.follow:
                return
            else:
                await runtime.wait_log(container_id, position)
    except NotFound:
        # It has been forgotten while its last lines were being sent.
        return


def logged_container(pod: str, status: PodStatus, container: str, *, previous: bool) -> str:
    """Return the id of the run whose log is meant; raise :class:`NoLog` as ``validateContainerLogStatus`` does."""
    reported = (
        *status.container_statuses,
        *status.init_container_statuses,
        *status.ephemeral_container_statuses,
    )
    found = next((entry for entry in reported if entry.name == container), None)
    about = f"container {json.dumps(container)} in pod {json.dumps(pod)}"
    if found is None:
        raise NoLog(f"{about} is not available")
    last = _last_id(found)
    if previous:
        if not last:
            raise NoLog(f"previous terminated {about} not found")
        return last
    state = found.state
    if state.running is not None:
        return found.container_id
    if state.terminated is not None or found.last_state.terminated is not None:
        ended = state.terminated.container_id if state.terminated is not None else ""
        if not ended and not last:
            raise NoLog(f"{about} is terminated")
        return ended or last
    if state.waiting is None:
        raise NoLog(f"{about} is waiting to start - no logs yet")
    reason = state.waiting.reason
    raise NoLog(f"{about} is waiting to start: {_WHY_WAITING.get(reason, reason)}")


def _last_id(status: ContainerStatus) -> str:
    terminated = status.last_state.terminated
    return terminated.container_id if terminated is not None else ""
