"""The Pod of ``core/v1`` and what it is made of."""

from typing import ClassVar

from pydantic import Field

from apimachinery.types.base import Condition, LabelSelector, Model, Object, Time
from apimachinery.types.probes import Lifecycle, Probe
from apimachinery.types.volumes import ObjectFieldSelector, ResourceFieldSelector, Volume, VolumeMount

PENDING = "Pending"
RUNNING = "Running"
SUCCEEDED = "Succeeded"
FAILED = "Failed"
UNKNOWN = "Unknown"

TERMINAL = frozenset({SUCCEEDED, FAILED})
"""The phases in which no container will ever run again."""

DISRUPTION_TARGET = "DisruptionTarget"
"""The condition of a pod that ends for somebody else's sake: an eviction, a taint, a node that has died."""

NODE_LOST = "NodeLost"
"""The reason of a pod's status while its node cannot be reached."""


class KeySelector(Model):
    """``configMapKeyRef`` and ``secretKeyRef``."""

    name: str = ""
    key: str
    optional: bool = False


class FileKeySelector(Model):
    """A key of an env file in a volume of the pod."""

    volume_name: str
    path: str
    key: str
    optional: bool = False


class EnvVarSource(Model):
    field_ref: ObjectFieldSelector | None = None
    resource_field_ref: ResourceFieldSelector | None = None
    config_map_key_ref: KeySelector | None = None
    secret_key_ref: KeySelector | None = None
    file_key_ref: FileKeySelector | None = None


class EnvVar(Model):
    name: str
    value: str = ""
    value_from: EnvVarSource | None = None


class EnvFromReference(Model):
    name: str = ""
    optional: bool = False


class EnvFromSource(Model):
    prefix: str = ""
    config_map_ref: EnvFromReference | None = None
    secret_ref: EnvFromReference | None = None


class ContainerPort(Model):
    container_port: int
    name: str = ""
    protocol: str = "TCP"
    host_port: int = 0
    host_ip: str = Field("", alias="hostIP")


class ResourceRequirements(Model):
    limits: dict[str, str] = Field(default_factory=dict)
    requests: dict[str, str] = Field(default_factory=dict)


class Capabilities(Model):
    add: list[str] = Field(default_factory=list)
    drop: list[str] = Field(default_factory=list)


class SecurityContext(Model):
    run_as_user: int | None = None
    run_as_group: int | None = None
    run_as_non_root: bool | None = None
    read_only_root_filesystem: bool = False
    privileged: bool = False
    allow_privilege_escalation: bool | None = None
    capabilities: Capabilities | None = None


class ContainerRestartRuleOnExitCodes(Model):
    """``operator`` is ``In`` or ``NotIn``."""

    operator: str
    values: list[int] = Field(default_factory=list)


class ContainerRestartRule(Model):
    """``action`` is ``Restart`` or ``RestartAllContainers``."""

    action: str
    exit_codes: ContainerRestartRuleOnExitCodes | None = None


class ContainerResizePolicy(Model):
    """``restartPolicy`` is ``NotRequired`` or ``RestartContainer``."""

    resource_name: str
    restart_policy: str


class VolumeDevice(Model):
    name: str
    device_path: str


class Container(Model):
    name: str
    image: str = ""
    command: list[str] = Field(default_factory=list)
    args: list[str] = Field(default_factory=list)
    working_dir: str = ""
    ports: list[ContainerPort] = Field(default_factory=list)
    env: list[EnvVar] = Field(default_factory=list)
    env_from: list[EnvFromSource] = Field(default_factory=list)
    resources: ResourceRequirements = Field(default_factory=ResourceRequirements)
    resize_policy: list[ContainerResizePolicy] = Field(default_factory=list)
    restart_policy: str = ""
    restart_policy_rules: list[ContainerRestartRule] = Field(default_factory=list)
    volume_mounts: list[VolumeMount] = Field(default_factory=list)
    volume_devices: list[VolumeDevice] = Field(default_factory=list)
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None
    startup_probe: Probe | None = None
    lifecycle: Lifecycle | None = None
    termination_message_path: str = "/dev/termination-log"
    termination_message_policy: str = "File"
    image_pull_policy: str = "IfNotPresent"
    security_context: SecurityContext | None = None
    stdin: bool = False
    stdin_once: bool = False
    tty: bool = False


