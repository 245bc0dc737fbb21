"""``autoscaling/v2``: what scales workloads by what they use."""

from typing import Any, ClassVar

from pydantic import Field

from apimachinery.types.base import Condition, LabelSelector, Model, Object, Time


class CrossVersionObjectReference(Model):
    api_version: str = ""
    kind: str
    name: str


class MetricIdentifier(Model):
    name: str
    selector: LabelSelector | None = None


class MetricTarget(Model):
    """One of the three is set, as ``type`` says."""

    type: str
    value: str | None = None
    average_value: str | None = None
    average_utilization: int | None = None


class ResourceMetricSource(Model):
    name: str
    target: MetricTarget


class ContainerResourceMetricSource(Model):
    name: str
    container: str
    target: MetricTarget


class PodsMetricSource(Model):
    metric: MetricIdentifier
    target: MetricTarget


class ObjectMetricSource(Model):
    described_object: CrossVersionObjectReference
    metric: MetricIdentifier
    target: MetricTarget


class ExternalMetricSource(Model):
    metric: MetricIdentifier
    target: MetricTarget


class MetricSpec(Model):
    """The source that ``type`` names is set."""

    type: str
    resource: ResourceMetricSource | None = None
    container_resource: ContainerResourceMetricSource | None = None
    pods: PodsMetricSource | None = None
    object: ObjectMetricSource | None = None
    external: ExternalMetricSource | None = None


class HPAScalingPolicy(Model):
    """``type`` is ``Pods`` or ``Percent``."""

    type: str
    value: int
    period_seconds: int


class HPAScalingRules(Model):
    """``select_policy`` is ``Max``, ``Min`` or ``Disabled``; ``tolerance`` is a quantity."""

    stabilization_window_seconds: int | None = None
    select_policy: str = "Max"
    policies: list[HPAScalingPolicy] = Field(default_factory=list)
    tolerance: str | None = None


class HorizontalPodAutoscalerBehavior(Model):
    scale_up: HPAScalingRules = Field(default_factory=HPAScalingRules)
    scale_down: HPAScalingRules = Field(default_factory=HPAScalingRules)


class HorizontalPodAutoscalerSpec(Model):
    scale_target_ref: CrossVersionObjectReference
    min_replicas: int = 1
    max_replicas: int
    metrics: list[MetricSpec] = Field(default_factory=list)
    behavior: HorizontalPodAutoscalerBehavior | None = None


class HorizontalPodAutoscalerStatus(Model):
    observed_generation: int | None = None
    last_scale_time: Time | None = None
    current_replicas: int = 0
    desired_replicas: int | None = None
    """Set even when it is zero: the field is required."""
    current_metrics: list[dict[str, Any]] | None = None
    conditions: list[Condition] = Field(default_factory=list)


class HorizontalPodAutoscaler(Object):
    API_VERSION: ClassVar[str] = "autoscaling/v2"
    KIND: ClassVar[str] = "HorizontalPodAutoscaler"

    spec: HorizontalPodAutoscalerSpec
    status: HorizontalPodAutoscalerStatus = Field(default_factory=HorizontalPodAutoscalerStatus)
