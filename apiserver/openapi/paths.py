"""Resources as operations, in a form that both versions of OpenAPI are written from.

Names follow ``k8s.io/apiserver/pkg/endpoints/{installer,openapi}``, v0.36.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from apiserver.registry.resource import ResourceInfo, Subresource

JSONObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: str = "string"
    place: str = "query"


PRETTY = Parameter("pretty")
_LIST = (
    Parameter("allowWatchBookmarks", "boolean"),
    Parameter("continue"),
    Parameter("fieldSelector"),
    Parameter("labelSelector"),
    Parameter("limit", "integer"),
    Parameter("resourceVersion"),
    Parameter("resourceVersionMatch"),
    Parameter("sendInitialEvents", "boolean"),
    Parameter("timeoutSeconds", "integer"),
    Parameter("watch", "boolean"),
)
_WRITE = (Parameter("dryRun"), Parameter("fieldManager"), Parameter("fieldValidation"))
_PATCH = (*_WRITE, Parameter("force", "boolean"))
_DELETE = (
    Parameter("dryRun"),
    Parameter("gracePeriodSeconds", "integer"),
    Parameter("ignoreStoreReadErrorWithClusterBreakingPotential", "boolean"),
    Parameter("orphanDependents", "boolean"),
    Parameter("propagationPolicy"),
)
_SELECTORS = tuple(entry for entry in _LIST if entry.name not in {"allowWatchBookmarks", "watch"})

_LOG = (
    Parameter("container"),
    Parameter("follow", "boolean"),
    Parameter("insecureSkipTLSVerifyBackend", "boolean"),
    Parameter("limitBytes", "integer"),
    Parameter("previous", "boolean"),
    Parameter("sinceSeconds", "integer"),
    Parameter("stream"),
    Parameter("tailLines", "integer"),
    Parameter("timestamps", "boolean"),
)

_TERMINAL = (
    Parameter("container"),
    Parameter("stderr", "boolean"),
    Parameter("stdin", "boolean"),
    Parameter("stdout", "boolean"),
    Parameter("tty", "boolean"),
)
_STREAMS = {
    "attach": _TERMINAL,
    "exec": (Parameter("command"), *_TERMINAL),
    "portforward": (Parameter("ports", "integer"),),
}
_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")

JSON_TYPES = ("application/json", "application/yaml")
_WATCH_TYPES = ("application/json;stream=watch",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """``body`` and ``answer`` name what is sent: ``object``, ``list``, ``subresource``, ``patch``, ``options``,
    ``status``, ``text``, or nothing."""

    method: str
    id: str
    action: str
    parameters: tuple[Parameter, ...] = ()
    body: str = ""
    consumes: tuple[str, ...] = ()
    answer: str = "object"
    codes: tuple[int, ...] = (200,)
    streams: tuple[str, ...] = ()
    """Further media types, which the answer may come in bit by bit."""
    produces: tuple[str, ...] = ()
    """Media types of a ``text``."""
    group: str = ""
    version: str = ""
    kind: str = ""
    subresource: Subresource | None = None


@dataclass(frozen=True, slots=True)
class Path:
    path: str
    parameters: tuple[Parameter, ...]
    operations: tuple[Operation, ...]


def group_name(group: str) -> str:
    """Return a group as operation ids have it: ``RbacAuthorization`` for ``rbac.authorization.k8s.io``."""
    if not group:
        return "Core"
    return "".join(part[:1].upper() + part[1:] for part in group.removesuffix(".k8s.io").replace("-", ".").split("."))


def tag_name(name: str) -> str:
    """Return a group as tags have it, from its name in operation ids: ``rbacAuthorization``."""
    return f"{name[:1].lower()}{name[1:]}"


def tag(info: ResourceInfo) -> str:
    return f"{tag_name(group_name(info.group))}_{info.version}"


def paths(info: ResourceInfo) -> Iterator[Path]:
    """Yield every path of a resource with its operations, in upstream's order."""
    builder = _Builder(info)
    yield from builder.collections()
    if {"get", "update", "patch", "delete"} & set(info.verbs):
        yield builder.object()
    for subresource in sorted(info.subresources, key=lambda found: found.name):
        yield from builder.subresource(subresource)


