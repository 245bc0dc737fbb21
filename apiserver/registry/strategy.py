"""How one kind differs from the next: defaults, what a write may touch, what is valid.

The counterpart of upstream's ``rest.RESTCreateStrategy`` and its siblings (``k8s.io/apiserver/pkg/registry/rest``,
v0.36). Handlers are generic; everything a kind has of its own is asked of its strategy.
"""

from collections.abc import Mapping
from typing import Any

from apimachinery import names
from apiserver.json_fields import keep
from apiserver.validation import metadata as object_meta
from apiserver.validation.field import Causes
from apiserver.validation.metadata import NameCheck

JSONObject = dict[str, Any]

COMMON_FIELDS = ("metadata.name", "metadata.namespace")


class Strategy:
    """The behaviour of a kind that has none of its own; kinds override what they need.

    Objects are plain JSON objects that have been decoded against their schema. Methods change them in place;
    nothing here waits or talks to anyone.
    """

    name_check: NameCheck = staticmethod(names.dns_subdomain)
    """What a name may look like."""

    selectable_fields: tuple[str, ...] = COMMON_FIELDS
    """What a field selector may name."""

    field_aliases: Mapping[str, str] = {}
    """For a version that is stored as another: what its selectable fields are called in the stored form."""

    counts_generations = True
    """Whether ``metadata.generation`` counts the changes of the spec; some kinds have none."""

    create_on_update = False
    """Whether PUT on a name that does not exist creates it."""

    orphans_by_default = False
    """Whether what belongs to the object stays when it is deleted by somebody who does not say."""

    orphaning_warning = ""
    """What to tell a client by whose silence that happens."""

    returns_deleted_object = False
    """Whether DELETE answers with the object; most kinds answer with a Status."""

    def of_subresource(self, name: str) -> "Strategy":
        """Return how a write of that subresource is treated, where it has the whole object for its body.

        Only :meth:`prepare_for_update` and :meth:`validate_update` of what is returned are asked.
        """
        return self

    def default(self, obj: JSONObject) -> None:
        """Fill in what the client left out; called on every write."""

    def default_status(self, obj: JSONObject) -> None:
        """Do the same for a write of the status; what that may not change need not be looked at."""
        self.default(obj)

    def prepare_for_create(self, obj: JSONObject) -> None:
        """Drop what a client may not set on a new object."""
        obj.pop("status", None)

    def validate(self, obj: JSONObject) -> Causes:
        return []

    def prepare_for_update(self, new: JSONObject, old: JSONObject) -> None:
        """Undo what a write of the object itself may not change: its status."""
        keep(new, old, "status")

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return self.validate(new)

    def prepare_for_status_update(self, new: JSONObject, old: JSONObject) -> None:
        """Undo what a status write may not change: everything but the status and the metadata."""
        for key in set(new) | set(old):
            if key not in {"status", "metadata", "apiVersion", "kind"}:
                keep(new, old, key)

    def validate_status_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return []

    def stamp(self, new: JSONObject, old: JSONObject, now: str) -> None:
        """Note in an object that is being changed when that was; ``now`` is a time as objects have them.

        Called on every update, once what the write may not change has been undone.
        """

    def counted(self, obj: JSONObject) -> JSONObject:
        """Return what the generation counts the changes of: everything but metadata and status."""
        return {key: value for key, value in obj.items() if key not in {"metadata", "status", "kind", "apiVersion"}}

    def validate_metadata(self, metadata: JSONObject, *, namespaced: bool) -> Causes:
        return object_meta.validate(metadata, namespaced=namespaced, name_check=self.name_check)

    def graceful_deletion(self, obj: JSONObject, requested: int | None) -> int:
        """Return how many seconds the object stays after a delete; most kinds go at once.

        ``requested`` is the client's ``gracePeriodSeconds``.
        """
        return 0

    def deletion_forbidden(self, name: str) -> str:
        """Return why nobody may delete the object of this name; empty when they may."""
        return ""

    def begin_deletion(self, obj: JSONObject) -> None:
        """Change the object as its deletion begins, when it does not go at once."""

    def deletion_blocked(self, obj: JSONObject) -> bool:
        """Whether something beside finalizers still holds the object that is being deleted."""
        return False

    def fields(self, obj: JSONObject) -> dict[str, str]:
        """Return the values of :attr:`selectable_fields`, as text."""
        metadata = obj["metadata"]
        return {"metadata.name": metadata["name"], "metadata.namespace": metadata.get("namespace", "")}
