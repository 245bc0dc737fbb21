"""How custom resources behave (``apiextensions-apiserver/pkg/registry/customresource/strategy.go``, v0.36)."""

from collections.abc import Sequence
from typing import Any

from apimachinery.errors import MethodNotAllowed
from apiserver.apiextensions import embedded
from apiserver.apiextensions.jsonpath import JSONPath
from apiserver.apiextensions.values import ValueValidator
from apiserver.registry.resource import ScalePaths
from apiserver.registry.strategy import COMMON_FIELDS, Strategy
from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

_LARGEST_REPLICAS = 2**31 - 1


class CustomResourceStrategy(Strategy):
    """The strategy of one version; raises ``ValueError`` for a schema that cannot be compiled.

    ``selectable`` are the paths that field selectors may name in this version, ``indexed`` those of all versions: they
    are kept beside every object, whichever version it was written in.
    """

    def __init__(
        self,
        schema: JSONObject,
        *,
        has_status: bool,
        terminating: bool,
        scale: ScalePaths | None = None,
        selectable: Sequence[JSONPath] = (),
        indexed: Sequence[JSONPath] = (),
    ) -> None:
        self._validator = ValueValidator(schema)
        self._schema = schema
        self._embedded = embedded.has_embedded(schema)
        self._scale = scale
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
        return self._validator.validate(obj) + self._beside_values(obj)

    def _beside_values(self, obj: JSONObject, *, of_status: bool = False) -> Causes:
        """Check what a schema cannot say: the objects inside, and the numbers that the scale shows."""
        causes = embedded.validate(obj, self._schema) if self._embedded else []
        if self._scale is not None:
            causes += _check_scale(obj, self._scale, of_status=of_status)
        return causes

    def prepare_for_update(self, new: JSONObject, old: JSONObject) -> None:
        if self._has_status:
            super().prepare_for_update(new, old)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return self._validator.validate_update(new, old) + self._beside_values(new)

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
        return self._validator.validate_update(new, old) + self._beside_values(new, of_status=True)

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


def _check_scale(obj: JSONObject, scale: ScalePaths, *, of_status: bool) -> Causes:
    """Check what the scale is made of; a write of the status answers for its half only."""
    causes: Causes = []
    if not of_status:
        causes += _check_replicas(obj, scale.spec_replicas)
    causes += _check_replicas(obj, scale.status_replicas)
    if scale.selector:
        causes += _check_type(obj, scale.selector, str, "string")[1]
    return causes


def _check_replicas(obj: JSONObject, path: tuple[str, ...]) -> Causes:
    value, causes = _check_type(obj, path, int, "int64")
    place = "." + ".".join(path)
    if causes or value is None:
        return causes
    if value < 0:
        return [field.invalid(place, value, "should be a non-negative integer")]
    if value > _LARGEST_REPLICAS:
        return [field.invalid(place, value, f"should be less than or equal to {_LARGEST_REPLICAS}")]
    return []


def _check_type(obj: JSONObject, path: tuple[str, ...], kind: type, shown: str) -> tuple[Any, Causes]:
    """Return what stands at a path, ``None`` for nothing, and the complaint of Go's accessor about another type."""
    place, wanted = "." + ".".join(path), shown
    value: Any = obj
    for key in path:
        if not isinstance(value, dict):
            wanted = "map[string]interface{}"
            break
        if key not in value:
            return None, []
        value = value[key]
    else:
        if isinstance(value, kind) and not isinstance(value, bool):
            return value, []
    detail = f"{place} accessor error: {_go_value(value)} is of the type {_go_type(value)}, expected {wanted}"
    return None, [field.invalid(place, kind(), detail)]


def _go_value(value: Any) -> str:
    if value is None:
        return "<nil>"
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _go_type(value: Any) -> str:
    match value:
        case None:
            return "<nil>"
        case bool():
            return "bool"
        case int():
            return "int64"
        case float():
            return "float64"
        case str():
            return "string"
        case list():
            return "[]interface {}"
    return "map[string]interface {}"
