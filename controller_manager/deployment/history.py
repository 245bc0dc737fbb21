"""Which ReplicaSet is which revision of a Deployment (``deployment/util/deployment_util.go``, v1.36)."""

from collections.abc import Iterable, Sequence
from typing import Any

from apimachinery.types.apps import Deployment, PodTemplateSpec, ReplicaSet, ReplicaSetSpec
from apimachinery.types.base import LabelSelector, ObjectMeta, OwnerReference, to_wire
from controller_manager.hashing import content_hash
from controller_manager.ownership import controller_reference

HASH_LABEL = "pod-template-hash"
"""Label of a ReplicaSet and its pods that keeps the revisions of one Deployment apart."""

REVISION = "deployment.kubernetes.io/revision"
"""Annotation of ReplicaSets, and of the Deployment: the number of the revision that was rolled out last."""

REVISION_HISTORY = "deployment.kubernetes.io/revision-history"
"""Annotation of a ReplicaSet that was gone back to: its earlier numbers, separated by commas."""

DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas"
"""Annotation of a ReplicaSet: ``spec.replicas`` of the Deployment when the ReplicaSet was last given a size."""

MAX_REPLICAS = "deployment.kubernetes.io/max-replicas"
"""Annotation of a ReplicaSet: how many pods the Deployment could have then, ``maxSurge`` included."""

HISTORY_LIMIT_CHARACTERS = 2000
"""How long the list of earlier numbers may grow."""

_NOT_COPIED = frozenset({
    "kubectl.kubernetes.io/last-applied-configuration",
    "deprecated.deployment.rollback.to",
    REVISION,
    REVISION_HISTORY,
    DESIRED_REPLICAS,
    MAX_REPLICAS,
})


def number(obj: ReplicaSet | Deployment, annotation: str = REVISION) -> int:
    """Return the number in an annotation; 0 when there is none, or something else."""
    text = obj.metadata.annotations.get(annotation, "")
    return int(text) if text.isascii() and text.isdecimal() else 0


def by_age(replica_sets: Iterable[ReplicaSet]) -> list[ReplicaSet]:
    """Return them oldest first; the name decides between those of one second."""
    return sorted(replica_sets, key=lambda found: (str(found.metadata.creation_timestamp), found.metadata.name))


def same_template(left: PodTemplateSpec, right: PodTemplateSpec) -> bool:
    """Return whether two templates make the same pods, but for the label that tells revisions apart."""
    return left.spec == right.spec and _without_hash(left) == _without_hash(right)


def _without_hash(template: PodTemplateSpec) -> ObjectMeta:
    labels = {key: value for key, value in template.metadata.labels.items() if key != HASH_LABEL}
    return template.metadata.model_copy(update={"labels": labels})


def find_new(deployment: Deployment, replica_sets: Iterable[ReplicaSet]) -> ReplicaSet | None:
    """Return the ReplicaSet of the Deployment's present template: the oldest, should there be several."""
    template = deployment.spec.template
    return next((found for found in by_age(replica_sets) if same_template(found.spec.template, template)), None)


def next_revision(old: Iterable[ReplicaSet]) -> int:
    """Return the number of what comes after the ReplicaSets ``old``."""
    return max((number(found) for found in old), default=0) + 1


def new_replica_set(deployment: Deployment, revision: int) -> ReplicaSet:
    """Return the ReplicaSet, with no pods yet, of the Deployment's present template."""
    meta, spec = deployment.metadata, deployment.spec
    digest = content_hash(to_wire(spec.template), deployment.status.collision_count)
    labels = {**spec.template.metadata.labels, HASH_LABEL: digest}
    selector = spec.selector
    template_metadata = spec.template.metadata.model_copy(update={"labels": labels})
    replica_set = ReplicaSet(
        metadata=ObjectMeta(
            name=f"{meta.name}-{digest}",
            namespace=meta.namespace,
            labels=labels,
            owner_references=[OwnerReference.model_validate(controller_reference(deployment))],
        ),
        spec=ReplicaSetSpec(
            replicas=0,
            min_ready_seconds=spec.min_ready_seconds,
            selector=LabelSelector(
                match_labels={**selector.match_labels, HASH_LABEL: digest},
                match_expressions=selector.match_expressions,
            ),
            template=spec.template.model_copy(update={"metadata": template_metadata}),
        ),
    )
    return in_line(deployment, replica_set, revision)


def in_line(deployment: Deployment, replica_set: ReplicaSet, revision: int) -> ReplicaSet:
    """Return the new ReplicaSet with the Deployment's annotations, ``minReadySeconds``, and at least that revision.

    One that had a lower revision is being gone back to, and keeps its old number in its history.
    """
    annotations = dict(replica_set.metadata.annotations)
    annotations |= {key: value for key, value in deployment.metadata.annotations.items() if key not in _NOT_COPIED}
    before = number(replica_set)
    if before < revision:
        annotations[REVISION] = str(revision)
        if REVISION in replica_set.metadata.annotations:
            earlier = annotations.get(REVISION_HISTORY, "")
            annotations[REVISION_HISTORY] = _longer_history(earlier, replica_set.metadata.annotations[REVISION])
    return changed(replica_set, annotations, min_ready_seconds=deployment.spec.min_ready_seconds)


def _longer_history(history: str, revision: str) -> str:
    """Append ``revision``; the oldest numbers make room for it."""
    entries = [*filter(None, history.split(",")), revision]
    while len(",".join(entries)) > HISTORY_LIMIT_CHARACTERS and len(entries) > 1:
        del entries[0]
    return ",".join(entries)


def changed(replica_set: ReplicaSet, annotations: dict[str, str], **spec: Any) -> ReplicaSet:
    """Return a copy with these annotations and fields of the spec; the status is what it was."""
    return replica_set.model_copy(
        update={
            "metadata": replica_set.metadata.model_copy(update={"annotations": annotations}),
            "spec": replica_set.spec.model_copy(update=spec),
        }
    )


def surplus(deployment: Deployment, old: Sequence[ReplicaSet]) -> list[ReplicaSet]:
    """Return the old ReplicaSets beyond ``revisionHistoryLimit`` that may be deleted: settled ones without pods."""
    limit = deployment.spec.revision_history_limit
    if limit is None:
        return []
    kept = [found for found in old if found.metadata.deletion_timestamp is None]
    oldest = sorted(kept, key=number)[: max(0, len(kept) - limit)]
    return [found for found in oldest if _empty(found)]


def _empty(replica_set: ReplicaSet) -> bool:
    status = replica_set.status
    settled = replica_set.metadata.generation <= status.observed_generation
    return settled and not status.replicas and not replica_set.spec.replicas
