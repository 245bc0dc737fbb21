"""What a pod is to a Service: whether it is behind it, and under which address and port.

Follows ``k8s.io/endpointslice/util`` and ``utils.go`` (v0.36).
"""

from collections.abc import Iterable

from apimachinery.types.discovery import IPV6
from apimachinery.types.pod import Pod
from apimachinery.types.service import Service, ServicePort

HEADLESS_LABEL = "service.kubernetes.io/headless"
LAST_CHANGE = "endpoints.kubernetes.io/last-change-trigger-time"


def chooses_pods(service: Service) -> bool:
    """Return whether it is for the controllers to say where the Service leads."""
    return bool(service.spec.selector) and service.spec.type != "ExternalName"


def selects(service: Service, pod: Pod) -> bool:
    """Return whether the pod has the labels that the Service looks for."""
    return service.spec.selector.items() <= pod.metadata.labels.items()


def services_of(services: Iterable[Service], pod: Pod) -> set[str]:
    """Return the keys of those ``services``, which choose pods of the pod's namespace, that the pod is behind."""
    return {service.key for service in services if selects(service, pod)}


def services_to_wake(services: Iterable[Service], old: Pod | None, new: Pod | None) -> set[str]:
    """Return the keys of the Services for which a change of a pod matters."""
    known = [service for service in services if chooses_pods(service)]
    if not known:
        return set()
    before = services_of(known, old) if old is not None else set()
    after = services_of(known, new) if new is not None else set()
    if old is None or new is None or _looks_different(old, new):
        return before | after
    return before ^ after


def _looks_different(old: Pod, new: Pod) -> bool:
    return (
        old.ready != new.ready
        or old.finished != new.finished
        or old.metadata.deletion_timestamp != new.metadata.deletion_timestamp
        or old.status.pod_ips != new.status.pod_ips
        or old.spec.node_name != new.spec.node_name
    )


def has_endpoint(pod: Pod, *, terminating: bool) -> bool:
    """Return whether the pod can be led to: it has an address and has not ended.

    One that is being deleted counts only with ``terminating``.
    """
    return not pod.finished and bool(pod.status.pod_ips) and (terminating or not pod.deleting)


def addresses(pod: Pod, address_type: str) -> list[str]:
    """Return the pod's addresses of a family, ``IPv4`` or ``IPv6``."""
    return [entry.ip for entry in pod.status.pod_ips if (":" in entry.ip) == (address_type == IPV6)]


def hostname(service: Service, pod: Pod) -> str:
    """Return the name that the pod has below the Service's in DNS, empty when it has none."""
    return pod.spec.hostname if pod.spec.subdomain == service.metadata.name else ""


def find_port(pod: Pod, port: ServicePort) -> int | None:
    """Return the number of the pod's port that a Service's port leads to; ``None`` when the pod has no such name."""
    if isinstance(port.target_port, int):
        return port.target_port
    sidecars = [container for container in pod.spec.init_containers if container.restart_policy == "Always"]
    for container in (*pod.spec.containers, *sidecars):
        for declared in container.ports:
            if declared.name == port.target_port and declared.protocol == port.protocol:
                return declared.container_port
    return None


def is_headless(service: Service) -> bool:
    return service.spec.cluster_ip in {"", "None"}
