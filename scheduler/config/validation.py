"""What a configuration may hold. Follows ``pkg/scheduler/apis/config/validation/validation.go`` (v1.36)."""

from collections.abc import Mapping, Sequence

from apimachinery.duration import parse_duration
from apimachinery.field_errors import Causes, duplicate, forbidden, invalid, required
from kubeclient.leader_election import JITTER_FACTOR
from scheduler.config.args import PluginArgs
from scheduler.config.types import (
    KubeSchedulerConfiguration,
    KubeSchedulerProfile,
    LeaderElectionConfiguration,
)
from scheduler.config.validation_args import validate_args


def validate(config: KubeSchedulerConfiguration, args: Sequence[Mapping[str, object]]) -> Causes:
    """Return what is wrong; ``args`` are each profile's decoded plugin arguments by plugin name."""
    causes = _leader_election("leaderElection", config.leader_election)
    if config.parallelism <= 0:
        causes.append(invalid("parallelism", config.parallelism, "should be an integer value greater than zero"))
    if not config.profiles:
        causes.append(required("profiles"))
    first_of: dict[str, int] = {}
    for index, profile in enumerate(config.profiles):
        path = f"profiles[{index}]"
        causes += _profile(path, profile, args[index])
        if profile.scheduler_name in first_of:
            causes.append(
                duplicate(f"{path}.schedulerName", f"profiles[{first_of[profile.scheduler_name]}].schedulerName")
            )
        first_of[profile.scheduler_name] = index
    causes += _common_queue_sort(config.profiles)
    causes += _percentage("percentageOfNodesToScore", config.percentage_of_nodes_to_score)
    initial, longest = config.pod_initial_backoff_seconds, config.pod_max_backoff_seconds
    if initial <= 0:
        causes.append(invalid("podInitialBackoffSeconds", initial, "must be greater than 0"))
    if longest < initial:
        detail = "must be greater than or equal to PodInitialBackoffSeconds"
        causes.append(invalid("podMaxBackoffSeconds", longest, detail))
    if config.extenders:
        causes.append(forbidden("extenders", "extenders are not supported; a plugin can do what one does"))
    return causes


def _percentage(path: str, percentage: int | None) -> Causes:
    if percentage is not None and not 0 <= percentage <= 100:
        return [invalid(path, percentage, "not in valid range [0-100]")]
    return []


def _profile(path: str, profile: KubeSchedulerProfile, args: Mapping[str, object]) -> Causes:
    causes: Causes = []
    if not profile.scheduler_name:
        causes.append(required(f"{path}.schedulerName"))
    causes += _percentage(f"{path}.percentageOfNodesToScore", profile.percentage_of_nodes_to_score)
    seen: set[str] = set()
    for index, entry in enumerate(profile.plugin_config):
        where = f"{path}.pluginConfig[{index}]"
        if entry.name in seen:
            causes.append(duplicate(where, entry.name))
            continue
        seen.add(entry.name)
        given = args.get(entry.name)
        if isinstance(given, PluginArgs):
            causes += validate_args(f"{where}.args", given)
    return causes


def _common_queue_sort(profiles: Sequence[KubeSchedulerProfile]) -> Causes:
    """One queue serves all profiles, so that they must agree on its order."""
    causes: Causes = []
    for index, profile in enumerate(profiles):
        path = f"profiles[{index}].plugins.queueSort"
        chosen = profile.plugins.queue_sort
        if index == 0 and len(chosen.enabled) > 1:
            causes.append(invalid(f"{path}.Enabled", len(chosen.enabled), "only one queue sort plugin can be enabled"))
        if chosen != profiles[0].plugins.queue_sort:
            shown = chosen.model_dump(by_alias=True, exclude_defaults=True)
            causes.append(invalid(path, shown, "must be the same for all profiles"))
    return causes


def _leader_election(path: str, config: LeaderElectionConfiguration) -> Causes:
    """Follows ``ValidateLeaderElectionConfiguration`` of ``k8s.io/component-base/config/validation`` (v1.36)."""
    if not config.leader_elect:
        return []
    causes: Causes = []
    seconds: dict[str, float] = {}
    durations = (
        ("leaseDuration", config.lease_duration),
        ("renewDeadline", config.renew_deadline),
        ("retryPeriod", config.retry_period),
    )
    for name, text in durations:
        try:
            seconds[name] = parse_duration(text)
        except ValueError as error:
            causes.append(invalid(f"{path}.{name}", text, str(error)))
            continue
        if seconds[name] <= 0:
            causes.append(invalid(f"{path}.{name}", text, "must be greater than zero"))
    if not causes:
        if seconds["leaseDuration"] <= seconds["renewDeadline"]:
            detail = "LeaseDuration must be greater than RenewDeadline"
            causes.append(invalid(f"{path}.leaseDuration", config.renew_deadline, detail))
        if seconds["renewDeadline"] <= JITTER_FACTOR * seconds["retryPeriod"]:
            detail = "RenewDeadline must be greater than RetryPeriod*JitterFactor"
            causes.append(invalid(f"{path}.renewDeadline", config.renew_deadline, detail))
    if config.resource_lock != "leases":
        causes.append(invalid(f"{path}.resourceLock", config.resource_lock, 'resourceLock value must be "leases"'))
    for name, text in (("resourceNamespace", config.resource_namespace), ("resourceName", config.resource_name)):
        if not text:
            causes.append(required(f"{path}.{name}", f"{name} is required"))
    return causes
