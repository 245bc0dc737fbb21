"""JSON values in the words of Go's ``fmt``, for error messages that quote them as upstream does."""

from typing import Any


def plain(value: Any) -> str:
    """Write a value as ``%v`` does: ``map[a:1 b:[x y]]``."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return "true" if value else "false"
        case dict():
            return "map[" + " ".join(f"{name}:{plain(value[name])}" for name in sorted(value)) + "]"
        case list():
            return "[" + " ".join(plain(item) for item in value) + "]"
        case float():
            return f"{value:g}"
    return str(value)


def type_name(value: Any) -> str:
    """Name the type that Go's decoder gives a JSON value, as ``%T`` does."""
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
