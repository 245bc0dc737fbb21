"""Tables of what files may hold, made of the pydantic models that read them."""

import json
import types
import typing
from collections.abc import Collection, Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tools.markdown import field_docs, prose, table

_LONGEST_DEFAULT = 40
_NAMES = {str: "text", int: "number", float: "number", bool: "true or false", Any: "anything"}


def model_sections(*roots: type[BaseModel]) -> str:
    """Return a table for each of the models and of those of their packages that are in their fields."""
    found = models(*roots)
    return "\n\n".join(f"### {model.__name__}\n\n{prose(model.__doc__)}\n\n{_fields(model, found)}" for model in found)


def models(*roots: type[BaseModel]) -> list[type[BaseModel]]:
    """Return models and those in their fields, each once, in the order in which they are met."""
    packages = {root.__module__.rpartition(".")[0] for root in roots}
    found: list[type[BaseModel]] = []

    def meet(model: type[BaseModel]) -> None:
        if model in found or model.__module__.rpartition(".")[0] not in packages:
            return
        found.append(model)
        for field in model.model_fields.values():
            for part in _parts(field.annotation):
                if isinstance(part, type) and issubclass(part, BaseModel):
                    meet(part)

    for root in roots:
        meet(root)
    return found


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for argument in typing.get_args(annotation):
        yield from _parts(argument)


def _fields(model: type[BaseModel], explained: Collection[type]) -> str:
    docs = field_docs(model)
    rows = [
        (f"`{field.alias or name}`", _type(field.annotation, explained) + _limits(field), _default(field), docs[name])
        for name, field in model.model_fields.items()
    ]
    return table(["field", "type", "default", "what it does"], rows)


def _limits(field: FieldInfo) -> str:
    """Return between what a number has to be, as far as the model says it."""
    least = next((limit.ge for limit in field.metadata if hasattr(limit, "ge")), None)
    most = next((limit.le for limit in field.metadata if hasattr(limit, "le")), None)
    if least is None:
        return ""
    return f", {least} or more" if most is None else f", {least} … {most}"


def _default(field: FieldInfo) -> str:
    """Return a default as it would be in the file; nothing for one that is empty, or too long to be helpful."""
    if field.is_required():
        return "*required*"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value in (None, "", (), [], {}) or isinstance(value, BaseModel):
        return ""
    text = json.dumps(value, default=lambda model: model.model_dump(mode="json", by_alias=True))
    return f"`{value if isinstance(value, str) else text}`" if len(text) <= _LONGEST_DEFAULT else ""


def _type(annotation: Any, explained: Collection[type]) -> str:
    """Return a type in words, with links to those that are explained on the page."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0], explained)
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in arguments)
    if origin in {typing.Union, types.UnionType}:
        return " or ".join(_type(argument, explained) for argument in arguments if argument is not type(None))
    if origin in {list, tuple}:
        return f"list of {_type(arguments[0], explained)}"
    if origin is dict:
        return f"map from {_type(arguments[0], explained)} to {_type(arguments[1], explained)}"
    if annotation in _NAMES:
        return _NAMES[annotation]
    name = str(annotation.__name__)
    return f"[{name}](#{name.lower()})" if annotation in explained else f"{name}, as in a pod"
