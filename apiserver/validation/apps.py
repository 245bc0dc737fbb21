"""The kinds that keep pods running (``pkg/apis/{apps,core}/validation/validation.go``, v1.36)."""

from collections.abc import Iterable
from typing import Any

from apimachinery.errors import Cause
from apimachinery.selectors import from_label_selector
from apimachinery.types.base import LabelSelector
from apiserver.validation import field
from apiserver.validation.field import Causes
from apiserver.validation.metadata import validate_annotations, validate_labels
from apiserver.validation.pod import validate_pod_spec
from apiserver.validation.selector import validate_label_selector
from apiserver.validation.values import any_number_or_percent, number_or_percent
from apiserver.validation.volumes import validate_claim

JSONObject = dict[str, Any]

_MISMATCH = "`selector` does not match template `labels`"
_STATEFUL_SET_UPDATE = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)
_STATEFUL_SET_MUTABLE = frozenset({
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
})


def counts(spec: JSONObject, keys: Iterable[str], path: str = "spec") -> Causes:
    """Check that none of these fields, if it is given, is negative."""
    return [cause for key in keys for cause in field.non_negative(f"{path}.{key}", spec.get(key))]


def validate_template(template: JSONObject, path: str) -> Causes:
    """Check a pod template, whatever it is for."""
    metadata, spec = template.get("metadata", {}), template.get("spec", {})
    causes = [
        *validate_labels(metadata.get("labels"), f"{path}.metadata.labels"),
        *validate_annotations(metadata.get("annotations"), f"{path}.metadata.annotations"),
        *validate_pod_spec(spec, f"{path}.spec"),
    ]
    if spec.get("ephemeralContainers"):
        detail = "ephemeral containers not allowed in pod template"
        causes.append(field.forbidden(f"{path}.spec.ephemeralContainers", detail))
    return causes


def validate_selector(selector: JSONObject | None, kind: str) -> Causes:
    """Check a selector that has to select something; ``kind`` is the word for it in upstream's message."""
    if selector is None:
        return [field.required("spec.selector")]
    causes = validate_label_selector(selector, "spec.selector")
    if not selector.get("matchLabels") and not selector.get("matchExpressions"):
        causes.append(field.invalid("spec.selector", selector, f"empty selector is invalid for {kind}"))
    return causes


def matches_template(selector: JSONObject, template: JSONObject) -> Causes:
    """Check that a valid selector selects the template's pods."""
    labels = template.get("metadata", {}).get("labels", {})
    parsed = from_label_selector(LabelSelector.model_validate(selector))
    if parsed is None or parsed.matches(labels):
        return []
    return [field.invalid("spec.template.metadata.labels", labels, _MISMATCH)]


def _long_running(spec: JSONObject, kind: str, name: str) -> Causes:
    """Check what all kinds whose pods always restart have in common (row S27 of the rules for workloads)."""
    causes = validate_selector(spec.get("selector"), kind)
    template = spec.get("template") or {}
    if not causes:
        causes += matches_template(spec["selector"], template)
    causes += validate_template(template, "spec.template")
    return causes + _always_restarts(template, name)


def _always_restarts(template: JSONObject, name: str) -> Causes:
    causes, spec = Causes(), template.get("spec", {})
    if spec.get("restartPolicy") != "Always":
        path = "spec.template.spec.restartPolicy"
        causes.append(field.not_supported(path, spec.get("restartPolicy", ""), ["Always"]))
    if spec.get("activeDeadlineSeconds") is not None:
        path = "spec.template.spec.activeDeadlineSeconds"
        causes.append(field.forbidden(path, f"activeDeadlineSeconds in {name} is not Supported"))
    return causes


def validate_replica_set(obj: JSONObject) -> Causes:
    spec = obj.get("spec", {})
    return counts(spec, ("replicas", "minReadySeconds")) + _long_running(spec, "deployment", "ReplicaSet")


def validate_replication_controller(obj: JSONObject) -> Causes:
    spec = obj.get("spec", {})
    causes = counts(spec, ("replicas", "minReadySeconds"))
    selector, template = spec.get("selector"), spec.get("template") or {}
    labels = template.get("metadata", {}).get("labels", {})
    if not selector:
        causes.append(field.required("spec.selector"))
    elif not selector.items() <= labels.items():
        causes.append(field.invalid("spec.template.metadata.labels", labels, _MISMATCH))
    if spec.get("template") is None:
        # The one kind whose template is a pointer in Go.
        return [*causes, field.required("spec.template")]
    causes += validate_template(template, "spec.template")
    return causes + _always_restarts(template, "ReplicationController")