class EphemeralContainer(Container):
    """A container added to a running pod; it has no ports, probes or resources of its own."""

    target_container_name: str = ""


class NodeSelectorRequirement(Model):
    key: str
    operator: str
    values: list[str] = Field(default_factory=list)


class NodeSelectorTerm(Model):
    match_expressions: list[NodeSelectorRequirement] = Field(default_factory=list)
    match_fields: list[NodeSelectorRequirement] = Field(default_factory=list)


class NodeSelector(Model):
    node_selector_terms: list[NodeSelectorTerm] = Field(default_factory=list)


class PreferredSchedulingTerm(Model):
    weight: int
    preference: NodeSelectorTerm = Field(default_factory=NodeSelectorTerm)


class NodeAffinity(Model):
    required: NodeSelector | None = Field(None, alias="requiredDuringSchedulingIgnoredDuringExecution")
    preferred: list[PreferredSchedulingTerm] = Field(
        default_factory=list, alias="preferredDuringSchedulingIgnoredDuringExecution"
    )


class PodAffinityTerm(Model):
    label_selector: LabelSelector | None = None
    namespaces: list[str] = Field(default_factory=list)
    topology_key: str
    namespace_selector: LabelSelector | None = None
    match_label_keys: list[str] = Field(default_factory=list)
    mismatch_label_keys: list[str] = Field(default_factory=list)


class WeightedPodAffinityTerm(Model):
    weight: int
    pod_affinity_term: PodAffinityTerm


class PodAffinity(Model):
    """``podAffinity`` and ``podAntiAffinity``, which have the same shape."""

    required: list[PodAffinityTerm] = Field(
        default_factory=list, alias="requiredDuringSchedulingIgnoredDuringExecution"
    )
    preferred: list[WeightedPodAffinityTerm] = Field(
        default_factory=list, alias="preferredDuringSchedulingIgnoredDuringExecution"
    )


class Affinity(Model):
    node_affinity: NodeAffinity | None = None
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAffinity | None = None


class Taint(Model):
    key: str
    value: str = ""
    effect: str
    time_added: Time | None = None


class Toleration(Model):
    """An empty key with ``Exists`` tolerates everything; an empty effect tolerates every effect."""

    key: str = ""
    operator: str = "Equal"
    value: str = ""
    effect: str = ""
    toleration_seconds: int | None = None


class Sysctl(Model):
    name: str
    value: str


class PodSecurityContext(Model):
    run_as_user: int | None = None
    run_as_group: int | None = None
    run_as_non_root: bool | None = None
    fs_group: int | None = None
    fs_group_change_policy: str = ""
    supplemental_groups: list[int] = Field(default_factory=list)
    supplemental_groups_policy: str = ""
    sysctls: list[Sysctl] = Field(default_factory=list)


class HostAlias(Model):
    ip: str
    hostnames: list[str] = Field(default_factory=list)


class PodDNSConfigOption(Model):
    name: str = ""
    value: str | None = None


class PodDNSConfig(Model):
    nameservers: list[str] = Field(default_factory=list)
    searches: list[str] = Field(default_factory=list)
    options: list[PodDNSConfigOption] = Field(default_factory=list)


class PodReadinessGate(Model):
    condition_type: str


class PodSchedulingGate(Model):
    name: str


class TopologySpreadConstraint(Model):
    max_skew: int
    topology_key: str
    when_unsatisfiable: str
    label_selector: LabelSelector | None = None
    min_domains: int | None = None
    node_affinity_policy: str | None = None
    node_taints_policy: str | None = None
    match_label_keys: list[str] = Field(default_factory=list)


