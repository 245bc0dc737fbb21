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
    """A plugin by name; ``*`` among the disabled ones stands for all."""

    name: str
    weight: int = 0
    """What its scores are multiplied by; 0 means 1."""


class PluginSet(ConfigModel):
    enabled: tuple[PluginRef, ...] = ()
    disabled: tuple[PluginRef, ...] = ()


class Plugins(ConfigModel):
    """What is switched on and off at each point; ``multi_point`` is for all points that a plugin implements."""

    multi_point: PluginSet = PluginSet()
    pre_enqueue: PluginSet = PluginSet()
    queue_sort: PluginSet = PluginSet()
    pre_filter: PluginSet = PluginSet()
    filter: PluginSet = PluginSet()
    post_filter: PluginSet = PluginSet()
    pre_score: PluginSet = PluginSet()
    score: PluginSet = PluginSet()
    reserve: PluginSet = PluginSet()
    permit: PluginSet = PluginSet()
    pre_bind: PluginSet = PluginSet()
    bind: PluginSet = PluginSet()
    post_bind: PluginSet = PluginSet()


class PluginConfig(ConfigModel):
    name: str
    args: Any = None


class KubeSchedulerProfile(ConfigModel):
    scheduler_name: str = DEFAULT_SCHEDULER_NAME
    percentage_of_nodes_to_score: int | None = None
    """Accepted, and of no effect: all nodes are always looked at, since that costs no more than choosing some."""
    plugins: Plugins = Plugins()
    plugin_config: tuple[PluginConfig, ...] = ()


class LeaderElectionConfiguration(ConfigModel):
    leader_elect: bool = True
    lease_duration: str = "15s"
    renew_deadline: str = "10s"
    retry_period: str = "2s"
    resource_lock: str = "leases"
    resource_name: str = "kube-scheduler"
    resource_namespace: str = "kube-system"


class ClientConnectionConfiguration(ConfigModel):
    """Accepted as far as it says how to talk; which server it is, ``--server`` says."""

    kubeconfig: str = ""
    accept_content_types: str = ""
    content_type: str = "application/vnd.kubernetes.protobuf"
    qps: float = 50
    burst: int = 100


class KubeSchedulerConfiguration(ConfigModel):
    api_version: str
    kind: str
    parallelism: int = 16
    """Accepted: a cycle looks at all nodes at once."""
    leader_election: LeaderElectionConfiguration = LeaderElectionConfiguration()
    client_connection: ClientConnectionConfiguration = ClientConnectionConfiguration()
    enable_profiling: bool = True
    enable_contention_profiling: bool = True
    percentage_of_nodes_to_score: int | None = None
    """Accepted, as a profile's own."""
    pod_initial_backoff_seconds: int = 1
    pod_max_backoff_seconds: int = 10
    profiles: tuple[KubeSchedulerProfile, ...] = (KubeSchedulerProfile(),)
    extenders: tuple[dict[str, Any], ...] = ()
    delay_cache_until_active: bool = False
