"""``apps/v1``: the workload kinds that the controllers act on."""

from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, PlainSerializer

from apimachinery.types.base import Condition, LabelSelector, Model, Object, ObjectMeta, Time
from apimachinery.types.pod import PodSpec
from apimachinery.types.storage import RETAIN, PersistentVolumeClaim


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


def _of_map(selector: Any) -> Any:
    return {"matchLabels": selector} if isinstance(selector, dict) else selector


def _to_map(selector: LabelSelector) -> dict[str, str]:
    return selector.match_labels


MapSelector = Annotated[LabelSelector, BeforeValidator(_of_map), PlainSerializer(_to_map)]
"""A selector that is a plain map of labels on the wire."""


class ReplicationControllerSpec(ReplicaSetSpec):
    selector: MapSelector = Field(default_factory=LabelSelector)


class ReplicationController(ReplicaSet):
    """The ReplicaSet's forerunner, of ``v1``: the same but for how its selector is written."""

    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "ReplicationController"

    spec: ReplicationControllerSpec = Field(default_factory=ReplicationControllerSpec)


ROLLING_UPDATE = "RollingUpdate"
RECREATE = "Recreate"
ON_DELETE = "OnDelete"


class RollingUpdateDeployment(Model):
    max_unavailable: int | str = "25%"
    max_surge: int | str = "25%"


class DeploymentStrategy(Model):
    type: str = ROLLING_UPDATE
    rolling_update: RollingUpdateDeployment | None = None


class DeploymentSpec(Model):
    replicas: int = 1
    selector: LabelSelector = Field(default_factory=LabelSelector)
    template: PodTemplateSpec = Field(default_factory=PodTemplateSpec)
    strategy: DeploymentStrategy = Field(default_factory=DeploymentStrategy)
    min_ready_seconds: int = 0
    revision_history_limit: int | None = None
    paused: bool = False
    progress_deadline_seconds: int | None = None


class DeploymentCondition(Condition):
    last_update_time: Time | None = None


class DeploymentStatus(Model):
    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    unavailable_replicas: int = 0
    terminating_replicas: int | None = None
    conditions: list[DeploymentCondition] = Field(default_factory=list)
    collision_count: int | None = None


class Deployment(Object):
    API_VERSION: ClassVar[str] = "apps/v1"
    KIND: ClassVar[str] = "Deployment"

    spec: DeploymentSpec = Field(default_factory=DeploymentSpec)
    status: DeploymentStatus = Field(default_factory=DeploymentStatus)


class ControllerRevision(Object):
    """A version of what a controller makes pods of. ``data`` is the strategic merge patch that leads back to it."""

    API_VERSION: ClassVar[str] = "apps/v1"
    KIND: ClassVar[str] = "ControllerRevision"

    data: dict[str, Any] = Field(default_factory=dict)
    revision: int = 0


class RollingUpdateDaemonSet(Model):
    max_unavailable: int | str = 1
    max_surge: int | str = 0


class DaemonSetUpdateStrategy(Model):
    type: str = ROLLING_UPDATE
    rolling_update: RollingUpdateDaemonSet | None = None


class DaemonSetSpec(Model):
    selector: LabelSelector = Field(default_factory=LabelSelector)
    template: PodTemplateSpec = Field(default_factory=PodTemplateSpec)
    update_strategy: DaemonSetUpdateStrategy = Field(default_factory=DaemonSetUpdateStrategy)
    min_ready_seconds: int = 0
    revision_history_limit: int | None = None


class DaemonSetStatus(Model):
    current_number_scheduled: int
    number_misscheduled: int
    desired_number_scheduled: int
    number_ready: int
    observed_generation: int = 0
    updated_number_scheduled: int = 0
    number_available: int = 0
    number_unavailable: int = 0
    collision_count: int | None = None
    conditions: list[Condition] = Field(default_factory=list)


def _nothing_scheduled() -> DaemonSetStatus:
    return DaemonSetStatus(
        current_number_scheduled=0, number_misscheduled=0, desired_number_scheduled=0, number_ready=0
    )


class DaemonSet(Object):
    API_VERSION: ClassVar[str] = "apps/v1"
    KIND: ClassVar[str] = "DaemonSet"

    spec: DaemonSetSpec = Field(default_factory=DaemonSetSpec)
    status: DaemonSetStatus = Field(default_factory=_nothing_scheduled)


ORDERED_READY = "OrderedReady"
PARALLEL = "Parallel"


class RollingUpdateStatefulSet(Model):
    partition: int = 0
    max_unavailable: int | str = 1


class StatefulSetUpdateStrategy(Model):
    type: str = ROLLING_UPDATE
    rolling_update: RollingUpdateStatefulSet | None = None


class ClaimRetentionPolicy(Model):
    """What becomes of the claims of pods that go with their set, or because it shrinks: ``Retain`` or ``Delete``."""

    when_deleted: str = RETAIN
    when_scaled: str = RETAIN


class StatefulSetOrdinals(Model):
    start: int = 0


class StatefulSetSpec(Model):
    replicas: int = 1
    selector: LabelSelector = Field(default_factory=LabelSelector)
    template: PodTemplateSpec = Field(default_factory=PodTemplateSpec)
    volume_claim_templates: list[PersistentVolumeClaim] = Field(default_factory=list)
    service_name: str = ""
    pod_management_policy: str = ORDERED_READY
    update_strategy: StatefulSetUpdateStrategy = Field(default_factory=StatefulSetUpdateStrategy)
    revision_history_limit: int | None = None
    min_ready_seconds: int = 0
    persistent_volume_claim_retention_policy: ClaimRetentionPolicy = Field(default_factory=ClaimRetentionPolicy)
    ordinals: StatefulSetOrdinals = Field(default_factory=StatefulSetOrdinals)


class StatefulSetStatus(Model):
    replicas: int
    observed_generation: int = 0
    ready_replicas: int = 0
    current_replicas: int = 0
    updated_replicas: int = 0
    current_revision: str = ""
    update_revision: str = ""
    collision_count: int | None = None
    conditions: list[Condition] = Field(default_factory=list)
    available_replicas: int | None = None


class StatefulSet(Object):
    API_VERSION: ClassVar[str] = "apps/v1"
    KIND: ClassVar[str] = "StatefulSet"

    spec: StatefulSetSpec = Field(default_factory=StatefulSetSpec)
    status: StatefulSetStatus = Field(default_factory=lambda: StatefulSetStatus(replicas=0))