class _Builder:
    def __init__(self, info: ResourceInfo) -> None:
        self._info = info
        root = f"/apis/{info.group}/{info.version}" if info.group else f"/api/{info.version}"
        self._all = f"{root}/{info.plural}"
        self._collection = f"{root}/namespaces/{{namespace}}/{info.plural}" if info.namespaced else self._all
        namespace = (Parameter("namespace", place="path"),) if info.namespaced else ()
        self._scope = (*namespace, PRETTY)
        self._named = (Parameter("name", place="path"), *self._scope)
        self._middle = f"{group_name(info.group)}{info.version[:1].upper()}{info.version[1:]}"
        self._subject = f"{'Namespaced' if info.namespaced else ''}{info.kind}"

    def _operation(self, method: str, verb: str, action: str, *, subject: str = "", **rest: Any) -> Operation:
        info = self._info
        gvk = {"group": info.group, "version": info.version, "kind": info.kind, **rest}
        return Operation(method=method, id=f"{verb}{self._middle}{subject or self._subject}", action=action, **gvk)

    def collections(self) -> Iterator[Path]:
        verbs, operations = self._info.verbs, []
        if "list" in verbs:
            operations.append(self._list(self._subject))
        if "create" in verbs:
            operations.append(
                self._operation(
                    "post",
                    "create",
                    "post",
                    parameters=_WRITE,
                    body="object",
                    consumes=JSON_TYPES,
                    codes=(200, 201, 202),
                )
            )
        if "deletecollection" in verbs:
            operations.append(
                self._operation(
                    "delete",
                    "delete",
                    "deletecollection",
                    subject=f"Collection{self._subject}",
                    parameters=(*_DELETE, *_SELECTORS),
                    body="options",
                    consumes=JSON_TYPES,
                    answer="status",
                )
            )
        yield Path(self._collection, self._scope, tuple(operations))
        if self._info.namespaced and "list" in verbs:
            yield Path(self._all, (PRETTY,), (self._list(f"{self._info.kind}ForAllNamespaces"),))

    def _list(self, subject: str) -> Operation:
        streams = _WATCH_TYPES if "watch" in self._info.verbs else ()
        return self._operation("get", "list", "list", subject=subject, parameters=_LIST, answer="list", streams=streams)

    def object(self) -> Path:
        verbs, operations = self._info.verbs, []
        if "get" in verbs:
            operations.append(self._operation("get", "read", "get"))
        if "update" in verbs:
            operations.append(
                self._operation(
                    "put", "replace", "put", parameters=_WRITE, body="object", consumes=JSON_TYPES, codes=(200, 201)
                )
            )
        if "delete" in verbs:
            operations.append(
                self._operation(
                    "delete",
                    "delete",
                    "delete",
                    parameters=_DELETE,
                    body="options",
                    consumes=JSON_TYPES,
                    answer="object" if self._info.strategy.returns_deleted_object else "status",
                    codes=(200, 202),
                )
            )
        if "patch" in verbs:
            operations.append(
                self._operation(
                    "patch",
                    "patch",
                    "patch",
                    parameters=_PATCH,
                    body="patch",
                    consumes=self._info.patch_types,
                    codes=(200, 201),
                )
            )
        return Path(f"{self._collection}/{{name}}", self._named, tuple(operations))

    def subresource(self, found: Subresource) -> Iterator[Path]:
        path = f"{self._collection}/{{name}}/{found.name}"
        if found.name == "proxy":
            yield Path(path, self._named, self._connects(found, "Proxy", _METHODS))
            inner = (*self._named, Parameter("path", place="path"))
            yield Path(f"{path}/{{path}}", inner, self._connects(found, "ProxyWithPath", _METHODS))
            return
        if found.name in _STREAMS:
            subject = found.name[:1].upper() + found.name[1:]
            yield Path(path, self._named, self._connects(found, subject, ("get", "post"), _STREAMS[found.name]))
            return
        subject = f"{self._subject}{found.name[:1].upper()}{found.name[1:]}"
        gvk = {
            "group": found.group or self._info.group,
            "version": found.version or self._info.version,
            "kind": found.kind,
        }
        shared: JSONObject = {"subject": subject, "subresource": found, "answer": "subresource", **gvk}
        operations = []
        if "get" in found.verbs and found.name == "log":
            shared |= {"answer": "text", "produces": ("text/plain", *JSON_TYPES)}
            operations.append(self._operation("get", "read", "get", parameters=_LOG, **shared))
        elif "get" in found.verbs:
            operations.append(self._operation("get", "read", "get", **shared))
        if "update" in found.verbs:
            operations.append(
                self._operation(
                    "put",
                    "replace",
                    "put",
                    parameters=_WRITE,
                    body="subresource",
                    consumes=JSON_TYPES,
                    codes=(200, 201),
                    **shared,
                )
            )
        if "create" in found.verbs:
            operations.append(
                self._operation(
                    "post",
                    "create",
                    "post",
                    parameters=_WRITE,
                    body="subresource",
                    consumes=JSON_TYPES,
                    codes=(200, 201, 202),
                    **shared,
                )
            )
        if "patch" in found.verbs:
            operations.append(
                self._operation(
                    "patch",
                    "patch",
                    "patch",
                    parameters=_PATCH,
                    body="patch",
                    consumes=self._info.patch_types,
                    codes=(200, 201),
                    **shared,
                )
            )
        yield Path(path, self._named, tuple(operations))

    def _connects(
        self, found: Subresource, suffix: str, methods: Iterable[str], parameters: tuple[Parameter, ...] = ()
    ) -> tuple[Operation, ...]:
        return tuple(
            self._operation(
                method,
                "connect",
                "connect",
                subject=f"{method.capitalize()}{self._subject}{suffix}",
                answer="text",
                parameters=parameters,
                produces=("*/*",),
                # Not the object's own kind: clients look at its operations to learn which parameters there are.
                kind=found.kind,
            )
            for method in methods
        )
