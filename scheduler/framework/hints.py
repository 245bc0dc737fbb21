"""Which events a rejecting plugin waits for, and how it tells those that help a pod from those that do not."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scheduler.framework.events import Action, EventResource
from scheduler.framework.pod_info import PodInfo


class QueueingHint(enum.Enum):
    """A hint function's answer (upstream's names, ``k8s.io/kube-scheduler/framework``, v1.36)."""

    QUEUE = "Queue"
    """The event may have made the pod fit: try it again."""
    SKIP = "QueueSkip"
    """The event changes nothing for this pod: leave it where it is."""


QueueingHintFn = Callable[[PodInfo, Any, Any], QueueingHint]
"""Called with the waiting pod, and with what the event is about before and after.

``old`` and ``new`` are ``PodInfo`` for pods, ``NodeInfo`` for nodes, and the typed API object for everything else;
``old`` is ``None`` for an addition and ``new`` for a deletion. Both are ``None`` when what happened is not the doing
of one object. It must be quick: it is called once for every pod that the plugin has rejected. One that raises is
taken to have answered ``QUEUE``.
"""


@dataclass(frozen=True, slots=True)
class ClusterEventWithHint:
    """Events that a plugin registers for: any one of ``actions``. Without a hint, each has the pod tried again."""

    resource: EventResource
    actions: Action
    hint: QueueingHintFn | None = None
