"""The slices that mirror hand-made Endpoints (``pkg/controller/endpointslicemirroring``, v1.36)."""

from collections.abc import Iterator

from apimachinery.labels import MANAGED_BY_LABEL, SERVICE_NAME_LABEL
from apimachinery.types.base import ObjectMeta, OwnerReference
from apimachinery.types.discovery import IPV4, IPV6, Endpoint, EndpointConditions, EndpointPort, EndpointSlice
from apimachinery.types.service import EndpointAddress, Endpoints, EndpointSubset, Service
from controller_manager.endpoints.membership import LAST_CHANGE
from controller_manager.endpoints.slices import Group, PortsKey, ports_key

MANAGER = "endpointslicemirroring-controller.k8s.io"

_SKIP_LABEL = "endpointslice.kubernetes.io/skip-mirror"
_LEADER = "control-plane.alpha.kubernetes.io/leader"
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def is_mirrored(endpoints: Endpoints, service: Service | None) -> bool:
    """Return whether there are to be slices of ``endpoints``: its Service leaves it to others where it leads."""
    meta = endpoints.metadata
    return (
        service is not None
        and not service.spec.selector
        and meta.labels.get(_SKIP_LABEL) != "true"
        and _LEADER not in meta.annotations
    )


def mirrored_groups(endpoints: Endpoints, address_type: str, limit: int) -> tuple[dict[PortsKey, Group], int]:
    """Return the endpoints of a family, at most ``limit`` for each subset, and how many were left out."""
    groups: dict[PortsKey, Group] = {}
    skipped = 0
    for subset in endpoints.subsets:
        ports = [EndpointPort.model_validate(port.model_dump()) for port in subset.ports]
        found = list(_addresses(subset, address_type))
        skipped += max(0, len(found) - limit)
        if found:
            group = groups.setdefault(ports_key(ports), Group(ports))
            for address, ready in found[:limit]:
                group.add(_endpoint(address, ready=ready))
    return groups, skipped


def _addresses(subset: EndpointSubset, address_type: str) -> Iterator[tuple[EndpointAddress, bool]]:
    for shown, ready in ((subset.addresses, True), (subset.not_ready_addresses, False)):
        for address in shown:
            if (IPV6 if ":" in address.ip else IPV4) == address_type:
                yield address, ready


def _endpoint(address: EndpointAddress, *, ready: bool) -> Endpoint:
    return Endpoint(
        addresses=[address.ip],
        conditions=EndpointConditions(ready=ready),
        hostname=address.hostname or None,
        node_name=address.node_name,
        target_ref=address.target_ref,
    )


def blank_mirror(endpoints: Endpoints, address_type: str) -> EndpointSlice:
    """Return a slice without endpoints, as it would be created; it goes with what it mirrors."""
    meta = endpoints.metadata
    owner = OwnerReference(
        api_version=endpoints.API_VERSION,
        kind=endpoints.KIND,
        name=meta.name,
        uid=meta.uid,
        controller=True,
        block_owner_deletion=True,
    )
    metadata = ObjectMeta(
        generate_name=f"{meta.name}-",
        namespace=meta.namespace,
        labels={**meta.labels, SERVICE_NAME_LABEL: meta.name, MANAGED_BY_LABEL: MANAGER},
        annotations={key: value for key, value in meta.annotations.items() if key not in {LAST_CHANGE, _APPLIED}},
        owner_references=[owner],
    )
    return EndpointSlice(metadata=metadata, address_type=address_type)
