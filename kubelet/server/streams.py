"""Exec, attach and port-forward of the kubelet (``pkg/kubelet/server/server.go``, v1.36)."""

import json
from collections.abc import Coroutine
from typing import Protocol

from aiohttp import web

from kubelet.pods import all_containers
from kubelet.runtime import ClientStreams, ContainerState, RuntimeFault, SandboxState
from kubelet.server.served import SeenPod, ServedNode
from kubelet.streaming import outcome
from kubelet.streaming.carriers import TUNNEL, WebSocketCarrier
from kubelet.streaming.handshake import Refused, Switched, is_websocket, offered, open_spdy, open_websocket
from kubelet.streaming.port_channels import SUBPROTOCOLS, PortChannels
from kubelet.streaming.portforward import PROTOCOL, Connection, serve_spdy
from kubelet.streaming.remotecommand import Wanted, serve
from kubelet.streaming.spdy_session import SpdySession

_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})


class NoTarget(Exception):
    """There is nothing to connect to; ``response`` says why."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.response = web.Response(status=code, text=text)


async def exec_in_container(node: ServedNode, request: web.Request) -> web.StreamResponse:
    """``/exec/{namespace}/{pod}/{container}``: run a command with a client's streams."""
    command = request.query.getall("command", [])

    async def work(container_id: str, streams: ClientStreams, *, tty: bool) -> outcome.JSONObject:
        try:
            code = await node.runtime.exec(container_id, command, streams, tty=tty)
        except RuntimeFault as fault:
            return outcome.failed(f"error executing command in container: {fault}")
        return outcome.of_exit_code(code)

    if not command:
        return web.Response(status=400, text="you must specify a command")
    return await _serve(node, request, work)


async def attach_to_container(node: ServedNode, request: web.Request) -> web.StreamResponse:
    """``/attach/{namespace}/{pod}/{container}``: join the streams of the container's own program."""

    async def work(container_id: str, streams: ClientStreams, *, tty: bool) -> outcome.JSONObject:
        try:
            await node.runtime.attach(container_id, streams)
        except RuntimeFault as fault:
            return outcome.failed(f"error attaching to container: {fault}")
        return outcome.succeeded()

    return await _serve(node, request, work)


async def _serve(node: ServedNode, request: web.Request, work: "_Work") -> web.StreamResponse:
    wanted = _wanted(request)
    try:
        container_id = _running(_pod(node, request), request.match_info["container"])
    except NoTarget as missing:
        return missing.response
    return await serve(request, wanted, lambda streams: work(container_id, streams, tty=wanted.tty), node.clock)


class _Work(Protocol):
    def __call__(
        self, container_id: str, streams: ClientStreams, *, tty: bool
    ) -> Coroutine[object, object, outcome.JSONObject]: ...


def _wanted(request: web.Request) -> Wanted:
    stdin, stdout, stderr, tty = (request.query.get(key, "") in _TRUE for key in ("input", "output", "error", "tty"))
    return Wanted(stdin, stdout, stderr and not tty, tty)


def _pod(node: ServedNode, request: web.Request) -> SeenPod:
    found = node.pods.find(request.match_info["namespace"], request.match_info["pod"])
    if found is None:
        raise NoTarget(404, "pod does not exist")
    return found


def _running(found: SeenPod, container: str) -> str:
    """Return the id of a container that runs."""
    known = {entry.name for entry in (*all_containers(found.pod), *found.pod.spec.ephemeral_containers)}
    run = found.state.here(container) if container in known else None
    if run is None or run.state is not ContainerState.RUNNING:
        raise NoTarget(500, f"container not found ({json.dumps(container)})")
    return run.id


async def port_forward(node: ServedNode, request: web.Request) -> web.StreamResponse:
    """``/portForward/{namespace}/{pod}``: carry a client's connections to ports of the pod."""
    try:
        sandbox = _pod(node, request).state.sandbox
        if sandbox is None or sandbox.state is not SandboxState.READY:
            raise NoTarget(500, "sandbox not found")
    except NoTarget as missing:
        return missing.response

    async def connect(port: int) -> Connection:
        return await node.runtime.port_forward(sandbox.id, port)

    try:
        if not is_websocket(request):
            carrier, _ = open_spdy(request, (PROTOCOL,))
            try:
                await serve_spdy(SpdySession(carrier), connect)
            finally:
                await carrier.close()
            return Switched()
        if TUNNEL in offered(request):
            socket = await open_websocket(request, (TUNNEL,), unnamed=False)
            await serve_spdy(SpdySession(WebSocketCarrier(socket)), connect)
            return socket
        ports = _ports(request)
        socket = await open_websocket(request, tuple(SUBPROTOCOLS), unnamed=True)
        text = SUBPROTOCOLS.get(socket.ws_protocol or "", False)
        await PortChannels(socket, ports, text=text).serve(connect)
        return socket
    except Refused as refused:
        return refused.response


def _ports(request: web.Request) -> list[int]:
    ports = []
    for text in (part for given in request.query.getall("port", []) for part in given.split(",")):
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
        if not 0 < number < 65536:
            raise Refused(web.Response(status=400, text=f"port {json.dumps(text)} must be > 0"))
        ports.append(number)
    if not ports:
        raise Refused(web.Response(status=400, text='query parameter "port" is required'))
    return ports
