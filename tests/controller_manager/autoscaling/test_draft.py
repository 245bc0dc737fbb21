"""What an autoscaler comes to show."""

from datetime import timedelta
from typing import Any

from apimachinery.types.autoscaling import HorizontalPodAutoscaler
from controller_manager.autoscaling.draft import ABLE_TO_SCALE, SCALING_ACTIVE, Draft
from tests.controller_manager.builders import NOW

LATER = NOW + timedelta(seconds=15)


def autoscaler(**status: Any) -> HorizontalPodAutoscaler:
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": "web", "apiVersion": "apps/v1"}, "maxReplicas": 3}
    return HorizontalPodAutoscaler.model_validate({"metadata": {"name": "web"}, "spec": spec, "status": status})


def test_conditions_keep_their_time_while_their_status_is_the_same() -> None:
    first = Draft(autoscaler(), NOW)
    first.condition(ABLE_TO_SCALE, True, "SucceededGetScale", "it was")
    first.condition(SCALING_ACTIVE, False, "FailedGetResourceMetric", "none")
    shown = autoscaler()
    shown.status = first.status
    second = Draft(shown, LATER)
    second.condition(ABLE_TO_SCALE, True, "ReadyForNewScale", "it is")
    second.condition(SCALING_ACTIVE, True, "ValidMetricFound", "some")
    assert [
        (entry.type, entry.status, entry.reason, entry.last_transition_time) for entry in second.status.conditions
    ] == [(ABLE_TO_SCALE, "True", "ReadyForNewScale", NOW), (SCALING_ACTIVE, "True", "ValidMetricFound", LATER)]
    assert [entry.reason for entry in shown.status.conditions] == ["SucceededGetScale", "FailedGetResourceMetric"]


def test_numbers() -> None:
    draft = Draft(autoscaler(currentReplicas=1, currentMetrics=[{"type": "Resource"}]), NOW)
    draft.seen(2)
    assert draft.status.current_metrics == [{"type": "Resource"}]
    draft.seen(2, [{"type": ""}])
    draft.decided(3, rescaled=True)
    status = draft.status
    assert (status.current_replicas, status.desired_replicas, status.last_scale_time) == (2, 3, NOW)
    draft.seen(2, ())
    assert draft.status.current_metrics is None


def test_nothing_said_is_nothing_to_write() -> None:
    shown = autoscaler(currentReplicas=2, desiredReplicas=2)
    draft = Draft(shown, NOW)
    draft.seen(2)
    draft.decided(2, rescaled=False)
    assert draft.status == shown.status
