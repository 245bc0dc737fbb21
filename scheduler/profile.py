"""The default profile: which plugins decide, in which order, and how much their scores weigh."""

from scheduler.framework.interface import EnabledPlugin, Profile
from scheduler.framework.pod_info import DEFAULT_SCHEDULER_NAME


def default_profile() -> Profile:
    """Return the profile of pods that do not choose a scheduler.

    Order and weights are upstream's (v1.36) as far as the plugins exist here; ReplicaSpread comes on top.
    """
    return Profile(
        DEFAULT_SCHEDULER_NAME,
        (
            EnabledPlugin("SchedulingGates"),
            EnabledPlugin("PrioritySort"),
            EnabledPlugin("NodeUnschedulable"),
            EnabledPlugin("NodeName"),
            EnabledPlugin("TaintToleration", weight=3),
            EnabledPlugin("NodeAffinity", weight=2),
            EnabledPlugin("NodePorts"),
            EnabledPlugin("NodeResourcesFit", weight=1),
            EnabledPlugin("VolumeRestrictions"),
            EnabledPlugin("NodeVolumeLimits"),
            EnabledPlugin("VolumeBinding"),
            EnabledPlugin("VolumeZone"),
            EnabledPlugin("PodTopologySpread", weight=2),
            EnabledPlugin("InterPodAffinity", weight=2),
            EnabledPlugin("DefaultPreemption"),
            EnabledPlugin("NodeResourcesBalancedAllocation", weight=1),
            EnabledPlugin("ImageLocality", weight=1),
            EnabledPlugin("ReplicaSpread", weight=1),
            EnabledPlugin("DefaultBinder"),
        ),
    )
