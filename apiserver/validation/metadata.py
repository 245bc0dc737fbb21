"""ObjectMeta: names, labels, annotations, owners, finalizers, and what an update may not touch.

Follows ``k8s.io/apimachinery/pkg/api/validation/objectmeta.go`` (v0.36).
"""

from collections.abc import Callable
from typing import Any

from apimachinery import names
from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]
NameCheck = Callable[[str], list[str]]

ANNOTATIONS_LIMIT = 256 * 1024
STANDARD_FINALIZERS = {"orphan", "foregroundDeletion", "kubernetes"}


def validate(metadata: JSONObject, *, namespaced: bool, name_check: NameCheck) -> Causes:
    """Check the metadata of a new object, whose name has been generated if it was to be."""
    causes: Causes = []
    name = metadata.get("name", "")
    if generate_name := metadata.get("generateName"):
        # The base may end in what a name may not end in, since letters follow it.
        base = generate_name.rstrip("-.") or generate_name
        causes += field.problems("metadata.generateName", generate_name, name_check(base))
    if not name:
        causes.append(field.required("metadata.name", "name or generateName is required"))
    else:
        causes += field.problems("metadata.name", name, name_check(name))
    namespace = metadata.get("namespace", "")
    if namespaced:
        if not namespace:
            causes.append(field.required("metadata.namespace"))
        else:
            causes += field.problems("metadata.namespace", namespace, names.dns_label(namespace))
    elif namespace:
        causes.append(field.forbidden("metadata.namespace", "not allowed on this type"))
    causes += validate_labels(metadata.get("labels"), "metadata.labels")
    causes += validate_annotations(metadata.get("annotations"), "metadata.annotations")
    causes += _owners(metadata.get("ownerReferences") or [])
    causes += _finalizers(metadata.get("finalizers") or [])
    return causes


def validate_labels(labels: JSONObject | None, path: str) -> Causes:
    causes: Causes = []
    for key, value in (labels or {}).items():
        causes += field.problems(path, key, names.qualified_name(key))
        causes += field.problems(path, value, names.label_value(value))
    return causes


def validate_annotations(annotations: JSONObject | None, path: str) -> Causes:
    causes: Causes = []
    total = 0
    for key, value in (annotations or {}).items():
        causes += field.problems(path, key, names.qualified_name(key.lower()))
        total += len(key) + len(value)
    if total > ANNOTATIONS_LIMIT:
        causes.append(field.too_long(path, ANNOTATIONS_LIMIT))
    return causes


def _owners(owners: list[JSONObject]) -> Causes:
    causes: Causes = []
    controllers: list[str] = []
    for index, owner in enumerate(owners):
        path = f"metadata.ownerReferences[{index}]"
        for key in ("apiVersion", "kind", "name", "uid"):
            if not owner.get(key):
                causes.append(field.invalid(f"{path}.{key}", owner.get(key, ""), f"{key} must not be empty"))
        if owner.get("controller"):
            controllers.append(owner.get("name", ""))
    if len(controllers) > 1:
        causes.append(
            field.invalid(
                "metadata.ownerReferences",
                owners,
                "Only one reference can have Controller set to true. "
                f'Found "true" in references for {" and ".join(controllers)}',
            )
        )
    return causes


def _finalizers(finalizers: list[str]) -> Causes:
    causes: Causes = []
    for index, finalizer in enumerate(finalizers):
        path = f"metadata.finalizers[{index}]"
        causes += field.problems(path, finalizer, names.qualified_name(finalizer))
        if "/" not in finalizer and finalizer not in STANDARD_FINALIZERS:
            causes.append(
                field.invalid(path, finalizer, "name is neither a standard finalizer name nor is it fully qualified")
            )
    if {"orphan", "foregroundDeletion"} <= set(finalizers):
        causes.append(
            field.invalid(
                "metadata.finalizers",
                finalizers,
                "finalizer orphan and foregroundDeletion cannot be both set",
            )
        )
    return causes


_IMMUTABLE = ("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")


def validate_update(new: JSONObject, old: JSONObject) -> Causes:
    """Check the metadata of a changed object against what it was; what has not changed has been checked before."""
    causes: Causes = [
        field.invalid(f"metadata.{key}", new.get(key), "field is immutable")
        for key in _IMMUTABLE
        if new.get(key) != old.get(key)
    ]
    if new.get("generation", 0) < old.get("generation", 0):
        causes.append(field.invalid("metadata.generation", new.get("generation", 0), "must not be decremented"))
    if (labels := new.get("labels")) != old.get("labels"):
        causes += validate_labels(labels, "metadata.labels")
    if (annotations := new.get("annotations")) != old.get("annotations"):
        causes += validate_annotations(annotations, "metadata.annotations")
    if (owners := new.get("ownerReferences")) != old.get("ownerReferences"):
        causes += _owners(owners or [])
    if (finalizers := new.get("finalizers")) != old.get("finalizers"):
        causes += _finalizers(finalizers or [])
    if old.get("deletionTimestamp"):
        added = [name for name in new.get("finalizers") or [] if name not in (old.get("finalizers") or [])]
        if added:
            causes.append(
                field.forbidden(
                    "metadata.finalizers",
                    "no new finalizers can be added if the object is being deleted, found new finalizers "
                    f"[]string{{{', '.join(repr(name) for name in added)}}}".replace("'", '"'),
                )
            )
    return causes
