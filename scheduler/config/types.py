"""What the file holds, with upstream's names and defaults (``k8s.io/kube-scheduler/config/v1``, v1.36)."""

from typing import Any

from scheduler.config.args import ConfigModel
from scheduler.framework.pod_info import DEFAULT_SCHEDULER_NAME

API_VERSION = "kubescheduler.config.k8s.io/v1"
KIND = "KubeSchedulerConfiguration"

POINTS = (
    "preEnqueue", "queueSort", "preFilter", "filter", "postFilter", "preScore", "score", "reserve", "permit",
    "preBind", "bind", "postBind",
)  # fmt: skip
"""The extension points, as the file spells them, in the order in which a pod meets them."""


class PluginRef(ConfigModel):
    """A plugin by name."""

    name: str
    """Its name; ``*`` among the disabled ones stands for all."""
    weight: int = 0
    """What its scores are multiplied by; 0 means 1."""


class PluginSet(ConfigModel):
    """What is switched on and off; the default plugins that are not switched off stay, before the others."""

    enabled: tuple[PluginRef, ...] = ()
    """Plugins in the order in which they are asked. One of the default ones keeps its place, with another weight."""
    disabled: tuple[PluginRef, ...] = ()
    """Default plugins that are not asked."""


class Plugins(ConfigModel):
    """What is switched on and off at each extension point."""

    multi_point: PluginSet = PluginSet()
    """At all points that a plugin implements."""
    pre_enqueue: PluginSet = PluginSet()
    """Before a pod may be tried at all."""
    queue_sort: PluginSet = PluginSet()
    """Which pod is tried next: one plugin, the same in all profiles."""
    pre_filter: PluginSet = PluginSet()
    """What is worked out about a pod before nodes are looked at."""
    filter: PluginSet = PluginSet()
    """Which nodes a pod can be on."""
    post_filter: PluginSet = PluginSet()
    """What is done when it can be on none."""
    pre_score: PluginSet = PluginSet()
    """What is worked out before nodes are compared."""
    score: PluginSet = PluginSet()
    """How good each node is."""
    reserve: PluginSet = PluginSet()
    """What is set aside on the chosen node."""
    permit: PluginSet = PluginSet()
    """Whether the pod has to wait there."""
    pre_bind: PluginSet = PluginSet()
    """What is to be done before it is bound."""
    bind: PluginSet = PluginSet()
    """How it is bound."""
    post_bind: PluginSet = PluginSet()
    """What is done afterwards."""


class PluginConfig(ConfigModel):
    """A plugin's arguments."""

    name: str
    """The plugin's name."""
    args: Any = None
    """What the plugin takes: one of the types below for the plugin that it is named after, or what yours wants."""


class KubeSchedulerProfile(ConfigModel):
    """A scheduler, as pods see it."""

    scheduler_name: str = DEFAULT_SCHEDULER_NAME
    """What pods name in ``spec.schedulerName`` to be scheduled by it."""
    percentage_of_nodes_to_score: int | None = None
    """Accepted, and of no effect: all nodes are always looked at, since that costs no more than choosing some."""
    plugins: Plugins = Plugins()
    """What is otherwise than in the default profile."""
    plugin_config: tuple[PluginConfig, ...] = ()
    """Arguments of plugins, each once."""


class LeaderElectionConfiguration(ConfigModel):
    """How one of several schedulers is found. Where the file has it, it counts instead of the options."""

    leader_elect: bool = True
    """Whether there is an election; without, it works at once."""
    lease_duration: str = "15s"
    """How long others wait for a leader that does not renew."""
    renew_deadline: str = "10s"
    """How long a leader tries to renew before it ends; less than ``leaseDuration``."""
    retry_period: str = "2s"
    """The pause between tries."""
    resource_lock: str = "leases"
    """``leases``, and nothing else."""
    resource_name: str = "kube-scheduler"
    """The Lease's name."""
    resource_namespace: str = "kube-system"
    """Its namespace."""


class ClientConnectionConfiguration(ConfigModel):
    """Accepted, and of no effect: which server it is, ``--server`` says."""

    kubeconfig: str = ""
    """Not read."""
    accept_content_types: str = ""
    """It is JSON."""
    content_type: str = "application/vnd.kubernetes.protobuf"
    """It is JSON."""
    qps: float = 50
    """Requests are not held back."""
    burst: int = 100
    """Requests are not held back."""


class KubeSchedulerConfiguration(ConfigModel):
    """The file."""

    api_version: str
    """``kubescheduler.config.k8s.io/v1``"""
    kind: str
    """``KubeSchedulerConfiguration``"""
    parallelism: int = 16
    """Accepted, and of no effect: a cycle looks at all nodes at once."""
    leader_election: LeaderElectionConfiguration = LeaderElectionConfiguration()
    """How one of several schedulers is found."""
    client_connection: ClientConnectionConfiguration = ClientConnectionConfiguration()
    """Accepted, and of no effect."""
    enable_profiling: bool = True
    """Accepted, and of no effect."""
    enable_contention_profiling: bool = True
    """Accepted, and of no effect."""
    percentage_of_nodes_to_score: int | None = None
    """Accepted, and of no effect: all nodes are always looked at."""
    pod_initial_backoff_seconds: int = 1
    """How long a pod rests after its first failed try; twice as long after each further one."""
    pod_max_backoff_seconds: int = 10
    """Where the doubling ends."""
    profiles: tuple[KubeSchedulerProfile, ...] = (KubeSchedulerProfile(),)
    """The schedulers that there are, by different names."""
    extenders: tuple[dict[str, Any], ...] = ()
    """Refused: a plugin can do what one does."""
    delay_cache_until_active: bool = False
    """Accepted, and of no effect."""
