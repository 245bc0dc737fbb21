"""The arguments of the built-in plugins, with upstream's names and defaults (``kube-scheduler/config/v1``, v1.36)."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from apimachinery.types.pod import NodeAffinity, TopologySpreadConstraint

LEAST_ALLOCATED = "LeastAllocated"
MOST_ALLOCATED = "MostAllocated"
REQUESTED_TO_CAPACITY_RATIO = "RequestedToCapacityRatio"

SYSTEM_DEFAULTING = "System"
LIST_DEFAULTING = "List"


class ConfigModel(BaseModel):
    """Base of all that the file holds: camelCase, read-only, and nothing in it that is not known."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="forbid",
        frozen=True,
        strict=True,
    )


class PluginArgs(ConfigModel):
    """Base of plugins' arguments; type and version may be left out in a file."""

    api_version: str = ""
    """That of the file."""
    kind: str = ""
    """The name of this table's type."""


class ResourceSpec(ConfigModel):
    """A resource that counts for a score."""

    name: str
    """Such as ``cpu``."""
    weight: int = 1
    """How much it counts beside the others, 1 … 100; 0 means 1."""


class UtilizationShapePoint(ConfigModel):
    """One corner of a function from utilisation in percent, 0 … 100, to a score, 0 … 10."""

    utilization: int
    """How much of a node's resource is asked for, in percent; each point's more than the one's before."""
    score: int
    """What a node with that much is worth."""


class RequestedToCapacityRatioParam(ConfigModel):
    """What the strategy RequestedToCapacityRatio, and no other, needs."""

    shape: tuple[UtilizationShapePoint, ...] = ()
    """The function from what is asked of a node to its score: at least one point."""


_CPU_AND_MEMORY = (ResourceSpec(name="cpu"), ResourceSpec(name="memory"))


class ScoringStrategy(ConfigModel):
    """How nodes that have room are compared."""

    type: str = LEAST_ALLOCATED
    """``LeastAllocated`` spreads pods, ``MostAllocated`` packs them; ``RequestedToCapacityRatio`` has a shape say."""
    resources: tuple[ResourceSpec, ...] = _CPU_AND_MEMORY
    """Which resources count, and how much."""
    requested_to_capacity_ratio: RequestedToCapacityRatioParam | None = None
    """The shape, for the strategy of that name."""


class NodeResourcesFitArgs(PluginArgs):
    """Of the plugin that leaves out nodes without room, and scores the others by theirs."""

    ignored_resources: tuple[str, ...] = ()
    """Extended resources that are not looked at."""
    ignored_resource_groups: tuple[str, ...] = ()
    """The same, by what comes before the slash."""
    scoring_strategy: ScoringStrategy = ScoringStrategy()
    """How nodes that have room are compared."""


class NodeResourcesBalancedAllocationArgs(PluginArgs):
    """Of the plugin that prefers nodes whose resources are used alike."""

    resources: tuple[ResourceSpec, ...] = _CPU_AND_MEMORY
    """Which resources are compared; each weighs 1."""


class NodeAffinityArgs(PluginArgs):
    """Of the plugin that heeds pods' node affinity and node selectors."""

    added_affinity: NodeAffinity | None = None
    """Holds for every pod of the profile, in addition to its own."""


class PodTopologySpreadArgs(PluginArgs):
    """Of the plugin that spreads pods over zones and nodes."""

    default_constraints: tuple[TopologySpreadConstraint, ...] = ()
    """For pods without constraints of their own; selectors come from the pod's owner and Services."""
    defaulting_type: str = SYSTEM_DEFAULTING
    """``System``: the built-in constraints; ``List``: ``defaultConstraints``."""


class InterPodAffinityArgs(PluginArgs):
    """Of the plugin that heeds pods' affinity to other pods."""

    hard_pod_affinity_weight: int = 1
    """How much a required affinity of a pod on a node counts for pods that match it, 0 … 100."""
    ignore_preferred_terms_of_existing_pods: bool = False
    """Whether what pods on nodes prefer counts only for pods that prefer something themselves."""


class DefaultPreemptionArgs(PluginArgs):
    """Of the plugin that has other pods make room. The larger of the two numbers counts."""

    min_candidate_nodes_percentage: int = 10
    """How many nodes to consider at least, in percent of all, 0 … 100."""
    min_candidate_nodes_absolute: int = 100
    """How many nodes to consider at least."""


class VolumeBindingArgs(PluginArgs):
    """Of the plugin that finds volumes for pods' claims."""

    bind_timeout_seconds: int | None = 600
    """How many seconds a pod's volumes may take to be bound or made, before its scheduling starts anew."""
    shape: tuple[UtilizationShapePoint, ...] | None = None
    """Accepted, and of no effect: upstream scores nodes by it with a feature gate that is off."""


ARGS: dict[str, type[PluginArgs]] = {
    "DefaultPreemption": DefaultPreemptionArgs,
    "InterPodAffinity": InterPodAffinityArgs,
    "NodeAffinity": NodeAffinityArgs,
    "NodeResourcesBalancedAllocation": NodeResourcesBalancedAllocationArgs,
    "NodeResourcesFit": NodeResourcesFitArgs,
    "PodTopologySpread": PodTopologySpreadArgs,
    "VolumeBinding": VolumeBindingArgs,
}
"""Which arguments a built-in plugin takes. Plugins of users get theirs as the file has them."""
