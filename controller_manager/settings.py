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

    enable_dynamic_provisioning: bool = True
    """Whether volumes are made for claims, and a new cluster has a storage class to make them by."""

    seed: int | None = None
    """Seed of the jitter in retried watches."""
