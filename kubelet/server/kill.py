"""``POST /debug/kill/{namespace}/{pod}/{container}``: break something, and see what becomes of it."""

import signal

from aiohttp import web

from apimachinery import go_text
from apimachinery.errors import BadRequest, Conflict, NotFound
from kubelet.pods import container_names
from kubelet.runtime import ContainerState, SandboxState
from kubelet.server.served import SeenPod, ServedNode

PAUSE = "pause"
"""The name that stands for the pod's pause container; a container of the pod that has this name goes before."""


async def kill(node: ServedNode, request: web.Request) -> web.StreamResponse:
    """Send a container a signal.

    ``signal`` is a name or a number and defaults to ``KILL``; ``exitCode`` is what the container is then reported to
    have ended with.
    """
    namespace, name, container = (request.match_info[key] for key in ("namespace", "pod", "container"))
    number = signal_number(request.query.get("signal", ""))
    code = exit_code(request.query.get("exitCode", ""))
    found = node.pods.find(namespace, name)
    if found is None:
        raise NotFound(f'pods "{name}" not found', name=name, kind="pods")
    target = _target(found, container)
    if code is not None and target == _sandbox_id(found):
        raise BadRequest("the exit code of the pause container is reported nowhere")
    node.runtime.kill_container(target, number, exit_code=code)
    return web.json_response({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 200})


def signal_number(text: str) -> int:
    """Return the number of ``KILL``, ``SIGKILL`` or ``9``; empty means KILL. Raise 400 for what is no signal."""
    if not text:
        return signal.SIGKILL
    if text.isascii() and text.isdecimal():
        number = int(text[:4])
        if 1 <= number <= 64:
            return number
    upper = text.upper()
    found = getattr(signal, upper if upper.startswith("SIG") else f"SIG{upper}", None)
    if isinstance(found, signal.Signals):
        return found.value
    raise BadRequest(f'"{text}" is not a signal')


def exit_code(text: str) -> int | None:
    """Return an exit code, ``None`` when it is not given; raise 400 for what is none."""
    if not text:
        return None
    try:
        code = go_text.integer(text)
    except ValueError as error:
        raise BadRequest(str(error)) from None
    if not 0 <= code <= 255:
        raise BadRequest(f"exitCode must be between 0 and 255, not {code}")
    return code


def _sandbox_id(found: SeenPod) -> str:
    sandbox = found.state.sandbox
    return sandbox.id if sandbox is not None and sandbox.state is SandboxState.READY else ""


def _target(found: SeenPod, container: str) -> str:
    """Return the id of what runs under a name; raise 404 when the pod has no such container, 409 when it is not up."""
    pod = found.pod
    if container in container_names(pod):
        run = found.state.here(container)
        target = run.id if run is not None and run.state is ContainerState.RUNNING else ""
    elif container == PAUSE:
        target = _sandbox_id(found)
    else:
        raise NotFound(f'container "{container}" not found in pod "{pod.metadata.name}"', name=container)
    if not target:
        raise Conflict(f'container "{container}" in pod "{pod.metadata.name}" is not running', name=container)
    return target
