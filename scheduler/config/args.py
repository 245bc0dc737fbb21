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
    kind: str = ""


class ResourceSpec(ConfigModel):
    name: str
    weight: int = 1
    """0 in a file means 1."""


class UtilizationShapePoint(ConfigModel):
    """One corner of a function from utilisation in percent, 0 … 100, to a score, 0 … 10."""

    utilization: int
    score: int


class RequestedToCapacityRatioParam(ConfigModel):
    shape: tuple[UtilizationShapePoint, ...] = ()


_CPU_AND_MEMORY = (ResourceSpec(name="cpu"), ResourceSpec(name="memory"))


class ScoringStrategy(ConfigModel):
    type: str = LEAST_ALLOCATED
    resources: tuple[ResourceSpec, ...] = _CPU_AND_MEMORY
    requested_to_capacity_ratio: RequestedToCapacityRatioParam | None = None


class NodeResourcesFitArgs(PluginArgs):
    ignored_resources: tuple[str, ...] = ()
    """Extended resources that are not looked at."""
    ignored_resource_groups: tuple[str, ...] = ()
    """The same, by what comes before the slash."""
    scoring_strategy: ScoringStrategy = ScoringStrategy()


class NodeResourcesBalancedAllocationArgs(PluginArgs):
    resources: tuple[ResourceSpec, ...] = _CPU_AND_MEMORY


class NodeAffinityArgs(PluginArgs):
    added_affinity: NodeAffinity | None = None
    """Holds for every pod of the profile, in addition to its own."""


class PodTopologySpreadArgs(PluginArgs):
    default_constraints: tuple[TopologySpreadConstraint, ...] = ()
    """For pods without constraints of their own; selectors come from the pod's owner and Services."""
    defaulting_type: str = SYSTEM_DEFAULTING
    """``System``: the built-in constraints; ``List``: :attr:`default_constraints`."""


class InterPodAffinityArgs(PluginArgs):
    hard_pod_affinity_weight: int = 1
    """How much a required affinity of a pod on a node counts for pods that match it, 0 … 100."""
    ignore_preferred_terms_of_existing_pods: bool = False


class DefaultPreemptionArgs(PluginArgs):
    min_candidate_nodes_percentage: int = 10
    min_candidate_nodes_absolute: int = 100


class VolumeBindingArgs(PluginArgs):
    bind_timeout_seconds: int | None = 600
    shape: tuple[UtilizationShapePoint, ...] | None = None


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
