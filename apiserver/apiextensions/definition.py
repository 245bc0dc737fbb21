"""CustomResourceDefinitions: defaults, checks, what an update may change.

``apiextensions-apiserver/pkg/apis/apiextensions/v1/defaults.go`` and
``pkg/registry/customresourcedefinition/strategy.go``, v0.36.
"""

from typing import Any

from apiserver.apiextensions.definition_checks import validate_definition, validate_status
from apiserver.json_fields import keep
from apiserver.registry.strategy import COMMON_FIELDS, Strategy
from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

FINALIZER = "customresourcecleanup.apiextensions.k8s.io"

_IMMUTABLE = (("spec.group", ("spec", "group")), ("spec.names.plural", ("spec", "names", "plural")))
_IMMUTABLE_WHEN_ESTABLISHED = (
    ("spec.scope", ("spec", "scope")),
    ("spec.names.kind", ("spec", "names", "kind")),
)


class DefinitionStrategy(Strategy):
    selectable_fields = COMMON_FIELDS[:1]

    def default(self, obj: JSONObject) -> None:
        spec = obj.setdefault("spec", {})
        given = spec.setdefault("names", {})
        kind = given.get("kind", "")
        given["singular"] = given.get("singular") or kind.lower()
        given["listKind"] = given.get("listKind") or (f"{kind}List" if kind else "")
        spec["conversion"] = spec.get("conversion") or {"strategy": "None"}

    def prepare_for_create(self, obj: JSONObject) -> None:
        obj["status"] = {"conditions": [], "acceptedNames": {"plural": "", "kind": ""}, "storedVersions": []}
        _note_stored_version(obj)

    def prepare_for_update(self, new: JSONObject, old: JSONObject) -> None:
        keep(new, old, "status")
        if "status" in new:
            new["status"] = {**new["status"], "storedVersions": list(new["status"].get("storedVersions", ()))}
        _note_stored_version(new)

    def begin_deletion(self, obj: JSONObject) -> None:
        """Have the instances go first (``etcd.go``'s ``Delete``)."""
        metadata = obj["metadata"]
        if FINALIZER not in metadata.get("finalizers", ()):
            metadata["finalizers"] = [*metadata.get("finalizers", ()), FINALIZER]

    def validate(self, obj: JSONObject) -> Causes:
        return validate_definition(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        causes = validate_definition(new, old)
        established = is_established(old)
        for path, keys in (*(_IMMUTABLE_WHEN_ESTABLISHED if established else ()), *_IMMUTABLE):
            before, after = _dig(old, keys), _dig(new, keys)
            if before != after:
                causes.append(field.invalid(path, after, "field is immutable"))
        return causes

    def validate_status_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return validate_status(new)

    def fields(self, obj: JSONObject) -> dict[str, str]:
        return {"metadata.name": obj["metadata"]["name"]}


def _dig(obj: JSONObject, keys: tuple[str, ...]) -> Any:
    found: Any = obj
    for key in keys:
        found = found.get(key, {})
    return found


def is_established(definition: JSONObject) -> bool:
    return _is_true(definition, "Established")


def names_accepted(definition: JSONObject) -> bool:
    return _is_true(definition, "NamesAccepted")


def _is_true(definition: JSONObject, condition: str) -> bool:
    return any(
        entry.get("type") == condition and entry.get("status") == "True"
        for entry in definition.get("status", {}).get("conditions") or ()
    )


def _note_stored_version(obj: JSONObject) -> None:
    """Remember which versions objects may be stored in."""
    stored = obj.setdefault("status", {}).setdefault("storedVersions", [])
    for version in obj["spec"].get("versions", ()):
        if version.get("storage") and version.get("name") not in stored:
            stored.append(version.get("name"))
