"""What pods use, out of ``metrics.k8s.io`` (``pkg/controller/podautoscaler/metrics``, v1.36)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apimachinery.clock import parse_rfc3339
from apimachinery.duration import parse_duration
from apimachinery.quantity import milli_value

JSONObject = dict[str, Any]


class NoReplicaCount(Exception):
    """How many replicas there should be cannot be told; the text says why, in upstream's words."""


@dataclass(frozen=True, slots=True)
class Sample:
    """``value`` is in thousandths, an average over ``window`` seconds that ended at ``time``."""

    value: int
    time: datetime
    window: float


Samples = Mapping[str, Sample]
"""By the pod's name."""


def read_samples(items: Iterable[JSONObject], resource: str, container: str = "") -> Samples:
    """Return what each pod uses of ``resource``, or one ``container`` of each.

    A pod of which that is not told in full is left out. Raises :class:`NoReplicaCount` for a pod that has no such
    container.
    """
    found = {}
    for entry in items:
        metadata, containers = entry["metadata"], entry.get("containers") or []
        if container:
            containers = [used for used in containers if used["name"] == container]
            if not containers:
                pod = f"{metadata['namespace']}/{metadata['name']}"
                raise NoReplicaCount(f"container {container} not present in metrics for pod {pod}")
        usages = [used["usage"].get(resource) for used in containers]
        if not usages or None in usages:
            continue
        total = sum(milli_value(usage) for usage in usages)
        found[metadata["name"]] = Sample(total, parse_rfc3339(entry["timestamp"]), parse_duration(entry["window"]))
    return found
