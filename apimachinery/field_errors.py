"""Field errors in upstream's words (``k8s.io/apimachinery/pkg/util/validation/field``, v0.36).

A field error is a :class:`~apimachinery.errors.Cause`: an API object that has some is answered with a 422, a
configuration file that has some is refused at the start.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from apimachinery.errors import Cause

Causes = list[Cause]


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    return orjson.dumps(value).decode()


def required(path: str, detail: str = "") -> Cause:
    return Cause("FieldValueRequired", f"Required value: {detail}" if detail else "Required value", path)


def invalid(path: str, value: Any, detail: str) -> Cause:
    return Cause("FieldValueInvalid", f"Invalid value: {_shown(value)}: {detail}", path)


def invalid_whole(path: str, detail: str) -> Cause:
    """Refuse a field whose value says nothing to the reader (``field.OmitValueType``)."""
    return Cause("FieldValueInvalid", f"Invalid value: {detail}", path)


def duplicate(path: str, value: Any) -> Cause:
    return Cause("FieldValueDuplicate", f"Duplicate value: {_shown(value)}", path)


def forbidden(path: str, detail: str) -> Cause:
    return Cause("FieldValueForbidden", f"Forbidden: {detail}", path)


def not_found(path: str, value: Any) -> Cause:
    return Cause("FieldValueNotFound", f"Not found: {_shown(value)}", path)


def too_long(path: str, limit: int) -> Cause:
    return Cause("FieldValueTooLong", f"Too long: may not be more than {limit} bytes", path)


def too_many(path: str, count: int, limit: int) -> Cause:
    return Cause("FieldValueTooMany", f"Too many: {count}: must have at most {limit} items", path)


def not_supported(path: str, value: Any, supported: Iterable[str]) -> Cause:
    choices = ", ".join(f'"{choice}"' for choice in sorted(supported))
    return Cause("FieldValueNotSupported", f"Unsupported value: {_shown(value)}: supported values: {choices}", path)


def non_negative(path: str, value: int | None) -> Causes:
    """Upstream's bound for counts and durations."""
    if value is not None and value < 0:
        return [invalid(path, value, "must be greater than or equal to 0")]
    return []


def problems(path: str, value: str, messages: Sequence[str]) -> Causes:
    """Turn the messages of a name check into causes."""
    return [invalid(path, value, message) for message in messages] if messages else []


def lines(causes: Sequence[Cause]) -> list[str]:
    """Return the causes as upstream prints them, ``path: message``."""
    return [f"{cause.field}: {cause.message}" for cause in causes]


def aggregate(causes: Sequence[Cause]) -> str:
    """Return the text of all causes as one error, as upstream's ``Aggregate``: several in brackets."""
    shown = lines(causes)
    return shown[0] if len(shown) == 1 else f"[{', '.join(shown)}]"
