"""Which plugins there are."""

from scheduler.framework.interface import Registry
from scheduler.plugins import (
    default_binder,
    default_preemption,
    image_locality,
    inter_pod_affinity,
    node_affinity,
    node_name,
    node_ports,
    node_resources_balanced_allocation,
    node_resources_fit,
    node_unschedulable,
    node_volume_limits,
    pod_topology_spread,
    priority_sort,
    replica_spread,
    scheduling_gates,
    taint_toleration,
    volume_binding,
    volume_restrictions,
    volume_zone,
)


def in_tree_registry() -> Registry:
    """Return the factories of all built-in plugins by name."""
    return {
        "DefaultBinder": default_binder.new,
        "DefaultPreemption": default_preemption.new,
        "ImageLocality": image_locality.new,
        "InterPodAffinity": inter_pod_affinity.new,
        "NodeAffinity": node_affinity.new,
        "NodeName": node_name.new,
        "NodePorts": node_ports.new,
        "NodeResourcesBalancedAllocation": node_resources_balanced_allocation.new,
        "NodeResourcesFit": node_resources_fit.new,
        "NodeUnschedulable": node_unschedulable.new,
        "NodeVolumeLimits": node_volume_limits.new,
        "PodTopologySpread": pod_topology_spread.new,
        "PrioritySort": priority_sort.new,
        "ReplicaSpread": replica_spread.new,
        "SchedulingGates": scheduling_gates.new,
        "TaintToleration": taint_toleration.new,
        "VolumeBinding": volume_binding.new,
        "VolumeRestrictions": volume_restrictions.new,
        "VolumeZone": volume_zone.new,
    }
