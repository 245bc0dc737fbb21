"""The printers of the built-in kinds."""

from collections.abc import Mapping

from apiserver.printing import kinds
from apiserver.printing.columns import Printer
from apiserver.printing.extension import extension_printers
from apiserver.printing.networking import networking_printers
from apiserver.printing.pods import PodPrinter
from apiserver.printing.policy import policy_printers
from apiserver.printing.security import security_printers
from apiserver.printing.storage import storage_printers
from apiserver.printing.usage import usage_printers
from apiserver.printing.workloads import workload_printers


def printers() -> Mapping[tuple[str, str], Printer]:
    """Return a fresh printer for each ``(group, kind)`` that has columns of its own."""
    return {
        ("", "Event"): kinds.EventPrinter(),
        ("", "Namespace"): kinds.NamespacePrinter(),
        ("", "Node"): kinds.NodePrinter(),
        ("", "Pod"): PodPrinter(),
        ("apps", "ReplicaSet"): kinds.ReplicaSetPrinter(),
        ("coordination.k8s.io", "Lease"): kinds.LeasePrinter(),
        **workload_printers(),
        **networking_printers(),
        **storage_printers(),
        **policy_printers(),
        **security_printers(),
        **extension_printers(),
        **usage_printers(),
    }
