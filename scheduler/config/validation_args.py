"""What plugins' arguments may hold.

Follows ``pkg/scheduler/apis/config/validation/validation_pluginargs.go`` (v1.36).
"""

from collections.abc import Sequence

from apimachinery.field_errors import (
    Causes,
    duplicate,
    forbidden,
    invalid,
    invalid_whole,
    not_supported,
    problems,
    required,
)
from apimachinery.names import qualified_name
from apimachinery.types.pod import NodeSelectorTerm, TopologySpreadConstraint
from scheduler.config.args import (
    LEAST_ALLOCATED,
    LIST_DEFAULTING,
    MOST_ALLOCATED,
    REQUESTED_TO_CAPACITY_RATIO,
    SYSTEM_DEFAULTING,
    DefaultPreemptionArgs,
    InterPodAffinityArgs,
    NodeAffinityArgs,
    NodeResourcesBalancedAllocationArgs,
    NodeResourcesFitArgs,
    PluginArgs,
    PodTopologySpreadArgs,
    UtilizationShapePoint,
    VolumeBindingArgs,
)
from scheduler.framework.node_selection import NAME_FIELD, label_requirement, name_requirement

_STRATEGIES = (LEAST_ALLOCATED, MOST_ALLOCATED, REQUESTED_TO_CAPACITY_RATIO)
_DEFAULTING = (LIST_DEFAULTING, SYSTEM_DEFAULTING)
_LABEL_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
_FIELD_OPERATORS = ("In", "NotIn")
_ACTIONS = ("DoNotSchedule", "ScheduleAnyway")


def validate_args(path: str, args: PluginArgs) -> Causes:
    """Return what is wrong with a built-in plugin's arguments."""
    match args:
        case DefaultPreemptionArgs():
            return _default_preemption(path, args)
        case InterPodAffinityArgs():
            weight = args.hard_pod_affinity_weight
            return _in_range(f"{path}.hardPodAffinityWeight", weight, 0, 100)
        case NodeAffinityArgs():
            return _node_affinity(f"{path}.addedAffinity", args)
        case NodeResourcesBalancedAllocationArgs():
            return _balanced_allocation(f"{path}.resources", args)
        case NodeResourcesFitArgs():
            return _fit(path, args)
        case PodTopologySpreadArgs():
            return _topology_spread(path, args)
        case VolumeBindingArgs():
            return _volume_binding(path, args)
        case _:
            return []


def _in_range(path: str, value: int, least: int, most: int) -> Causes:
    return [] if least <= value <= most else [invalid(path, value, f"not in valid range [{least}, {most}]")]


def _default_preemption(path: str, args: DefaultPreemptionArgs) -> Causes:
    percentage, absolute = args.min_candidate_nodes_percentage, args.min_candidate_nodes_absolute
    percentage_path, absolute_path = f"{path}.minCandidateNodesPercentage", f"{path}.minCandidateNodesAbsolute"
    causes = _in_range(percentage_path, percentage, 0, 100)
    if absolute < 0:
        causes.append(invalid(absolute_path, absolute, "not in valid range [0, inf)"))
    if percentage == 0 and absolute == 0:
        detail = "cannot be zero at the same time as"
        causes.append(invalid(percentage_path, percentage, f"{detail} minCandidateNodesAbsolute"))
        causes.append(invalid(absolute_path, absolute, f"{detail} minCandidateNodesPercentage"))
    return causes


def _node_affinity(path: str, args: NodeAffinityArgs) -> Causes:
    affinity = args.added_affinity
    if affinity is None:
        return []
    causes: Causes = []
    if affinity.required is not None:
        where = f"{path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
        for index, term in enumerate(affinity.required.node_selector_terms):
            causes += _term(f"{where}[{index}]", term)
    for index, entry in enumerate(affinity.preferred):
        where = f"{path}.preferredDuringSchedulingIgnoredDuringExecution[{index}]"
        causes += _term(where, entry.preference)
    return causes


def _term(path: str, term: NodeSelectorTerm) -> Causes:
    causes: Causes = []
    for index, entry in enumerate(term.match_expressions):
        where = f"{path}.matchExpressions[{index}]"
        if entry.operator not in _LABEL_OPERATORS:
            causes.append(not_supported(f"{where}.operator", entry.operator, _LABEL_OPERATORS))
        elif label_requirement(entry.key, entry.operator, tuple(entry.values)) is None:
            causes.append(invalid(f"{where}.values", entry.values, f"not what operator {entry.operator} takes"))
    for index, entry in enumerate(term.match_fields):
        where = f"{path}.matchFields[{index}]"
        if entry.key != NAME_FIELD:
            causes.append(invalid(f"{where}.key", entry.key, "not a valid field selector key"))
        elif entry.operator not in _FIELD_OPERATORS:
            causes.append(not_supported(f"{where}.operator", entry.operator, _FIELD_OPERATORS))
        elif name_requirement(entry.key, entry.operator, tuple(entry.values)) is None:
            causes.append(invalid(f"{where}.values", entry.values, "must have one element"))
    return causes


