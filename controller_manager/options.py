"""Options of the command line, by what they are about; names and defaults are upstream's."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from componentbase.option_kinds import all_of, count, duration, rate, switch
from controller_manager.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])

_DEFAULTS = Settings()


def _at_once(option: str, what: str) -> Callable[[F], F]:
    """Add an option that says on how many keys a controller works at once."""
    default: int = getattr(_DEFAULTS, option.removeprefix("--").replace("-", "_"))
    return count(option, default=default, what=what, minimum=1)


network_options = all_of(
    switch(
        "--allocate-node-cidrs",
        default=_DEFAULTS.allocate_node_cidrs,
        what="Whether every node is given a range of pod addresses.",
    ),
    click.option(
        "--cluster-cidr",
        default=_DEFAULTS.cluster_cidr,
        show_default=True,
        metavar="CIDR",
        help="The range that nodes' ranges are taken from.",
    ),
    click.option(
        "--load-balancer-cidr",
        default=_DEFAULTS.load_balancer_cidr,
        show_default=True,
        metavar="CIDR",
        help="The IPv4 range that the addresses of Services of type LoadBalancer are taken from. Must not overlap with "
        "the ranges of pods and of cluster addresses.",
    ),
    count(
        "--node-cidr-mask-size",
        default=_DEFAULTS.node_cidr_mask_size,
        what="Prefix length of one node's range.",
        minimum=1,
        maximum=128,
    ),
)
"""Options about ranges of addresses."""

sync_options = all_of(
    _at_once("--concurrent-daemonset-syncs", "How many DaemonSets are brought in line at once."),
    _at_once("--concurrent-deployment-syncs", "How many Deployments are brought one step further at once."),
    _at_once("--concurrent-replicaset-syncs", "How many ReplicaSets are brought in line at once."),
    _at_once("--concurrent-rc-syncs", "How many ReplicationControllers are brought in line at once."),
    _at_once("--concurrent-job-syncs", "How many Jobs are brought in line at once."),
    _at_once("--concurrent-cron-job-syncs", "How many CronJobs are looked at at once."),
    _at_once("--concurrent-ttl-after-finished-syncs", "How many Jobs that have ended are looked at at once."),
    _at_once("--concurrent-statefulset-syncs", "How many StatefulSets are brought one step further at once."),
    _at_once("--concurrent-service-syncs", "How many Services are given a load balancer's address at once."),
    _at_once("--concurrent-horizontal-pod-autoscaler-syncs", "How many autoscalers are looked at at once."),
    _at_once("--concurrent-resource-quota-syncs", "How many quotas are counted at once."),
    _at_once("--concurrent-gc-syncs", "How many objects are garbage-collected at once."),
    _at_once("--concurrent-namespace-syncs", "How many namespaces are emptied at once."),
)
"""Options about how much is done at once."""

quota_options = duration(
    "--resource-quota-sync-period",
    default=_DEFAULTS.resource_quota_sync_period,
    what="How often each quota is counted, whatever happens.",
    positive=True,
)
"""The option about quotas."""

volume_options = switch(
    "--enable-dynamic-provisioning",
    default=_DEFAULTS.enable_dynamic_provisioning,
    what="Whether volumes are made for claims. A cluster without a storage class 'standard' gets one at the start.",
)
"""The option about volumes."""

endpoint_options = all_of(
    _at_once("--concurrent-endpoint-syncs", "How many Endpoints are brought in line at once."),
    _at_once("--concurrent-service-endpoint-syncs", "For how many Services slices are written at once."),
    _at_once(
        "--mirroring-concurrent-service-endpoint-syncs", "Of how many hand-made Endpoints slices are written at once."
    ),
    count(
        "--max-endpoints-per-slice",
        default=_DEFAULTS.max_endpoints_per_slice,
        what="How many endpoints one slice takes.",
        minimum=1,
        maximum=1000,
    ),
    count(
        "--mirroring-max-endpoints-per-subset",
        default=_DEFAULTS.mirroring_max_endpoints_per_subset,
        what="How many addresses of one subset of hand-made Endpoints are mirrored.",
        minimum=1,
        maximum=1000,
    ),
    duration(
        "--endpoint-updates-batch-period",
        default=_DEFAULTS.endpoint_updates_batch_period,
        what="For how long changes of pods are collected before Endpoints change.",
    ),
    duration(
        "--endpointslice-updates-batch-period",
        default=_DEFAULTS.endpointslice_updates_batch_period,
        what="For how long changes of pods are collected before slices change.",
    ),
    duration(
        "--mirroring-endpointslice-updates-batch-period",
        default=_DEFAULTS.mirroring_endpointslice_updates_batch_period,
        what="For how long changes of hand-made Endpoints are collected before slices change.",
    ),
)
"""Options about Endpoints and EndpointSlices."""

node_options = all_of(
    duration("--node-monitor-period", default=_DEFAULTS.node_monitor_period, what="How often nodes are looked at."),
    duration(
        "--node-monitor-grace-period",
        default=_DEFAULTS.node_monitor_grace_period,
        what="How long a node may show no sign of life until it is unreachable.",
    ),
    duration(
        "--node-startup-grace-period",
        default=_DEFAULTS.node_startup_grace_period,
        what="The same for a node that has never told its status.",
    ),
    rate(
        "--node-eviction-rate",
        default=_DEFAULTS.node_eviction_rate,
        what="How many nodes of a zone a second lose their pods because they are not ready.",
    ),
    rate(
        "--secondary-node-eviction-rate",
        default=_DEFAULTS.secondary_node_eviction_rate,
        what="The same in a large zone of which many nodes are not ready; none do in a small one.",
    ),
    count(
        "--large-cluster-size-threshold",
        default=_DEFAULTS.large_cluster_size_threshold,
        what="Zones of more nodes than this are large.",
    ),
    rate(
        "--unhealthy-zone-threshold",
        default=_DEFAULTS.unhealthy_zone_threshold,
        what="From which share of nodes that are not ready, and at least three of them, a zone is disrupted.",
        highest=1.0,
    ),
    count(
        "--terminated-pod-gc-threshold",
        default=_DEFAULTS.terminated_pod_gc_threshold,
        what="How many pods that have ended are kept. 0 keeps all.",
    ),
    switch(
        "--reschedule-bare-pods",
        default=_DEFAULTS.reschedule_bare_pods,
        what="Whether pods that no controller owns are created anew, under another name, when their node is lost.",
    ),
)
"""Options about nodes that are lost, and their pods."""

autoscaler_options = all_of(
    duration(
        "--horizontal-pod-autoscaler-sync-period",
        default=_DEFAULTS.horizontal_pod_autoscaler_sync_period,
        what="How often each autoscaler is looked at.",
        positive=True,
    ),
    duration(
        "--horizontal-pod-autoscaler-downscale-stabilization",
        default=_DEFAULTS.horizontal_pod_autoscaler_downscale_stabilization,
        what="For how long the largest number of replicas that was recommended holds, where no behavior says.",
    ),
    rate(
        "--horizontal-pod-autoscaler-tolerance",
        default=_DEFAULTS.horizontal_pod_autoscaler_tolerance,
        what="By what share of its target a metric may be off before the number of replicas changes.",
    ),
    duration(
        "--horizontal-pod-autoscaler-cpu-initialization-period",
        default=_DEFAULTS.horizontal_pod_autoscaler_cpu_initialization_period,
        what="For how long after its start a pod's use of CPU counts only once it is ready.",
    ),
    duration(
        "--horizontal-pod-autoscaler-initial-readiness-delay",
        default=_DEFAULTS.horizontal_pod_autoscaler_initial_readiness_delay,
        what="A pod that was last not ready so soon after its start has never been ready.",
    ),
)
"""Options about autoscalers."""
