"""The two-way diff of a strategic merge patch, as ``kubectl`` computes one (``CreateTwoWayMergePatch``, v0.36)."""

from typing import Any

from apimachinery.schema.bundle import Bundle, Field
from apimachinery.strategic_merge import DELETE_PRIMITIVES, DIRECTIVE, RETAIN_KEYS, SET_ORDER

JSONObject = dict[str, Any]


class Diff:
    """Computes the patch that makes one object of a kind into another."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def of_maps(self, old: JSONObject, new: JSONObject, kind: str) -> JSONObject:
        patch: JSONObject = {name: None for name in old if name not in new}
        for name, value in new.items():
            if name not in old:
                patch[name] = value
            elif old[name] != value:
                self._field(patch, name, old[name], value, self._of(kind, name))
        return patch

    def _of(self, kind: str, name: str) -> Field:
        if kind.startswith("{}"):
            return Field(kind[2:])
        struct = self._bundle.struct(kind[1:]) if kind.startswith("#") else None
        return struct.fields.get(name, Field("any")) if struct else Field("any")

    def _field(self, patch: JSONObject, name: str, old: Any, new: Any, field: Field) -> None:
        if isinstance(old, dict) and isinstance(new, dict) and "replace" not in field.patch_strategy:
            patch[name] = self.of_maps(old, new, field.type)
            if "retainKeys" in field.patch_strategy:
                patch[name][RETAIN_KEYS] = sorted(new)
        elif isinstance(old, list) and isinstance(new, list) and "merge" in field.patch_strategy:
            if field.merge_key:
                self._keyed(patch, name, old, new, field)
            else:
                patch[SET_ORDER + name] = new
                if added := [item for item in new if item not in old]:
                    patch[name] = added
                if gone := [item for item in old if item not in new]:
                    patch[DELETE_PRIMITIVES + name] = gone
        else:
            patch[name] = new

    def _keyed(self, patch: JSONObject, name: str, old: list[Any], new: list[Any], field: Field) -> None:
        key, kind = field.merge_key, field.type.removeprefix("[]")
        before = {item[key]: item for item in old}
        changes: list[JSONObject] = []
        for item in new:
            if item[key] not in before:
                changes.append(item)
            elif item != before[item[key]]:
                change = {key: item[key], **self.of_maps(before[item[key]], item, kind)}
                if "retainKeys" in field.patch_strategy:
                    change[RETAIN_KEYS] = sorted(item)
                changes.append(change)
        kept = {item[key] for item in new}
        changes += [{DIRECTIVE: "delete", key: value} for value in before if value not in kept]
        patch[SET_ORDER + name] = [{key: item[key]} for item in new]
        if changes:
            patch[name] = changes
