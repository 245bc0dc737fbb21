"""Variables that tell a container where Services are (``pkg/kubelet/envvars``, v1.36), and what they are made from."""

from collections.abc import Iterable, Mapping

from apimachinery.types.pod import Pod
from apimachinery.types.service import Service
from kubeclient.client import Client
from kubeclient.informer import Informer
from kubeclient.resources import SERVICES

MASTER_NAMESPACE, MASTER_SERVICE = "default", "kubernetes"
"""The Service that every container is told of."""

_BY_NAMESPACE = "namespace"


def variables(services: Iterable[Service]) -> dict[str, str]:
    """Return the variables for Services, those in the style of Docker's links among them."""
    env: dict[str, str] = {}
    for service in services:
        if not service.has_cluster_ip or not service.spec.ports:
            continue
        prefix, address, ports = _name(service.metadata.name), service.spec.cluster_ip, service.spec.ports
        env[f"{prefix}_SERVICE_HOST"] = address
        env[f"{prefix}_SERVICE_PORT"] = str(ports[0].port)
        for port in ports:
            if port.name:
                env[f"{prefix}_SERVICE_PORT_{_name(port.name)}"] = str(port.port)
        env[f"{prefix}_PORT"] = f"{ports[0].protocol.lower()}://{address}:{ports[0].port}"
        for port in ports:
            protocol = port.protocol.lower()
            link = f"{prefix}_PORT_{port.port}_{port.protocol.upper()}"
            env[link] = f"{protocol}://{address}:{port.port}"
            env[f"{link}_PROTO"] = protocol
            env[f"{link}_PORT"] = str(port.port)
            env[f"{link}_ADDR"] = address
    return env


def _name(text: str) -> str:
    """Return what stands for a name in a variable's."""
    upper = text.replace(".", "_").replace("-", "_").upper()
    return f"_{upper}" if upper[:1].isdigit() else upper


def linked(services: Iterable[Service], namespace: str, *, all_of_namespace: bool) -> list[Service]:
    """Return the Services that a pod is told of: the master's, and with links those of its namespace.

    Of two of one name, that of the pod's namespace counts (``getServiceEnvVarMap``).
    """
    chosen: dict[str, Service] = {}
    for service in services:
        meta = service.metadata
        if not service.has_cluster_ip:
            continue
        if (meta.namespace, meta.name) == (MASTER_NAMESPACE, MASTER_SERVICE):
            chosen.setdefault(meta.name, service)
        elif meta.namespace == namespace and all_of_namespace:
            chosen[meta.name] = service
    return list(chosen.values())


class ServiceLinks:
    """Watches Services for all nodes of a process; ``run()`` does the work."""

    def __init__(self, client: Client) -> None:
        self._informer = Informer(
            client, SERVICES, indexes={_BY_NAMESPACE: lambda service: (service.metadata.namespace,)}
        )
        self._informer.on_change(lambda old, new: self._known.clear())
        self._known: dict[tuple[str, bool], Mapping[str, str]] = {}
        """What has been worked out since the last change, by namespace and whether a pod wants links."""

    async def run(self) -> None:
        """List and watch until cancelled."""
        await self._informer.run()

    async def wait_synced(self) -> None:
        """Return once all Services have been seen."""
        await self._informer.wait_synced()

    def environment(self, pod: Pod) -> Mapping[str, str]:
        """Return the variables for the containers of a pod, which other pods share."""
        wanted = pod.metadata.namespace, pod.spec.enable_service_links
        known = self._known.get(wanted)
        if known is None:
            known = self._known[wanted] = self._variables(*wanted)
        return known

    def _variables(self, namespace: str, links: bool) -> Mapping[str, str]:
        cache = self._informer.cache
        master = cache.get(f"{MASTER_NAMESPACE}/{MASTER_SERVICE}")
        around = cache.by_index(_BY_NAMESPACE, namespace) if links else []
        candidates = [*([master] if master is not None else []), *around]
        return variables(linked(candidates, namespace, all_of_namespace=links))
