"""The status that an autoscaler is to have, put together while it is looked at."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from apimachinery.types.autoscaling import HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus
from apimachinery.types.base import Condition

ABLE_TO_SCALE = "AbleToScale"
SCALING_ACTIVE = "ScalingActive"
SCALING_LIMITED = "ScalingLimited"

JSONObject = dict[str, Any]


class Draft:
    """Starts as what the autoscaler shows; :attr:`status` is what it should show."""

    def __init__(self, autoscaler: HorizontalPodAutoscaler, now: datetime) -> None:
        self._now = now
        self.status: HorizontalPodAutoscalerStatus = autoscaler.status.model_copy()
        self.status.observed_generation = autoscaler.metadata.generation or None
        if self.status.desired_replicas is None:
            self.status.desired_replicas = 0

    def condition(self, kind: str, status: bool, reason: str, message: str) -> None:
        """Set a condition; its time changes with its status only."""
        told = "True" if status else "False"
        before = next((entry for entry in self.status.conditions if entry.type == kind), None)
        since = before.last_transition_time if before is not None and before.status == told else self._now
        after = Condition(type=kind, status=told, reason=reason, message=message, last_transition_time=since)
        if before is None:
            self.status.conditions = [*self.status.conditions, after]
        else:
            self.status.conditions = [after if entry is before else entry for entry in self.status.conditions]

    def seen(self, replicas: int, metrics: Sequence[JSONObject] | None = None) -> None:
        """Note how many replicas there are and, where that was found out, what their metrics say."""
        self.status.current_replicas = replicas
        if metrics is not None:
            self.status.current_metrics = list(metrics) or None

    def decided(self, replicas: int, *, rescaled: bool) -> None:
        """Note how many replicas there should be, and whether that was changed just now."""
        self.status.desired_replicas = replicas
        if rescaled:
            self.status.last_scale_time = self._now.replace(microsecond=0)
