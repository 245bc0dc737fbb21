"""Whose objects are whose: controller references, adoption and release (``controller_ref_manager.go``, v1.36)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from apimachinery.selectors import Selector
from apimachinery.types.base import Object, OwnerReference

T = TypeVar("T", bound=Object)

MIRROR_POD = "kubernetes.io/config.mirror"
"""Annotation of the pods a kubelet shows for its static ones; they are its own, whatever labels they have."""

CONTROLLER_INDEX = "controller"
"""Name of the index that files an object under its controller, or under :func:`orphan_key` when it has none."""

NAMESPACE_INDEX = "namespace"
"""Name of the index that files an object under its namespace."""


def controller_of(obj: Object) -> OwnerReference | None:
    """Return the owner reference that is marked as the controller's."""
    for reference in obj.metadata.owner_references:
        if reference.controller:
            return reference
    return None


def orphan_key(namespace: str) -> str:
    """Return what objects of ``namespace`` without a controller are filed under; no uid looks like it."""
    return f"orphans of {namespace}"


def index_by_controller(obj: Object) -> tuple[str, ...]:
    """Return the controller's uid, or the namespace's orphan key."""
    controller = controller_of(obj)
    return (controller.uid if controller is not None else orphan_key(obj.metadata.namespace),)


def index_by_namespace(obj: Object) -> tuple[str, ...]:
    return (obj.metadata.namespace,)


def controller_reference(owner: Object) -> dict[str, Any]:
    """Return the ``ownerReferences`` entry that makes ``owner`` an object's controller."""
    return {
        "apiVersion": owner.API_VERSION,
        "kind": owner.KIND,
        "name": owner.metadata.name,
        "uid": owner.metadata.uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }


@dataclass(slots=True)
class Claims(Generic[T]):
    """What becomes of the pods, or other objects, that are, or could be, an owner's."""

    owned: list[T] = field(default_factory=list)
    to_adopt: list[T] = field(default_factory=list)
    to_release: list[T] = field(default_factory=list)


def claim(owner: Object, selector: Selector, candidates: Iterable[T]) -> Claims[T]:
    """Sort ``candidates`` into those that are the owner's, that it should adopt, and that it should release.

    An owner that is being deleted adopts and releases nothing; what is being deleted, or is a pod that mirrors a
    static one, is not adopted.
    """
    claims: Claims[T] = Claims()
    uid = owner.metadata.uid
    leaving = owner.metadata.deletion_timestamp is not None
    for candidate in candidates:
        meta = candidate.metadata
        controller = controller_of(candidate)
        if controller is not None and controller.uid != uid:
            continue
        matches = selector.matches(meta.labels)
        if controller is not None:
            if matches:
                claims.owned.append(candidate)
            elif not leaving:
                claims.to_release.append(candidate)
        elif matches and not leaving and meta.deletion_timestamp is None and MIRROR_POD not in meta.annotations:
            claims.to_adopt.append(candidate)
    return claims


def adoption_patch(owner: Object, obj: Object, finalizers: Sequence[str] = ()) -> dict[str, Any]:
    """Return the strategic merge patch that adopts; the uid makes it fail on another object of that name."""
    metadata: dict[str, Any] = {"ownerReferences": [controller_reference(owner)], "uid": obj.metadata.uid}
    if finalizers:
        metadata["finalizers"] = list(finalizers)
    return {"metadata": metadata}


def release_patch(uids: Iterable[str], obj: Object, finalizers: Sequence[str] = ()) -> dict[str, Any]:
    """Return the strategic merge patch that takes the owners with these uids, and ``finalizers``, off ``obj``."""
    removed = [{"$patch": "delete", "uid": uid} for uid in uids]
    metadata: dict[str, Any] = {"ownerReferences": removed, "uid": obj.metadata.uid}
    if finalizers:
        metadata["$deleteFromPrimitiveList/finalizers"] = list(finalizers)
    return {"metadata": metadata}
