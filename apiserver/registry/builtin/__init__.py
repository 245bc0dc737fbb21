"""The built-in resources, one module per API group, with upstream's names, short names, categories and subresources.

What v1.36 serves by default is served here; alpha and beta versions, which upstream leaves off, are not. Beside them
stands ``metrics.k8s.io``, an extension that nearly every cluster has.
"""

from collections.abc import Mapping, Sequence

from apimachinery.schema.bundle import Bundle
from apimachinery.schema.decoder import Decoder
from apiserver.printing.builtin import printers
from apiserver.printing.columns import Printer
from apiserver.printing.default import DefaultPrinter
from apiserver.registry.builtin import (
    admissionregistration,
    apiextensions,
    apiregistration,
    apps,
    authentication,
    authorization,
    autoscaling,
    batch,
    certificates,
    coordination,
    core,
    discovery,
    events,
    flowcontrol,
    metrics,
    networking,
    node,
    policy,
    rbac,
    resource,
    scheduling,
    storage,
)
from apiserver.registry.builtin.row import Row
from apiserver.registry.resource import Registry, ResourceInfo, Subresource

_STATUS_VERBS = ("get", "patch", "update")


def tables() -> Mapping[str, Sequence[Row]]:
    """Return each API version's rows, in upstream's order of priority, preferred versions first."""
    return {
        "v1": core.rows(),
        "apiregistration.k8s.io/v1": apiregistration.rows(),
        "apps/v1": apps.rows(),
        "events.k8s.io/v1": events.rows(),
        "authentication.k8s.io/v1": authentication.rows(),
        "authorization.k8s.io/v1": authorization.rows(),
        "autoscaling/v2": autoscaling.rows_v2(),
        "autoscaling/v1": autoscaling.rows_v1(),
        "batch/v1": batch.rows(),
        "certificates.k8s.io/v1": certificates.rows(),
        "networking.k8s.io/v1": networking.rows(),
        "policy/v1": policy.rows(),
        "rbac.authorization.k8s.io/v1": rbac.rows(),
        "storage.k8s.io/v1": storage.rows(),
        "admissionregistration.k8s.io/v1": admissionregistration.rows(),
        "apiextensions.k8s.io/v1": apiextensions.rows(),
        "scheduling.k8s.io/v1": scheduling.rows(),
        "coordination.k8s.io/v1": coordination.rows(),
        "node.k8s.io/v1": node.rows(),
        "discovery.k8s.io/v1": discovery.rows(),
        "resource.k8s.io/v1": resource.rows(),
        "flowcontrol.apiserver.k8s.io/v1": flowcontrol.rows(),
        "metrics.k8s.io/v1beta1": metrics.rows(),
    }


def builtin_registry(bundle: Bundle) -> Registry:
    """Return a fresh registry of everything that is served from the start."""
    registry = Registry()
    printed = printers()
    deferred: list[tuple[str, Row]] = []
    for api_version, rows in tables().items():
        for row in rows:
            if row.stored_as:
                deferred.append((api_version, row))
            else:
                registry.add(_info(bundle, api_version, row, printed, None))
    for api_version, row in deferred:
        # The stored form is an entry of its own, which may stand further down in the tables.
        group, _, version = row.stored_as.rpartition("/")
        registry.add(_info(bundle, api_version, row, printed, registry.find(group, version, row.plural)))
    registry.order([(*_split(api_version), row.plural) for api_version, rows in tables().items() for row in rows])
    return registry


def _split(api_version: str) -> tuple[str, str]:
    group, _, version = api_version.rpartition("/")
    return group, version


def _info(
    bundle: Bundle,
    api_version: str,
    row: Row,
    printed: Mapping[tuple[str, str], Printer],
    hub: ResourceInfo | None,
) -> ResourceInfo:
    group, version = _split(api_version)
    struct = bundle.kind(api_version, row.kind)
    status = (Subresource("status", _STATUS_VERBS, row.kind),) if row.status else ()
    return ResourceInfo(
        group=group,
        version=version,
        kind=row.kind,
        plural=row.plural,
        singular=row.kind.lower() if row.singular is None else row.singular,
        namespaced=row.namespaced,
        strategy=row.strategy,
        printer=hub.printer if hub else printed.get((group, row.kind)) or DefaultPrinter(),
        struct=struct,
        decoder=Decoder(bundle, struct),
        short_names=row.short_names,
        categories=row.categories,
        verbs=row.verbs,
        subresources=(*status, *row.subresources),
        hub=hub,
        conversion=row.conversion,
        parts=(*(("spec",) if "spec" in struct.fields else ()), *(("status",) if row.status else ())),
    )