class PodSpec(Model):
    volumes: list[Volume] = Field(default_factory=list)
    init_containers: list[Container] = Field(default_factory=list)
    containers: list[Container] = Field(default_factory=list)
    ephemeral_containers: list[EphemeralContainer] = Field(default_factory=list)
    restart_policy: str = "Always"
    termination_grace_period_seconds: int = 30
    active_deadline_seconds: int | None = None
    dns_policy: str = "ClusterFirst"
    dns_config: PodDNSConfig | None = None
    node_selector: dict[str, str] = Field(default_factory=dict)
    service_account_name: str = ""
    node_name: str = ""
    host_network: bool = False
    host_pid: bool = Field(False, alias="hostPID")
    host_ipc: bool = Field(False, alias="hostIPC")
    share_process_namespace: bool = False
    security_context: PodSecurityContext = Field(default_factory=PodSecurityContext)
    hostname: str = ""
    subdomain: str = ""
    set_hostname_as_fqdn: bool = Field(False, alias="setHostnameAsFQDN")
    hostname_override: str | None = None
    host_aliases: list[HostAlias] = Field(default_factory=list)
    enable_service_links: bool = True
    affinity: Affinity | None = None
    scheduler_name: str = "default-scheduler"
    tolerations: list[Toleration] = Field(default_factory=list)
    priority_class_name: str = ""
    priority: int = 0
    preemption_policy: str = ""
    readiness_gates: list[PodReadinessGate] = Field(default_factory=list)
    scheduling_gates: list[PodSchedulingGate] = Field(default_factory=list)
    topology_spread_constraints: list[TopologySpreadConstraint] = Field(default_factory=list)
    overhead: dict[str, str] = Field(default_factory=dict)
    resources: ResourceRequirements = Field(default_factory=ResourceRequirements)


class PodCondition(Condition):
    last_probe_time: Time | None = None


class ContainerStateWaiting(Model):
    reason: str = ""
    message: str = ""


class ContainerStateRunning(Model):
    started_at: Time | None = None


class ContainerStateTerminated(Model):
    exit_code: int
    signal: int = 0
    reason: str = ""
    message: str = ""
    started_at: Time | None = None
    finished_at: Time | None = None
    container_id: str = Field("", alias="containerID")


class ContainerState(Model):
    """Exactly one of the three is set; none at all means waiting."""

    waiting: ContainerStateWaiting | None = None
    running: ContainerStateRunning | None = None
    terminated: ContainerStateTerminated | None = None


class VolumeMountStatus(Model):
    name: str
    mount_path: str
    read_only: bool = False
    recursive_read_only: str = ""


class LinuxContainerUser(Model):
    uid: int
    gid: int
    supplemental_groups: list[int] = Field(default_factory=list)


class ContainerUser(Model):
    linux: LinuxContainerUser | None = None


class ContainerStatus(Model):
    name: str
    state: ContainerState = Field(default_factory=ContainerState)
    last_state: ContainerState = Field(default_factory=ContainerState)
    ready: bool
    restart_count: int
    image: str
    image_id: str = Field(alias="imageID")
    container_id: str = Field("", alias="containerID")
    started: bool | None = None
    allocated_resources: dict[str, str] = Field(default_factory=dict)
    resources: ResourceRequirements | None = None
    volume_mounts: list[VolumeMountStatus] = Field(default_factory=list)
    user: ContainerUser | None = None
    stop_signal: str = ""


class PodIP(Model):
    ip: str


class HostIP(Model):
    ip: str


class PodStatus(Model):
    phase: str = ""
    conditions: list[PodCondition] = Field(default_factory=list)
    message: str = ""
    reason: str = ""
    nominated_node_name: str = ""
    host_ip: str = Field("", alias="hostIP")
    host_ips: list[HostIP] = Field(default_factory=list, alias="hostIPs")
    pod_ip: str = Field("", alias="podIP")
    pod_ips: list[PodIP] = Field(default_factory=list, alias="podIPs")
    start_time: Time | None = None
    init_container_statuses: list[ContainerStatus] = Field(default_factory=list)
    container_statuses: list[ContainerStatus] = Field(default_factory=list)
    ephemeral_container_statuses: list[ContainerStatus] = Field(default_factory=list)
    qos_class: str = ""
    allocated_resources: dict[str, str] = Field(default_factory=dict)
    resources: ResourceRequirements | None = None
    observed_generation: int = 0


class Pod(Object):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Pod"

    spec: PodSpec = Field(default_factory=PodSpec)
    status: PodStatus = Field(default_factory=PodStatus)

    @property
    def deleting(self) -> bool:
        return self.metadata.deletion_timestamp is not None

    @property
    def finished(self) -> bool:
        """Whether no container will ever run again."""
        return self.status.phase in TERMINAL

    def condition(self, kind: str) -> PodCondition | None:
        """Return the condition of that type, when the pod has it."""
        # A loop, because controllers ask this of every pod of an owner again and again.
        for entry in self.status.conditions:
            if entry.type == kind:
                return entry
        return None

    @property
    def ready(self) -> bool:
        found = self.condition("Ready")
        return found is not None and found.status == "True"
