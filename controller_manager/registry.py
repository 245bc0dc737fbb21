"""Which controllers there are, and which of them run (``cmd/kube-controller-manager/names``, v1.36)."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from controller_manager.autoscaling.controller import HorizontalPodAutoscalerController
from controller_manager.controller import Constructor
from controller_manager.cronjobs.controller import CronJobController
from controller_manager.daemonset.controller import DaemonSetController
from controller_manager.deployment.controller import DeploymentController
from controller_manager.disruption.controller import DisruptionController
from controller_manager.endpoints.endpoints_controller import EndpointsController
from controller_manager.endpoints.mirroring_controller import EndpointSliceMirroringController
from controller_manager.endpoints.slice_controller import EndpointSliceController
from controller_manager.garbagecollector import GarbageCollector
from controller_manager.jobs.controller import JobController
from controller_manager.namespace import NamespaceController
from controller_manager.namespace_contents import root_certificates, service_accounts
from controller_manager.node_ipam import NodeIpamController
from controller_manager.nodes.lifecycle import NodeLifecycleController
from controller_manager.nodes.pod_gc import PodGarbageCollector
from controller_manager.nodes.taint_eviction import TaintEvictionController
from controller_manager.replicaset import replica_sets, replication_controllers
from controller_manager.resource_quota import ResourceQuotaController
from controller_manager.service_lb import ServiceLBController
from controller_manager.statefulset.controller import StatefulSetController
from controller_manager.ttl_after_finished import TtlAfterFinishedController
from controller_manager.volumes.binder import PersistentVolumeBinder
from controller_manager.volumes.ephemeral import EphemeralVolumes
from controller_manager.volumes.expander import VolumeExpander
from controller_manager.volumes.protection import AttributesClassProtection, ClaimProtection, VolumeProtection

ALL = "*"


def controllers() -> Mapping[str, Constructor]:
    """Return every controller's constructor by its upstream name."""
    return {
        "cronjob-controller": CronJobController,
        "daemonset-controller": DaemonSetController,
        "deployment-controller": DeploymentController,
        "disruption-controller": DisruptionController,
        "endpoints-controller": EndpointsController,
        "endpointslice-controller": EndpointSliceController,
        "endpointslice-mirroring-controller": EndpointSliceMirroringController,
        "ephemeral-volume-controller": EphemeralVolumes,
        "garbage-collector-controller": GarbageCollector,
        "horizontal-pod-autoscaler-controller": HorizontalPodAutoscalerController,
        "job-controller": JobController,
        "namespace-controller": NamespaceController,
        "node-ipam-controller": NodeIpamController,
        "node-lifecycle-controller": NodeLifecycleController,
        "persistentvolume-binder-controller": PersistentVolumeBinder,
        "persistentvolume-expander-controller": VolumeExpander,
        "persistentvolume-protection-controller": VolumeProtection,
        "persistentvolumeclaim-protection-controller": ClaimProtection,
        "pod-garbage-collector-controller": PodGarbageCollector,
        "replicaset-controller": replica_sets,
        "replicationcontroller-controller": replication_controllers,
        "resourcequota-controller": ResourceQuotaController,
        "root-ca-certificate-publisher-controller": root_certificates,
        "service-lb-controller": ServiceLBController,
        "serviceaccount-controller": service_accounts,
        "statefulset-controller": StatefulSetController,
        "taint-eviction-controller": TaintEvictionController,
        "ttl-after-finished-controller": TtlAfterFinishedController,
        "volumeattributesclass-protection-controller": AttributesClassProtection,
    }


def aliases() -> Mapping[str, str]:
    """Return the older names that ``--controllers`` takes as well."""
    return {
        "cronjob": "cronjob-controller",
        "daemonset": "daemonset-controller",
        "deployment": "deployment-controller",
        "disruption": "disruption-controller",
        "endpoint": "endpoints-controller",
        "endpointslice": "endpointslice-controller",
        "endpointslicemirroring": "endpointslice-mirroring-controller",
        "ephemeral-volume": "ephemeral-volume-controller",
        "garbagecollector": "garbage-collector-controller",
        "horizontalpodautoscaling": "horizontal-pod-autoscaler-controller",
        "job": "job-controller",
        "namespace": "namespace-controller",
        "nodeipam": "node-ipam-controller",
        "nodelifecycle": "node-lifecycle-controller",
        "persistentvolume-binder": "persistentvolume-binder-controller",
        "persistentvolume-expander": "persistentvolume-expander-controller",
        "podgc": "pod-garbage-collector-controller",
        "pv-protection": "persistentvolume-protection-controller",
        "pvc-protection": "persistentvolumeclaim-protection-controller",
        "replicaset": "replicaset-controller",
        "replicationcontroller": "replicationcontroller-controller",
        "resourcequota": "resourcequota-controller",
        "root-ca-cert-publisher": "root-ca-certificate-publisher-controller",
        "service": "service-lb-controller",
        "serviceaccount": "serviceaccount-controller",
        "statefulset": "statefulset-controller",
        "ttl-after-finished": "ttl-after-finished-controller",
    }


def unknown_names(selection: Iterable[str], known: Collection[str]) -> list[str]:
    """Return the entries of a ``--controllers`` list that name no controller."""
    older = aliases()
    return [entry for entry in selection if entry != ALL and older.get(_bare(entry), _bare(entry)) not in known]


def enabled(name: str, selection: Sequence[str]) -> bool:
    """Return whether the ``--controllers`` list ``selection`` has the controller ``name`` run.

    The first entry that names it decides, as upstream's ``IsControllerEnabled``; ``*`` stands for those unnamed.
    """
    older = aliases()
    for entry in selection:
        if entry != ALL and older.get(_bare(entry), _bare(entry)) == name:
            return not entry.startswith("-")
    return ALL in selection


def _bare(entry: str) -> str:
    return entry.removeprefix("-")
