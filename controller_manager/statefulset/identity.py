"""What belongs to an ordinal of a StatefulSet (``statefulset/stateful_set_utils.go``, v1.36)."""

import re
from typing import Any

from apimachinery.types.apps import PodTemplateSpec, StatefulSet
from apimachinery.types.base import ObjectMeta, to_wire
from apimachinery.types.pod import Pod
from apimachinery.types.storage import PersistentVolumeClaim
from apimachinery.types.volumes import PersistentVolumeClaimVolumeSource, Volume
from controller_manager.pod_control import pod_of_template
from controller_manager.revisions import REVISION_HASH

POD_NAME_LABEL = "statefulset.kubernetes.io/pod-name"
POD_INDEX_LABEL = "apps.kubernetes.io/pod-index"

_ORDINAL = re.compile(r"(.*)-([0-9]+)", re.ASCII)
_LARGEST_ORDINAL = 2**31 - 1


def ordinal_of(stateful_set: StatefulSet, name: str) -> int | None:
    """Return the ordinal in a pod's name; ``None`` when it is no name of one of the set's pods."""
    found = _ORDINAL.fullmatch(name)
    if found is None or found[1] != stateful_set.metadata.name:
        return None
    ordinal = int(found[2])
    return ordinal if ordinal <= _LARGEST_ORDINAL else None


def ordinals(stateful_set: StatefulSet) -> range:
    """Return the ordinals that are to have a pod."""
    start = stateful_set.spec.ordinals.start
    return range(start, start + stateful_set.spec.replicas)


def pod_name(stateful_set: StatefulSet, ordinal: int) -> str:
    return f"{stateful_set.metadata.name}-{ordinal}"


def claim_name(template: PersistentVolumeClaim, stateful_set: StatefulSet, ordinal: int) -> str:
    return f"{template.metadata.name}-{stateful_set.metadata.name}-{ordinal}"


def owner_of_claim(stateful_set: StatefulSet, claim: str) -> bool:
    """Return whether a claim of that name belongs to some ordinal of the set."""
    rests = (
        claim.removeprefix(f"{template.metadata.name}-")
        for template in stateful_set.spec.volume_claim_templates
        if claim.startswith(f"{template.metadata.name}-")
    )
    return any(ordinal_of(stateful_set, rest) is not None for rest in rests)


def revision_of(pod: Pod) -> str:
    return pod.metadata.labels.get(REVISION_HASH, "")


def identity_labels(stateful_set: StatefulSet, ordinal: int) -> dict[str, str]:
    return {POD_NAME_LABEL: pod_name(stateful_set, ordinal), POD_INDEX_LABEL: str(ordinal)}


def has_identity(stateful_set: StatefulSet, pod: Pod, ordinal: int) -> bool:
    return pod.metadata.labels.items() >= identity_labels(stateful_set, ordinal).items()


def pod_for(stateful_set: StatefulSet, template: PodTemplateSpec, revision: str, ordinal: int) -> dict[str, Any]:
    """Return the pod of an ordinal, made of ``template``, which is the one of ``revision``."""
    pod = pod_of_template(stateful_set, template)
    metadata = pod["metadata"]
    del metadata["generateName"]
    metadata["name"] = name = pod_name(stateful_set, ordinal)
    identity = identity_labels(stateful_set, ordinal)
    metadata["labels"] = {**metadata.get("labels", {}), **identity, REVISION_HASH: revision}
    changes = {"hostname": name, "subdomain": stateful_set.spec.service_name}
    spec = template.spec.model_copy(update={**changes, "volumes": _volumes(stateful_set, template, ordinal)})
    pod["spec"] = to_wire(spec)
    return pod


def _volumes(stateful_set: StatefulSet, template: PodTemplateSpec, ordinal: int) -> list[Volume]:
    """The claims' volumes take the place of those of the template that have their names."""
    claims = {
        entry.metadata.name: Volume(
            name=entry.metadata.name,
            persistent_volume_claim=PersistentVolumeClaimVolumeSource(
                claim_name=claim_name(entry, stateful_set, ordinal)
            ),
        )
        for entry in stateful_set.spec.volume_claim_templates
    }
    return [*claims.values(), *(volume for volume in template.spec.volumes if volume.name not in claims)]


def claims_for(stateful_set: StatefulSet, ordinal: int) -> list[PersistentVolumeClaim]:
    """Return the claims of an ordinal, as they are created."""
    return [
        PersistentVolumeClaim(
            metadata=ObjectMeta(
                name=claim_name(template, stateful_set, ordinal),
                namespace=stateful_set.metadata.namespace,
                labels={**template.metadata.labels, **stateful_set.spec.selector.match_labels},
                annotations=template.metadata.annotations,
            ),
            spec=template.spec,
        )
        for template in stateful_set.spec.volume_claim_templates
    ]
