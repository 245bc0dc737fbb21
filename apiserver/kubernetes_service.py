"""The service ``default/kubernetes``, behind which this server is found from inside the cluster.

``pkg/controlplane/controller/kubernetesservice`` and ``pkg/controlplane/reconcilers``, v1.36.
"""

import copy
import ipaddress
import logging
from typing import Any

from apimachinery.errors import NotFound, StatusError
from apimachinery.labels import SERVICE_NAME_LABEL
from apiserver.handlers.context import Context
from apiserver.own_objects import create_own, info_of
from apiserver.registry.service_allocation import ServiceAllocators

JSONObject = dict[str, Any]

logger = logging.getLogger(__name__)

KUBERNETES = "kubernetes"
"""What this server is called as a service of its own cluster."""
NAMESPACE = "default"
INTERVAL_SECONDS = 10.0
"""How often it is seen to that all is there, upstream's ``EndpointInterval``."""


class KubernetesService:
    """A service without selector, and the endpoints that this server gives it. :meth:`run` keeps them there."""

    def __init__(self, context: Context, services: ServiceAllocators, host: str, port: int) -> None:
        """``host`` and ``port`` are where the server listens."""
        self._context = context
        address = ipaddress.ip_address(host)
        if address.is_unspecified:
            # Listening everywhere includes the loopback interface, where the rest of the cluster is.
            address = ipaddress.ip_address("127.0.0.1")
        metadata: JSONObject = {"name": KUBERNETES, "namespace": NAMESPACE}
        self._service: JSONObject = {
            "metadata": {**metadata, "labels": {"component": "apiserver", "provider": KUBERNETES}},
            "spec": {
                "clusterIP": services.first_address,
                "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": port}],
            },
        }
        ports = [{"name": "https", "port": port, "protocol": "TCP"}]
        self._endpoints: JSONObject = {
            "metadata": {**metadata, "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"}},
            "subsets": [{"addresses": [{"ip": str(address)}], "ports": ports}],
        }
        self._slice: JSONObject = {
            "metadata": {**metadata, "labels": {SERVICE_NAME_LABEL: KUBERNETES}},
            "addressType": f"IPv{address.version}",
            "endpoints": [{"addresses": [str(address)], "conditions": {"ready": True}}],
            "ports": ports,
        }

    async def run(self) -> None:
        """Put back what is missing, again and again."""
        while True:
            await self._context.clock.sleep(INTERVAL_SECONDS)
            try:
                await self.ensure()
            except StatusError as error:
                logger.warning("service %s/%s: %s", NAMESPACE, KUBERNETES, error)

    async def ensure(self) -> None:
        """Create what is not there, and let the endpoints be this server's; a service that is there stays as it is."""
        await create_own(self._context, "", "services", copy.deepcopy(self._service))
        await self._settle("", "endpoints", self._endpoints, ("subsets",))
        await self._settle("discovery.k8s.io", "endpointslices", self._slice, ("endpoints", "ports"))

    async def _settle(self, group: str, plural: str, wanted: JSONObject, keys: tuple[str, ...]) -> None:
        if await create_own(self._context, group, plural, copy.deepcopy(wanted)):
            return

        async def change(old: JSONObject) -> JSONObject:
            old["metadata"].pop("resourceVersion", None)
            return {**old, **{key: wanted[key] for key in keys}}

        try:
            await self._context.objects.update(info_of(self._context, group, plural), NAMESPACE, KUBERNETES, change)
        except NotFound:
            # Admission did not let it be created, or somebody is quicker to delete it.
            return
