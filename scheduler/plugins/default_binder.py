"""DefaultBinder: gives a pod its node by ``POST …/pods/NAME/binding``."""

from apimachinery.errors import StatusError
from kubeclient.client import Client
from kubeclient.errors import ConnectionFailed
from kubeclient.resources import PODS
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.interface import BindPlugin, Handle
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.status import SUCCESS, Code, Status


class DefaultBinder(BindPlugin):
    """Binds through the API server, which refuses a pod that has a node already or has another uid by now."""

    name = "DefaultBinder"

    def __init__(self, client: Client) -> None:
        self._client = client

    async def bind(self, state: CycleState, pod: PodInfo, node_name: str) -> Status:
        # As JSON at once: there is one for each pod, and a model of it costs more than everything else here.
        binding = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": pod.name, "namespace": pod.namespace, "uid": pod.uid},
            "target": {"kind": "Node", "name": node_name},
        }
        try:
            await self._client.create_subresource(PODS, pod.name, "binding", binding, namespace=pod.namespace)
        except (StatusError, ConnectionFailed) as error:
            return Status(Code.ERROR, (str(error),))
        return SUCCESS


def new(args: None, handle: Handle) -> DefaultBinder:
    return DefaultBinder(handle.client)
