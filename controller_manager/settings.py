"""What can be set about the controller manager; the names are those of upstream's options."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Passed whole to whoever needs some of it; the command line fills it."""

    controllers: tuple[str, ...] = ("*",)
    """Which controllers run: ``*`` for all, ``name`` for one more, ``-name`` for one less."""

    concurrent_daemonset_syncs: int = 2
    """How many DaemonSets are brought in line at once."""

    concurrent_deployment_syncs: int = 5
    """How many Deployments are brought one step further at once."""

    concurrent_replicaset_syncs: int = 5
    """How many ReplicaSets are brought in line at once."""

    concurrent_job_syncs: int = 5
    """How many Jobs are brought in line at once."""

    concurrent_cron_job_syncs: int = 5
    """How many CronJobs are looked at at once."""

    concurrent_ttl_after_finished_syncs: int = 5
    """How many Jobs that have ended are looked at at once."""

    concurrent_service_syncs: int = 1
    """How many Services are given addresses of load balancers at once."""

    concurrent_statefulset_syncs: int = 5
    """How many StatefulSets are brought one step further at once."""

    concurrent_rc_syncs: int = 5
    """How many ReplicationControllers are brought in line at once."""

    concurrent_horizontal_pod_autoscaler_syncs: int = 5
    """How many autoscalers are looked at at once."""

    concurrent_resource_quota_syncs: int = 5
    """How many quotas are counted at once."""

    concurrent_gc_syncs: int = 20
    """How many objects are garbage-collected at once."""

    concurrent_namespace_syncs: int = 10
    """How many namespaces are emptied at once."""

    concurrent_endpoint_syncs: int = 5
    """How many Endpoints are brought in line at once."""

    concurrent_service_endpoint_syncs: int = 5
    """For how many Services slices are written at once."""

    mirroring_concurrent_service_endpoint_syncs: int = 5
    """Of how many hand-made Endpoints slices are written at once."""

    max_endpoints_per_slice: int = 100
    """How many endpoints one slice takes."""

    mirroring_max_endpoints_per_subset: int = 1000
    """How many addresses of one subset of hand-made Endpoints are mirrored."""

    endpoint_updates_batch_period: float = 0.0
    """For how many seconds changes of pods are collected before Endpoints change."""

    endpointslice_updates_batch_period: float = 0.0
    """For how many seconds changes of pods are collected before slices change."""

    mirroring_endpointslice_updates_batch_period: float = 0.0
    """For how many seconds changes of hand-made Endpoints are collected before slices change."""

    allocate_node_cidrs: bool = True
    """Whether nodes are given a range of pod addresses."""

    cluster_cidr: str = "127.128.0.0/9"
    """Where those ranges are taken from: loopback, because emulated pods have real sockets there."""

    node_cidr_mask_size: int = 24
    """Prefix length of one node's range."""

    load_balancer_cidr: str = "127.96.0.0/16"
    """Where the addresses of Services of type LoadBalancer are taken from: loopback, where the proxy can listen."""

    node_monitor_period: float = 5.0
    """Every how many seconds nodes are looked at."""

    node_monitor_grace_period: float = 50.0
    """After how many seconds a node that shows no sign of life counts as unreachable."""

    node_startup_grace_period: float = 60.0
    """The same for a node that has never told its status."""

    node_eviction_rate: float = 0.1
    """How many nodes of a zone a second pods are evicted from because the node is not ready."""

    secondary_node_eviction_rate: float = 0.01
    """The same in a large zone of which many nodes are not ready; none are in a small one."""

    large_cluster_size_threshold: int = 50
    """Zones of more nodes than this are large."""

    unhealthy_zone_threshold: float = 0.55
    """From which share of its nodes being not ready, and at least three of them, a zone is disrupted."""

    terminated_pod_gc_threshold: int = 12500
    """How many pods that have ended are kept; 0 for all."""

    reschedule_bare_pods: bool = False
    """Whether pods that no controller owns are created anew when their node has been lost."""

    horizontal_pod_autoscaler_sync_period: float = 15.0
    """Every how many seconds each autoscaler is looked at."""

    horizontal_pod_autoscaler_downscale_stabilization: float = 300.0
    """For how many seconds the largest number of replicas that was recommended holds, where no behavior says."""

    horizontal_pod_autoscaler_tolerance: float = 0.1
    """By what share of its target a metric may be off before the number of replicas changes."""

    horizontal_pod_autoscaler_cpu_initialization_period: float = 300.0
    """For how many seconds after its start a pod's use of CPU counts only once it is ready."""

    horizontal_pod_autoscaler_initial_readiness_delay: float = 30.0
    """A pod that was last not ready within so many seconds of its start has never been ready."""

    resource_quota_sync_period: float = 300.0
    """Every how many seconds each quota is counted, whatever happens."""

    enable_dynamic_provisioning: bool = True
    """Whether volumes are made for claims, and a new cluster has a storage class to make them by."""

    seed: int | None = None
    """Seed of the jitter in retried watches."""
