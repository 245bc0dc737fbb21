"""``pods/NAME/exec``, ``attach`` and ``portforward``: streams between a client and the kubelet of the pod's node.

``ExecLocation``, ``AttachLocation`` and ``PortForwardLocation`` in ``pkg/registry/core/pod/strategy.go``, v1.36.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

import orjson

from apimachinery.errors import BadRequest
from apiserver.admission.interface import Attributes, Operation
from apiserver.handlers.context import Context
from apiserver.handlers.pod_log import choose_container, kubelet_of
from apiserver.handlers.upgrading import upgrade
from apiserver.http import Call, asks_for_upgrade, method_not_allowed
from apiserver.request import Target

JSONObject = dict[str, Any]

_STREAMS = {"stdin": "input", "stdout": "output", "stderr": "error", "tty": "tty"}
"""The kubelet's names of what a client may ask for."""

_PATHS = {"exec": "exec", "attach": "attach", "portforward": "portForward"}


async def pod_stream(context: Context, target: Target, call: Call) -> None:
    """Join the client and the kubelet, which speak what they agree on; raise 400 for a pod that has no kubelet."""
    if call.method not in {"GET", "POST"}:
        raise method_not_allowed()
    attributes = Attributes(
        operation=Operation.CONNECT,
        info=target.info,
        namespace=target.namespace,
        name=target.name,
        subresource=target.subresource,
    )
    await context.admission.admit(attributes)
    await context.admission.validate(attributes)
    pod = orjson.loads((await context.objects.get(target.info, target.namespace, target.name)).value)
    query = parse_qs(call.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    path, sent = _location(target, pod, query, call)
    node_name = pod["spec"].get("nodeName", "")
    if not node_name:
        raise BadRequest(f"pod {target.name} does not have a host assigned")
    if not asks_for_upgrade(call):
        raise BadRequest("Upgrade request required")
    await upgrade(call, await kubelet_of(context, node_name), f"{path}?{urlencode(sent)}" if sent else path)


def _location(
    target: Target, pod: JSONObject, query: dict[str, list[str]], call: Call
) -> tuple[str, Sequence[tuple[str, str]]]:
    """Return the kubelet's path, and the query it gets."""
    names = [target.namespace, target.name]
    if target.subresource == "portforward":
        sent = [("port", port) for port in query.get("ports", [])]
    else:
        phase = pod.get("status", {}).get("phase", "")
        if target.subresource == "exec" and phase in {"Succeeded", "Failed"}:
            raise BadRequest(f"cannot exec into a container in a completed pod; current phase is {phase}")
        names.append(choose_container(pod, call.query.text("container")))
        sent = [(name, "1") for asked, name in _STREAMS.items() if call.query.flag(asked)]
        sent += [("command", word) for word in query.get("command", [])]
    quoted = "/".join(quote(name, safe="") for name in names)
    return f"/{_PATHS[target.subresource]}/{quoted}", sent
