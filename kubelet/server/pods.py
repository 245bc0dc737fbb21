"""``/pods`` and ``/runningpods/``: what the kubelet has been given, and what the runtime has of it."""

from collections.abc import Iterable

from aiohttp import web

from apimachinery.types.base import ObjectMeta, encode
from apimachinery.types.pod import Container, Pod, PodSpec
from kubelet.runtime import ContainerState, SandboxState
from kubelet.server.served import ServedNode


async def pods(node: ServedNode, request: web.Request) -> web.StreamResponse:
    """Answer with a PodList of the node's pods, each with the newest status that the kubelet made."""
    return _pod_list(seen.pod for seen in node.pods.seen())


async def running_pods(node: ServedNode, request: web.Request) -> web.StreamResponse:
    """Answer with a PodList of what runs: names and images, as far as a runtime knows them."""
    return _pod_list(running(node))


def running(node: ServedNode) -> Iterable[Pod]:
    """Yield a pod for each ready sandbox, with its running containers."""
    for sandbox in node.runtime.list_pod_sandboxes():
        if sandbox.state is not SandboxState.READY:
            continue
        config = sandbox.config
        containers = [
            Container(name=run.config.name, image=run.config.image)
            for run in node.runtime.list_containers(sandbox.id)
            if run.state is ContainerState.RUNNING
        ]
        yield Pod(
            metadata=ObjectMeta(name=config.name, namespace=config.namespace, uid=config.uid),
            spec=PodSpec(containers=containers, node_name=node.settings.node_name),
        )


def _pod_list(listed: Iterable[Pod]) -> web.Response:
    # One by one: models encode straight to bytes.
    items = b",".join(map(encode, listed))
    body = b'{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[%b]}' % items
    return web.Response(body=body, content_type="application/json")
