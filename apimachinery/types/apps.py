"""``apps/v1``: the workload kinds that the controllers act on."""

from typing import ClassVar

from pydantic import Field

from apimachinery.types.base import Condition, LabelSelector, Model, Object, ObjectMeta
from apimachinery.types.pod import PodSpec


class PodTemplateSpec(Model):
    metadata: ObjectMeta = Field(default_factory=ObjectMeta)
    spec: PodSpec = Field(default_factory=PodSpec)


class ReplicaSetSpec(Model):
    replicas: int = 1
    min_ready_seconds: int = 0
    selector: LabelSelector = Field(default_factory=LabelSelector)
    template: PodTemplateSpec = Field(default_factory=PodTemplateSpec)


class ReplicaSetStatus(Model):
    replicas: int
    fully_labeled_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    terminating_replicas: int | None = None
    observed_generation: int = 0
    conditions: list[Condition] = Field(default_factory=list)


class ReplicaSet(Object):
    API_VERSION: ClassVar[str] = "apps/v1"
    KIND: ClassVar[str] = "ReplicaSet"

    spec: ReplicaSetSpec = Field(default_factory=ReplicaSetSpec)
    status: ReplicaSetStatus = Field(default_factory=lambda: ReplicaSetStatus(replicas=0))
