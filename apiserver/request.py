"""One request, taken apart: which resource, what to do with it, and with which options."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl

from apimachinery import go_text
from apimachinery.errors import BadRequest, NotFound
from apimachinery.schema.decoder import FieldValidation
from apimachinery.selectors import (
    EVERYTHING,
    NO_FIELDS,
    FieldSelector,
    Selector,
    SelectorSyntaxError,
    parse_field_selector,
    parse_label_selector,
)
from apiserver.registry.resource import Registry, ResourceInfo
from apiserver.validation import field
from apiserver.validation.field import Causes, refusal

_NAMESPACE_SUBRESOURCES = {"status", "finalize"}


class Target(NamedTuple):
    """What a path names. An empty ``name`` means the collection, an empty ``namespace`` all of them."""

    info: ResourceInfo
    namespace: str
    name: str
    subresource: str
    watched: bool = False
    """Whether the path itself asks for a watch, as ``/api/v1/watch/pods`` does."""


_LONG_RUNNING = frozenset({"proxy", "log", "exec", "attach", "portforward"})


def names_resource(path: str) -> bool:
    """Whether a path is below ``/api/VERSION/`` or ``/apis/GROUP/VERSION/``."""
    if path.startswith("/api/"):
        return path.rstrip("/").count("/") >= 3
    return path.startswith("/apis/") and path.rstrip("/").count("/") >= 4


def is_long_running(target: Target | None, method: str, query: "Query") -> bool:
    """Whether a request may go on for as long as its client wants: a watch, or a stream through the server."""
    if target is None:
        return False
    if target.subresource in _LONG_RUNNING:
        return True
    return method == "GET" and (target.watched or query.flag("watch"))


def resolve(registry: Registry, path: str) -> Target:
    """Find what ``/api/v1/…`` or ``/apis/<group>/<version>/…`` names; raise 404 as upstream words it.

    After the version there may be ``watch``: the deprecated paths of watches, which have no subresources.
    """
    parts = [part for part in path.split("/") if part]
    if parts[0] == "api":
        group, version, rest = "", parts[1] if len(parts) > 1 else "", parts[2:]
    else:
        group = parts[1] if len(parts) > 1 else ""
        version, rest = parts[2] if len(parts) > 2 else "", parts[3:]
    watched = len(rest) > 1 and rest[0] == "watch"
    if watched:
        rest = rest[1:]
    namespace = ""
    if len(rest) > 2 and rest[0] == "namespaces" and rest[2] not in _NAMESPACE_SUBRESOURCES:
        namespace, rest = rest[1], rest[2:]
    if len(rest) > 2 and rest[2] == "proxy":
        # What is behind it is the target's affair.
        rest = rest[:3]
    if not rest or len(rest) > (2 if watched else 3):
        raise NotFound("the server could not find the requested resource")
    plural, name, subresource = (*rest, "", "")[:3]
    info = registry.find(group, version, plural)
    if info is None or (namespace and not info.namespaced) or (name and info.namespaced and not namespace):
        raise NotFound("the server could not find the requested resource")
    if watched and "watch" not in info.verbs:
        raise NotFound("the server could not find the requested resource")
    return Target(info, namespace, name, subresource, watched)


class Query:
    """The query parameters of a request, read as upstream reads them."""

    __slots__ = ("_values",)

    def __init__(self, query_string: bytes) -> None:
        self._values: Mapping[str, str] = _parse_query(query_string) if query_string else {}

    def text(self, name: str) -> str:
        return self._values.get(name, "")

    def given(self, name: str) -> bool:
        return name in self._values

    def flag(self, name: str) -> bool:
        """Return a truth value; a name without one counts as true (``runtime.Convert_Slice_string_To_bool``)."""
        value = self._values.get(name)
        return value is not None and value != "0" and value.lower() != "false"

    def integer(self, name: str) -> int | None:
        """Return a whole number; ``None`` when it is not given."""
        value = self._values.get(name, "")
        if not value:
            return None
        try:
            return go_text.integer(value)
        except ValueError as error:
            raise BadRequest(str(error)) from None

    def limit(self) -> int:
        """Return how long a page may be; 0, which any negative number stands for too, is no bound."""
        return max(0, self.integer("limit") or 0)

    def resource_version(self) -> int | None:
        """Return the ``resourceVersion``; ``None`` when it is not given."""
        value = self._values.get("resourceVersion", "")
        if not value:
            return None
        try:
            return go_text.integer(value, "ParseUint")
        except ValueError as error:
            cause = field.invalid("resourceVersion", value, str(error))
            raise refusal("ListOptions", "meta.k8s.io", "", [cause]) from None

    def check_list_options(self) -> None:
        """Refuse parameters that do not go together, as ``ValidateListOptions`` does."""
        match, version = self.text("resourceVersionMatch"), self.text("resourceVersion")
        initial_events = self.text("sendInitialEvents")
        path = "resourceVersionMatch"
        causes: Causes = []
        if initial_events and not self.flag("watch"):
            causes.append(field.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"))
        elif initial_events:
            if match != "NotOlderThan":
                detail = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
                causes.append(field.forbidden(path, detail))
        elif match and self.flag("watch"):
            detail = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
            causes.append(field.forbidden(path, detail))
        elif match:
            if not version:
                detail = "resourceVersionMatch is forbidden unless resourceVersion is provided"
                causes.append(field.forbidden(path, detail))
            if self.text("continue"):
                causes.append(field.forbidden(path, "resourceVersionMatch is forbidden when continue is provided"))
            if match not in {"Exact", "NotOlderThan"}:
                causes.append(field.not_supported(path, match, ["Exact", "NotOlderThan"]))
            if match == "Exact" and version == "0":
                detail = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
                causes.append(field.forbidden(path, detail))
        if causes:
            raise refusal("ListOptions", "meta.k8s.io", "", causes)

    def field_validation(self) -> FieldValidation:
        """Return what is done about unknown fields; that it is something there is has been checked."""
        return FieldValidation(self._values.get("fieldValidation") or FieldValidation.WARN)

    def dry_run(self) -> bool:
        """Return whether a write is only tried; that the value is ``All`` has been checked."""
        return "dryRun" in self._values

    def label_selector(self) -> Selector:
        text = self._values.get("labelSelector", "")
        if not text:
            return EVERYTHING
        try:
            return parse_label_selector(text)
        except SelectorSyntaxError as error:
            raise BadRequest(f"unable to parse requirement: {error}") from error

    def field_selector(self, info: ResourceInfo) -> FieldSelector:
        text = self._values.get("fieldSelector", "")
        if not text:
            return NO_FIELDS
        try:
            selector = parse_field_selector(text)
        except SelectorSyntaxError as error:
            raise BadRequest(str(error)) from error
        for term in selector.requirements:
            if term.field not in info.strategy.selectable_fields:
                label = f"field label not supported: {term.field}"
                raise BadRequest(
                    f'Unable to find "{info.api_version}, Resource={info.plural}" that match label selector "", '
                    f'field selector "{text}": {label}'
                )
        if aliases := info.strategy.field_aliases:
            return FieldSelector(
                tuple(replace(term, field=aliases.get(term.field, term.field)) for term in selector.requirements)
            )
        return selector


@lru_cache(maxsize=1024)
def _parse_query(query_string: bytes) -> Mapping[str, str]:
    values: dict[str, str] = {}
    for key, value in parse_qsl(query_string.decode("latin-1"), keep_blank_values=True):
        values.setdefault(key, value)
    return values


def dry_run_problems(values: list[str]) -> Causes:
    """Check which parts of a write are only tried; ``All`` is the one value there is."""
    return [] if set(values) <= {"All"} else [field.not_supported("dryRun", values, ["All"])]
