"""What can be set about a kubelet."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from apimachinery.types.pod import Taint
from kubelet.eviction.thresholds import DEFAULT_HARD, Threshold, parse_thresholds
from kubelet.fake.catalogue import UNPULLABLE


@dataclass(frozen=True, slots=True)
class Settings:
    """Passed whole to whoever needs some of it; the command line fills it. Defaults are upstream's."""

    node_name: str
    """The node's name in the API, and its ``kubernetes.io/hostname``."""

    node_labels: Mapping[str, str] = field(default_factory=dict)
    """Labels that the node is registered with, beside the well-known ones."""

    node_ip: str = ""
    """The node's address. Empty means the first address of the range of its pods."""

    node_annotations: Mapping[str, str] = field(default_factory=dict)
    """Annotations that the node is registered with."""

    register_node: bool = True
    """Whether the node is created when it is not there. If not, somebody else has to."""

    register_schedulable: bool = True
    """Whether the scheduler may use the node from the start, or only once it is uncordoned."""

    provider_id: str = ""
    """How a cloud provider would name the machine (``spec.providerID``)."""

    register_with_taints: tuple[Taint, ...] = ()
    """Taints that the node is registered with. They are not put back once somebody has removed them."""

    cpu: str = "4"
    """Processors that the node offers, as a quantity."""

    memory: str = "8Gi"
    """Memory that the node offers, as a quantity."""

    ephemeral_storage: str = "100Gi"
    """Disk space that the node offers, as a quantity."""

    max_pods: int = 110
    """How many pods the node takes."""

    extended_resources: Mapping[str, str] = field(default_factory=dict)
    """What else the node offers, such as ``nvidia.com/gpu``, as quantities."""

    images: tuple[str, ...] = ()
    """Images that are on the node from the start."""

    unpullable_images: tuple[str, ...] = UNPULLABLE
    """Patterns of the images that no node of the process can pull: ``*:404``, ``registry.example.com``."""

    system_reserved: Mapping[str, str] = field(default_factory=dict)
    """What of the node is kept for the system, as quantities by resource name."""

    kube_reserved: Mapping[str, str] = field(default_factory=dict)
    """What of the node is kept for Kubernetes' own parts, as quantities by resource name."""

    eviction_thresholds: tuple[Threshold, ...] = parse_thresholds(DEFAULT_HARD, {}, {}, {})
    """How little may be left of the node before pods are ended."""

    eviction_pressure_transition_period: float = 300.0
    """For how many seconds a node stays under pressure after that has gone."""

    eviction_max_pod_grace_period: int = 0
    """The most seconds that a pod has to end when a soft threshold is met."""

    image_gc_high_threshold: int = 85
    """From how many per cent of the disk in use images are removed that nobody uses; 100 never removes any."""

    image_gc_low_threshold: int = 80
    """Down to how many per cent of the disk they are."""

    minimum_image_ttl_duration: float = 120.0
    """For how many seconds an image is kept even if nobody uses it."""

    container_log_max_size: str = "10Mi"
    """At what size a container's log file is rotated, as a quantity; a negative one never does."""

    container_log_max_files: int = 5
    """As many log files of a container are kept."""

    shutdown_grace_period: float = 0.0
    """For how many seconds the node's end waits for its pods to end. 0 does not end them: they go with the process."""

    shutdown_grace_period_critical_pods: float = 0.0
    """How many of those seconds, the last ones, are for critical pods."""

    state_dir: str = ""
    """The folder in which the node keeps its pods for the next process of that node. Empty keeps nothing."""

    pod_cidr: str = ""
    """The range of the pods' addresses until the API server tells; with it, static pods need no API server."""

    register_pod_cidr: bool = False
    """Whether the node is registered with that range, for whoever gives ranges to nodes to leave it alone."""

    pod_manifest_path: str = ""
    """A folder of manifests of static pods, or one such file. Empty for none."""

    mirror_static_pods: bool = False
    """Whether static pods are shown in the API, as upstream does, or kept out of it."""

    node_status_update_frequency: float = 10.0
    """Every how many seconds the node's status is looked at, and written when something in it has changed."""

    node_status_report_frequency: float = 300.0
    """After how many seconds an unchanged status is written all the same, for its heartbeat times."""

    exposed_host_paths: Mapping[str, str] = field(default_factory=dict)
    """Folders of this machine, by the path at which pods see them on the node, to be read only."""

    serialize_image_pulls: bool = True
    """Whether images are pulled one after the other."""

    max_parallel_image_pulls: int | None = None
    """How many images are pulled at once when they are not pulled one after the other; ``None`` for any number."""

    sync_frequency: float = 60.0
    """Every how many seconds tokens in volumes are looked at, and files that could not be brought up to date are."""

    lease_duration: int = 40
    """For how many seconds a heartbeat counts. The lease is renewed four times as often."""

    healthz_port: int = 10248
    """Port of the kubelet's own health server; 0 for none."""

    healthz_bind_address: str = ""
    """Address of the health server. Empty means the node's own address on the pod network, which lets several
    kubelets share a machine."""

    port: int = 10250
    """Port of the kubelet's server (logs, pods, metrics, debugging); 0 for none."""

    address: str = ""
    """Address of the kubelet's server. Empty means each node's own address on the pod network; ``0.0.0.0`` is one
    listener for the addresses of all nodes."""

    cluster_dns: tuple[str, ...] = ("127.64.0.10",)
    """Name servers of pods with ``dnsPolicy: ClusterFirst``; the default is for the Service of the cluster's DNS."""

    cluster_domain: str = "cluster.local"
    """The domain below which Services have their names."""

    resolv_conf: str = ""
    """A file of this machine to be taken for the node's resolver file; empty for a made-up one."""

    seed: int | None = None
    """Seed of everything that is drawn at random: ids, jitter. ``None`` takes one from the system."""

    def rng(self, purpose: str) -> random.Random:
        """Return a generator for one purpose, so that draws for one do not shift those for another."""
        return random.Random() if self.seed is None else random.Random(f"{self.seed}/{self.node_name}/{purpose}")
