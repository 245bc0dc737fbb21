"""The built-in resources, with upstream's names, short names, categories and subresources (v1.36)."""

from apimachinery.schema.bundle import Bundle
from apimachinery.schema.decoder import Decoder
from apiserver.printing import kinds as printers
from apiserver.printing.columns import Printer
from apiserver.printing.pods import PodPrinter
from apiserver.registry import kinds
from apiserver.registry.pods import PodStrategy
from apiserver.registry.resource import Registry, ResourceInfo, Subresource
from apiserver.registry.strategy import Strategy

_STATUS_VERBS = ("get", "patch", "update")


def builtin_registry(bundle: Bundle) -> Registry:
    """Return a fresh registry of everything that is served from the start."""

    def resource(
        group: str,
        kind: str,
        plural: str,
        strategy: Strategy,
        printer: Printer,
        *,
        version: str = "v1",
        namespaced: bool = True,
        short_names: tuple[str, ...] = (),
        categories: tuple[str, ...] = (),
        status: bool = False,
        verbs: tuple[str, ...] = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"),
        subresources: tuple[Subresource, ...] = (),
    ) -> ResourceInfo:
        struct = bundle.kind(f"{group}/{version}" if group else version, kind)
        if status:
            subresources = (Subresource("status", _STATUS_VERBS, kind), *subresources)
        return ResourceInfo(
            group,
            version,
            kind,
            plural,
            kind.lower(),
            namespaced,
            strategy,
            printer,
            struct,
            Decoder(bundle, struct),
            short_names,
            categories,
            verbs,
            subresources,
        )

    return Registry([
        resource("", "Event", "events", kinds.EventStrategy(), printers.EventPrinter(), short_names=("ev",)),
        resource(
            "",
            "Namespace",
            "namespaces",
            kinds.NamespaceStrategy(),
            printers.NamespacePrinter(),
            namespaced=False,
            short_names=("ns",),
            status=True,
            verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
            subresources=(Subresource("finalize", ("update",), "Namespace"),),
        ),
        resource(
            "",
            "Node",
            "nodes",
            kinds.NodeStrategy(),
            printers.NodePrinter(),
            namespaced=False,
            short_names=("no",),
            status=True,
        ),
        resource(
            "",
            "Pod",
            "pods",
            PodStrategy(),
            PodPrinter(),
            short_names=("po",),
            categories=("all",),
            status=True,
            subresources=(Subresource("binding", ("create",), "Binding"),),
        ),
        resource(
            "apps",
            "ReplicaSet",
            "replicasets",
            kinds.ReplicaSetStrategy(),
            printers.ReplicaSetPrinter(),
            short_names=("rs",),
            categories=("all",),
            status=True,
            subresources=(
                Subresource("scale", ("get", "patch", "update"), "Scale", group="autoscaling", version="v1"),
            ),
        ),
        resource("coordination.k8s.io", "Lease", "leases", kinds.LeaseStrategy(), printers.LeasePrinter()),
    ])