def validate_replicas_status(new: JSONObject, old: JSONObject) -> Causes:
    """Check the counts of a replica set's or replication controller's status."""
    status = new.get("status", {})
    total, causes = status.get("replicas", 0), Causes()
    inner = ("fullyLabeledReplicas", "readyReplicas", "availableReplicas")
    causes += counts(status, ("replicas", *inner, "terminatingReplicas", "observedGeneration"), "status")
    for key in inner:
        if status.get(key, 0) > total:
            causes.append(field.invalid(f"status.{key}", status.get(key, 0), "cannot be greater than status.replicas"))
    return causes + _available_are_ready(status, "readyReplicas")


def same_selector(new: JSONObject, old: JSONObject) -> Causes:
    after, before = new["spec"].get("selector"), old["spec"].get("selector")
    return [] if after == before else [field.invalid("spec.selector", after, "field is immutable")]


def validate_deployment(obj: JSONObject) -> Causes:
    spec = obj.get("spec", {})
    causes = counts(spec, ("replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"))
    causes += _long_running(spec, "deployment", "ReplicaSet")
    causes += _deployment_strategy(spec.get("strategy", {}))
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None and 0 <= deadline <= spec.get("minReadySeconds", 0):
        causes.append(field.invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"))
    return causes


def _deployment_strategy(strategy: JSONObject) -> Causes:
    kind, rolling, path = strategy.get("type"), strategy.get("rollingUpdate"), "spec.strategy.rollingUpdate"
    if kind == "Recreate":
        detail = "may not be specified when strategy `type` is 'Recreate'"
        return [field.forbidden(path, detail)] if rolling is not None else []
    if kind != "RollingUpdate":
        return [field.not_supported("spec.strategy.type", kind, ["Recreate", "RollingUpdate"])]
    unavailable, surge = (rolling or {}).get("maxUnavailable", 0), (rolling or {}).get("maxSurge", 0)
    causes = number_or_percent(f"{path}.maxUnavailable", unavailable)
    causes += any_number_or_percent(f"{path}.maxSurge", surge)
    if not causes and _is_zero(unavailable) and _is_zero(surge):
        causes.append(field.invalid(f"{path}.maxUnavailable", unavailable, "may not be 0 when `maxSurge` is 0"))
    return causes


def _is_zero(value: int | str) -> bool:
    return value in {0, "0", "0%"}


def validate_deployment_status(new: JSONObject, old: JSONObject) -> Causes:
    status = new.get("status", {})
    inner = ("updatedReplicas", "readyReplicas", "availableReplicas")
    keys = ("observedGeneration", "replicas", *inner, "unavailableReplicas", "terminatingReplicas", "collisionCount")
    causes = counts(status, keys, "status")
    for key in inner:
        if status.get(key, 0) > status.get("replicas", 0):
            causes.append(field.invalid(f"status.{key}", status.get(key, 0), "cannot be greater than status.replicas"))
    causes += _available_are_ready(status, "readyReplicas")
    return causes + _collisions(new, old)


def _available_are_ready(status: JSONObject, shown: str) -> Causes:
    available = status.get("availableReplicas", 0)
    if available <= status.get("readyReplicas", 0):
        return []
    return [field.invalid("status.availableReplicas", available, f"cannot be greater than {shown}")]


def _collisions(new: JSONObject, old: JSONObject) -> Causes:
    """Check that collisions of hashes are never forgotten, or the next name would collide again."""
    before, after = old.get("status", {}).get("collisionCount"), new.get("status", {}).get("collisionCount")
    if before is None or (after is not None and after >= before):
        return []
    return [field.invalid("status.collisionCount", after, "cannot be decremented")]


def validate_daemon_set(obj: JSONObject) -> Causes:
    spec = obj.get("spec", {})
    causes = counts(spec, ("minReadySeconds", "revisionHistoryLimit"))
    causes += _long_running(spec, "daemonset", "DaemonSet")
    strategy, path = spec.get("updateStrategy", {}), "spec.updateStrategy.rollingUpdate"
    if strategy.get("type") not in {"RollingUpdate", "OnDelete"}:
        supported = ["RollingUpdate", "OnDelete"]
        causes.append(field.not_supported("spec.updateStrategy.type", strategy.get("type"), supported))
    if strategy.get("type") != "RollingUpdate":
        return causes
    rolling = strategy.get("rollingUpdate") or {}
    unavailable, surge = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
    checks = number_or_percent(f"{path}.maxUnavailable", unavailable) + number_or_percent(f"{path}.maxSurge", surge)
    if not checks and not _is_zero(unavailable) and not _is_zero(surge):
        checks.append(field.invalid(f"{path}.maxSurge", surge, "may not be set when maxUnavailable is non-zero"))
    elif not checks and _is_zero(unavailable) and _is_zero(surge):
        checks.append(field.required(f"{path}.maxUnavailable", "cannot be 0 when maxSurge is 0"))
    return causes + checks


def validate_daemon_set_status(new: JSONObject, old: JSONObject) -> Causes:
    status = new.get("status", {})
    keys = (
        "currentNumberScheduled",
        "numberMisscheduled",
        "desiredNumberScheduled",
        "numberReady",
        "observedGeneration",
        "updatedNumberScheduled",
        "numberAvailable",
        "numberUnavailable",
        "collisionCount",
    )
    return counts(status, keys, "status") + _collisions(new, old)


def validate_stateful_set(obj: JSONObject) -> Causes:
    spec = obj.get("spec", {})
    causes = counts(spec, ("replicas", "minReadySeconds", "revisionHistoryLimit"))
    causes += field.non_negative("spec.ordinals.start", (spec.get("ordinals") or {}).get("start"))
    policy = spec.get("podManagementPolicy", "")
    if policy not in {"OrderedReady", "Parallel"}:
        detail = "must be 'OrderedReady' or 'Parallel'"
        causes.append(field.invalid("spec.podManagementPolicy", policy, detail))
    causes += _stateful_set_strategy(spec.get("updateStrategy", {}))
    retention = spec.get("persistentVolumeClaimRetentionPolicy", {})
    for key in ("whenDeleted", "whenScaled"):
        if retention.get(key) not in {"Retain", "Delete"}:
            path = f"spec.persistentVolumeClaimRetentionPolicy.{key}"
            causes.append(field.not_supported(path, retention.get(key), ["Delete", "Retain"]))
    for index, claim in enumerate(spec.get("volumeClaimTemplates") or ()):
        path = f"spec.volumeClaimTemplates[{index}]"
        causes += [Cause(cause.reason, cause.message, f"{path}.{cause.field}") for cause in validate_claim(claim)]
    return causes + _long_running(_with_claims_as_volumes(spec), "statefulset", "StatefulSet")


def _with_claims_as_volumes(spec: JSONObject) -> JSONObject:
    """Return the spec with a volume for each claim template, which the containers mount by its name."""
    template = spec.get("template") or {}
    pod = template.get("spec") or {}
    claims = [(claim.get("metadata") or {}).get("name") for claim in spec.get("volumeClaimTemplates") or ()]
    # A claim takes the place of the template's volume of its name.
    given = {volume.get("name") for volume in pod.get("volumes") or ()}
    added = [{"name": name, "emptyDir": {}} for name in claims if name and name not in given]
    if not added:
        return spec
    return {**spec, "template": {**template, "spec": {**pod, "volumes": [*(pod.get("volumes") or ()), *added]}}}


def _stateful_set_strategy(strategy: JSONObject) -> Causes:
    kind, rolling, path = strategy.get("type", ""), strategy.get("rollingUpdate"), "spec.updateStrategy"
    if kind == "RollingUpdate":
        if rolling is None:
            return []
        causes = field.non_negative(f"{path}.rollingUpdate.partition", rolling.get("partition"))
        unavailable = rolling.get("maxUnavailable")
        if unavailable is not None:
            place = f"{path}.rollingUpdate.maxUnavailable"
            causes += number_or_percent(place, unavailable)
            if _is_zero(unavailable):
                causes.append(field.invalid(place, unavailable, "cannot be 0"))
        return causes
    if kind == "OnDelete":
        detail = "only allowed for updateStrategy 'RollingUpdate'"
        return [field.invalid(f"{path}.rollingUpdate", rolling, detail)] if rolling is not None else []
    return [field.invalid(path, strategy, "must be 'RollingUpdate' or 'OnDelete'")]


def validate_stateful_set_update(new: JSONObject, old: JSONObject) -> Causes:
    causes = validate_stateful_set(new)

    def fixed(spec: JSONObject) -> JSONObject:
        return {key: value for key, value in spec.items() if key not in _STATEFUL_SET_MUTABLE}

    if fixed(new["spec"]) != fixed(old["spec"]):
        causes.append(field.forbidden("spec", _STATEFUL_SET_UPDATE))
    return causes


def validate_stateful_set_status(new: JSONObject, old: JSONObject) -> Causes:
    status = new.get("status", {})
    inner = ("readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas")
    causes = counts(status, ("replicas", *inner, "observedGeneration", "collisionCount"), "status")
    for key in inner:
        if status.get(key, 0) > status.get("replicas", 0):
            causes.append(field.invalid(f"status.{key}", status.get(key, 0), "cannot be greater than status.replicas"))
    causes += _available_are_ready(status, "status.readyReplicas")
    return causes + _collisions(new, old)


def validate_controller_revision(obj: JSONObject) -> Causes:
    causes = field.non_negative("revision", obj.get("revision"))
    return causes if obj.get("data") is not None else [*causes, field.required("data", "data is mandatory")]


def validate_controller_revision_update(new: JSONObject, old: JSONObject) -> Causes:
    causes = validate_controller_revision(new)
    if new.get("data") != old.get("data"):
        causes.append(field.invalid("data", new.get("data"), "field is immutable"))
    return causes
