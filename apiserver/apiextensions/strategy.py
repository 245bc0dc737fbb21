"""How custom resources behave (``apiextensions-apiserver/pkg/registry/customresource/strategy.go``, v0.36)."""

from collections.abc import Sequence
from typing import Any

from apimachinery.errors import MethodNotAllowed
from apiserver.apiextensions.jsonpath import JSONPath
from apiserver.apiextensions.values import ValueValidator
from apiserver.registry.strategy import COMMON_FIELDS, Strategy
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

_MISSING = object()


class CustomResourceStrategy(Strategy):
    """The strategy of one version.

    ``selectable`` are the paths that field selectors may name in this version, ``indexed`` those of all versions: they
    are kept beside every object, whichever version it was written in.
    """

    def __init__(
        self,
        validator: ValueValidator,
        *,
        has_status: bool,
        terminating: bool,
        selectable: Sequence[JSONPath] = (),
        indexed: Sequence[JSONPath] = (),
    ) -> None:
        self._validator = validator
        self._has_status = has_status
        self._terminating = terminating
        self._indexed = [(path.text.removeprefix("."), path) for path in indexed]
        self.selectable_fields = (*COMMON_FIELDS, *(path.text.removeprefix(".") for path in selectable))

    def counted(self, obj: JSONObject) -> JSONObject:
        found = super().counted(obj)
        if not self._has_status and "status" in obj:
            found["status"] = obj["status"]
        return found

    def prepare_for_create(self, obj: JSONObject) -> None:
        if self._terminating:
            raise MethodNotAllowed("create not allowed while custom resource definition is terminating")
        if self._has_status:
            obj.pop("status", None)

    def validate(self, obj: JSONObject) -> Causes:
        return self._validator.validate(obj)

    def prepare_for_update(self, new: JSONObject, old: JSONObject) -> None:
        if self._has_status:
            super().prepare_for_update(new, old)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        """Check the values; what was wrong already and stays as it was is let pass (``CRDValidationRatcheting``)."""
        return [cause for cause in self._validator.validate(new) if not _unchanged(cause.field, new, old)]

    def prepare_for_status_update(self, new: JSONObject, old: JSONObject) -> None:
        super().prepare_for_status_update(new, old)
        given = new["metadata"]
        new["metadata"] = dict(old["metadata"])
        for key in ("resourceVersion", "managedFields"):
            if key in given:
                new["metadata"][key] = given[key]
            else:
                new["metadata"].pop(key, None)

    def validate_status_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return self.validate_update(new, old)

    def fields(self, obj: JSONObject) -> dict[str, str]:
        found = super().fields(obj)
        for name, path in self._indexed:
            values = path.find(obj)
            found[name] = _text(values[0]) if values else ""
        return found


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _unchanged(path: str, new: JSONObject, old: JSONObject) -> bool:
    before, after = _at(old, path), _at(new, path)
    return before is not _MISSING and before == after


def _at(obj: Any, path: str) -> Any:
    """Return what stands at a path as causes write it; paths with list indexes are followed by position."""
    for part in path.replace("[", ".[").split("."):
        if part.startswith("[") and part.endswith("]") and part[1:-1].isdecimal():
            index = int(part[1:-1])
            if not isinstance(obj, list) or index >= len(obj):
                return _MISSING
            obj = obj[index]
        elif isinstance(obj, dict) and part in obj:
            obj = obj[part]
        else:
            return _MISSING
    return obj
