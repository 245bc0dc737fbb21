"""The printers of the built-in kinds."""

from collections.abc import Mapping

from apiserver.printing import kinds
from apiserver.printing.columns import Printer
from apiserver.printing.pods import PodPrinter


def printers() -> Mapping[tuple[str, str], Printer]:
    """Return a fresh printer for each ``(group, kind)`` that has columns of its own."""
    return {
        ("", "Event"): kinds.EventPrinter(),
        ("", "Namespace"): kinds.NamespacePrinter(),
        ("", "Node"): kinds.NodePrinter(),
        ("", "Pod"): PodPrinter(),
        ("apps", "ReplicaSet"): kinds.ReplicaSetPrinter(),
        ("coordination.k8s.io", "Lease"): kinds.LeasePrinter(),
    }