def _balanced_allocation(path: str, args: NodeResourcesBalancedAllocationArgs) -> Causes:
    causes: Causes = []
    seen: set[str] = set()
    for index, resource in enumerate(args.resources):
        if resource.name in seen:
            causes.append(duplicate(f"{path}[{index}].name", resource.name))
        seen.add(resource.name)
        if resource.weight != 1:
            causes.append(invalid(f"{path}[{index}].weight", resource.weight, "must be 1"))
    return causes


def _fit(path: str, args: NodeResourcesFitArgs) -> Causes:
    causes: Causes = []
    for index, name in enumerate(args.ignored_resources):
        causes += problems(f"{path}.ignoredResources[{index}]", name, qualified_name(name))
    for index, group in enumerate(args.ignored_resource_groups):
        where = f"{path}.ignoredResourceGroups[{index}]"
        if "/" in group:
            causes.append(invalid(where, group, "resource group name can't contain '/'"))
        causes += problems(where, group, qualified_name(group))
    strategy, where = args.scoring_strategy, f"{path}.scoringStrategy"
    if strategy.type not in _STRATEGIES:
        causes.append(not_supported(f"{where}.type", strategy.type, _STRATEGIES))
    for index, resource in enumerate(strategy.resources):
        if not 0 < resource.weight <= 100:
            detail = f"resource weight of {resource.name} not in valid range (0, 100]"
            causes.append(invalid(f"{where}.resources[{index}].weight", resource.weight, detail))
    ratio, ratio_path = strategy.requested_to_capacity_ratio, f"{where}.requestedToCapacityRatio"
    if strategy.type != REQUESTED_TO_CAPACITY_RATIO:
        if ratio is not None:
            causes.append(forbidden(ratio_path, "must be nil when type is not RequestedToCapacityRatio"))
    elif ratio is None:
        causes.append(required(ratio_path, "must be specified when type is RequestedToCapacityRatio"))
    else:
        causes += _shape(f"{ratio_path}.shape", ratio.shape)
    return causes


def _shape(path: str, shape: Sequence[UtilizationShapePoint]) -> Causes:
    if not shape:
        return [required(path, "at least one point must be specified")]
    causes: Causes = []
    for index in range(1, len(shape)):
        here = shape[index].utilization
        if shape[index - 1].utilization >= here:
            causes.append(invalid(f"{path}[{index}].utilization", here, "values must be sorted in increasing order"))
            break
    for index, point in enumerate(shape):
        causes += _in_range(f"{path}[{index}].utilization", point.utilization, 0, 100)
        causes += _in_range(f"{path}[{index}].score", point.score, 0, 10)
    return causes


def _topology_spread(path: str, args: PodTopologySpreadArgs) -> Causes:
    causes: Causes = []
    kind_path, kind = f"{path}.defaultingType", args.defaulting_type
    if kind not in _DEFAULTING:
        causes.append(not_supported(kind_path, kind, _DEFAULTING))
    elif kind == SYSTEM_DEFAULTING and args.default_constraints:
        causes.append(invalid(kind_path, kind, "when .defaultConstraints are not empty"))
    seen: set[tuple[str, str]] = set()
    for index, constraint in enumerate(args.default_constraints):
        where = f"{path}.defaultConstraints[{index}]"
        causes += _constraint(where, constraint)
        pair = (constraint.topology_key, constraint.when_unsatisfiable)
        if pair in seen:
            causes.append(duplicate(where, f"{{{pair[0]}, {pair[1]}}}"))
        seen.add(pair)
    return causes


def _constraint(path: str, constraint: TopologySpreadConstraint) -> Causes:
    causes: Causes = []
    if constraint.max_skew <= 0:
        causes.append(invalid(f"{path}.maxSkew", constraint.max_skew, "not in valid range (0, inf)"))
    key = constraint.topology_key
    if not key:
        causes.append(required(f"{path}.topologyKey", "can not be empty"))
    else:
        causes += problems(f"{path}.topologyKey", key, qualified_name(key))
    action = constraint.when_unsatisfiable
    if not action:
        causes.append(required(f"{path}.whenUnsatisfiable", "can not be empty"))
    elif action not in _ACTIONS:
        causes.append(not_supported(f"{path}.whenUnsatisfiable", action, _ACTIONS))
    if constraint.label_selector is not None:
        detail = "constraint must not define a selector, as they deduced for each pod"
        causes.append(forbidden(f"{path}.labelSelector", detail))
    return causes


def _volume_binding(path: str, args: VolumeBindingArgs) -> Causes:
    causes: Causes = []
    seconds = args.bind_timeout_seconds
    if seconds is not None and seconds < 0:
        detail = "invalid BindTimeoutSeconds, should not be a negative value"
        causes.append(invalid(f"{path}.bindTimeoutSeconds", seconds, detail))
    if args.shape is not None:
        detail = "unexpected field `shape`, remove it or turn on the feature gate StorageCapacityScoring"
        causes.append(invalid_whole(f"{path}.shape", detail))
    return causes
