"""The objects of ``wardle.example.com``, as ``staging/src/k8s.io/sample-apiserver`` (v1.36) serves them: no I/O.

What a request asks is done to objects in memory, and answered with the object, a list, or a ``Status``. There are no
watches, and no tables.
"""

import copy
import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from apimachinery.clock import rfc3339
from apimachinery.errors import (
    AlreadyExists,
    BadRequest,
    Conflict,
    Forbidden,
    Invalid,
    MethodNotAllowed,
    NotFound,
    StatusError,
    UnsupportedMediaType,
)
from apimachinery.names import dns_subdomain
from apimachinery.patch import PatchError, apply_json_patch, apply_merge_patch
from apimachinery.selectors import SelectorSyntaxError, parse_label_selector

JSONObject = dict[str, Any]

GROUP = "wardle.example.com"
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


@dataclass(frozen=True, slots=True)
class Kind:
    kind: str
    plural: str
    singular: str
    namespaced: bool
    versions: tuple[str, ...]


KINDS = (
    Kind("Fischer", "fischers", "fischer", False, ("v1alpha1",)),
    Kind("Flunder", "flunders", "flunder", True, ("v1alpha1", "v1beta1")),
)
VERSIONS = ("v1beta1", "v1alpha1")
"""The preferred one first."""
_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its path without the query, and the first value of each parameter."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class _Place:
    kind: Kind
    version: str
    namespace: str
    name: str


class Objects:
    """All objects, by plural, namespace and name, in the form of ``v1beta1``."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._held: dict[tuple[str, str, str], JSONObject] = {}
        self._revision = 1

    def answer(self, asked: Asked, now: datetime) -> tuple[int, JSONObject]:
        """Do what is asked; return the code and the body."""
        try:
            if (document := discovery(asked.path)) is not None:
                return 200, document
            place = _place(asked.path)
            if place is None:
                raise NotFound("the server could not find the requested resource")
            return self._one(place, asked, now) if place.name else self._all(place, asked, now)
        except StatusError as error:
            return error.code, error.to_status()

    # Collections

    def _all(self, place: _Place, asked: Asked, now: datetime) -> tuple[int, JSONObject]:
        match asked.method:
            case "GET" if asked.query.get("watch") in {"1", "true"}:
                raise MethodNotAllowed(f"watch is not supported on resources of kind {place.kind.plural}.{GROUP}")
            case "GET":
                return 200, self._list(place, self._selected(place, asked.query))
            case "POST":
                return 201, self._create(place, _object(asked.body), now)
            case "DELETE":
                found = self._selected(place, asked.query)
                for stored in found:
                    del self._held[_key(place.kind, stored)]
                return 200, self._list(place, found)
        raise MethodNotAllowed("the server does not allow this method on the requested resource")

    def _selected(self, place: _Place, query: Mapping[str, str]) -> list[JSONObject]:
        try:
            selector = parse_label_selector(query.get("labelSelector", ""))
        except SelectorSyntaxError as error:
            raise BadRequest(str(error)) from error
        return [
            stored
            for (plural, namespace, _), stored in sorted(self._held.items(), key=lambda item: item[0])
            if plural == place.kind.plural
            and place.namespace in {"", namespace}
            and selector.matches(stored["metadata"].get("labels") or {})
        ]

    def _list(self, place: _Place, found: Sequence[JSONObject]) -> JSONObject:
        return {
            "kind": f"{place.kind.kind}List",
            "apiVersion": f"{GROUP}/{place.version}",
            "metadata": {"resourceVersion": str(self._revision)},
            "items": [_shown(stored, place) for stored in found],
        }

    def _create(self, place: _Place, given: JSONObject, now: datetime) -> JSONObject:
        if place.kind.namespaced and not place.namespace:
            raise MethodNotAllowed("the server does not allow this method on the requested resource")
        stored = _stored(given, place)
        metadata = stored["metadata"]
        if not metadata.get("name") and metadata.get("generateName"):
            metadata["name"] = metadata["generateName"] + "".join(self._rng.choice(_LETTERS) for _ in range(5))
        if place.namespace and metadata.setdefault("namespace", place.namespace) != place.namespace:
            raise BadRequest("the namespace of the provided object does not match the namespace sent on the request")
        self._check(place, stored)
        name = metadata["name"]
        if _key(place.kind, stored) in self._held:
            text = f'{place.kind.plural}.{GROUP} "{name}" already exists'
            raise AlreadyExists(text, name=name, group=GROUP, kind=place.kind.plural)
        metadata["uid"] = str(uuid.UUID(int=self._rng.getrandbits(128), version=4))
        metadata["creationTimestamp"] = rfc3339(now)
        return self._keep(place, stored)

    # Single objects

    def _one(self, place: _Place, asked: Asked, now: datetime) -> tuple[int, JSONObject]:
        key = (place.kind.plural, place.namespace, place.name)
        stored = self._held.get(key)
        if stored is None:
            text = f'{place.kind.plural}.{GROUP} "{place.name}" not found'
            raise NotFound(text, name=place.name, group=GROUP, kind=place.kind.plural)
        match asked.method:
            case "GET":
                return 200, _shown(stored, place)
            case "PUT":
                return 200, self._replace(place, stored, _object(asked.body))
            case "PATCH":
                return 200, self._replace(place, stored, _patched(_shown(stored, place), asked))
            case "DELETE":
                del self._held[key]
                details = {"name": place.name, "group": GROUP, "kind": place.kind.plural}
                details["uid"] = stored["metadata"]["uid"]
                gone = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
                return 200, gone
        raise MethodNotAllowed("the server does not allow this method on the requested resource")

    def _replace(self, place: _Place, before: JSONObject, given: JSONObject) -> JSONObject:
        stored = _stored(given, place)
        metadata, old = stored["metadata"], before["metadata"]
        if metadata.get("name", place.name) != place.name:
            raise BadRequest("the name of the object does not match the name on the URL")
        if metadata.get("resourceVersion", old["resourceVersion"]) != old["resourceVersion"]:
            raise Conflict(
                f'Operation cannot be fulfilled on {place.kind.plural}.{GROUP} "{place.name}": the object has been '
                "modified; please apply your changes to the latest version and try again",
                name=place.name,
                group=GROUP,
                kind=place.kind.plural,
            )
        for kept in ("name", "namespace", "uid", "creationTimestamp"):
            if kept in old:
                metadata[kept] = old[kept]
        self._check(place, stored)
        return self._keep(place, stored)

    def _keep(self, place: _Place, stored: JSONObject) -> JSONObject:
        self._revision += 1
        stored["metadata"]["resourceVersion"] = str(self._revision)
        self._held[_key(place.kind, stored)] = stored
        return _shown(stored, place)

    def _check(self, place: _Place, stored: JSONObject) -> None:
        """Refuse what the sample's validation does, and what its admission plugin ``BanFlunder`` does."""
        name = stored["metadata"].get("name", "")
        shown = orjson.dumps(name).decode()
        problems = [f"metadata.name: Invalid value: {shown}: {text}" for text in dns_subdomain(name)]
        if not name:
            problems = ["metadata.name: Required value: name or generateName is required"]
        spec = stored.get("spec") or {}
        if spec.get("flunderReference") and spec.get("fischerReference"):
            problems.append(
                "spec.fischerReference: Invalid value: cannot be set with flunderReference at the same time"
            )
        if problems:
            about = f'{place.kind.kind}.{GROUP} "{name}" is invalid: {"; ".join(problems)}'
            raise Invalid(about, name=name, group=GROUP, kind=place.kind.kind)
        if place.kind.kind == "Flunder":
            for (plural, _, _), other in self._held.items():
                if plural == "fischers" and name in (other.get("disallowedFlunders") or ()):
                    about = f'{place.kind.plural}.{GROUP} "{name}" is forbidden: this name may not be used, '
                    about += "please change the resource name"
                    raise Forbidden(about, name=name, group=GROUP, kind=place.kind.plural)


def _object(body: bytes) -> JSONObject:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the object provided is unrecognized (must be of type {GROUP}): {error}") from error
    if not isinstance(found, dict) or not isinstance(found.get("metadata", {}), dict):
        raise BadRequest(f"the object provided is unrecognized (must be of type {GROUP})")
    return found


def _patched(target: JSONObject, asked: Asked) -> JSONObject:
    try:
        patch = orjson.loads(asked.body)
        match asked.content_type.partition(";")[0].strip():
            case "application/json-patch+json":
                return apply_json_patch(target, patch)
            # The sample's types have no merge keys: the strategic merge is the simple one.
            case "application/merge-patch+json" | "application/strategic-merge-patch+json":
                patched = apply_merge_patch(target, patch)
                assert isinstance(patched, dict)
                return patched
    except (orjson.JSONDecodeError, PatchError, AssertionError) as error:
        raise BadRequest(str(error)) from error
    raise UnsupportedMediaType(
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json"
    )


# Versions


def _stored(given: JSONObject, place: _Place) -> JSONObject:
    """Return an object as it is kept; raise :class:`BadRequest` for one of another kind or version."""
    for name, wanted in (("apiVersion", f"{GROUP}/{place.version}"), ("kind", place.kind.kind)):
        if given.get(name, wanted) != wanted:
            raise BadRequest(
                f"the {'API version' if name == 'apiVersion' else 'kind'} in the data ({given[name]}) does not match "
                f"the expected {'API version' if name == 'apiVersion' else 'kind'} ({wanted})"
            )
    stored = copy.deepcopy(given)
    stored["metadata"] = stored.get("metadata") or {}
    spec = stored.get("spec") or {}
    if place.version == "v1alpha1" and "reference" in spec:
        reference, kind = spec.pop("reference"), spec.setdefault("referenceType", "Flunder")
        spec["fischerReference" if kind == "Fischer" else "flunderReference"] = reference
    return stored


def _shown(stored: JSONObject, place: _Place) -> JSONObject:
    """Return an object in the version that is asked for."""
    shown = copy.deepcopy(stored)
    spec = shown.get("spec") or {}
    if place.version == "v1alpha1":
        references = [spec.pop(name, "") for name in ("flunderReference", "fischerReference")]
        if any(references):
            spec["reference"] = references[0] or references[1]
    metadata = shown.pop("metadata")
    return {"kind": place.kind.kind, "apiVersion": f"{GROUP}/{place.version}", "metadata": metadata} | {
        key: value for key, value in shown.items() if key not in {"kind", "apiVersion"}
    }


# Paths


def _key(kind: Kind, stored: JSONObject) -> tuple[str, str, str]:
    metadata = stored["metadata"]
    return kind.plural, metadata.get("namespace", ""), metadata["name"]


def _place(path: str) -> _Place | None:
    """Return what a path leads to: a collection, or an object."""
    match path.strip("/").split("/"):
        case ["apis", group, version, "namespaces", namespace, plural, *name] if len(name) <= 1:
            pass
        case ["apis", group, version, plural, *name] if len(name) <= 1:
            namespace = ""
        case _:
            return None
    kind = next((kind for kind in KINDS if kind.plural == plural and version in kind.versions), None)
    if group != GROUP or kind is None or (namespace and not kind.namespaced):
        return None
    if name and kind.namespaced and not namespace:
        return None
    return _Place(kind, version, namespace, name[0] if name else "")


def discovery(path: str) -> JSONObject | None:
    """Return the document at a path, if it is one about what is served."""
    versions = [{"groupVersion": f"{GROUP}/{version}", "version": version} for version in VERSIONS]
    group = {"name": GROUP, "versions": versions, "preferredVersion": versions[0]}
    match path.strip("/").split("/"):
        case ["apis"]:
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [group]}
        case ["apis", name] if name == GROUP:
            return {"kind": "APIGroup", "apiVersion": "v1", **group}
        case ["apis", name, version] if name == GROUP and version in VERSIONS:
            resources = [
                {
                    "name": kind.plural,
                    "singularName": kind.singular,
                    "namespaced": kind.namespaced,
                    "kind": kind.kind,
                    "verbs": list(_VERBS),
                }
                for kind in KINDS
                if version in kind.versions
            ]
            about = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": f"{GROUP}/{version}"}
            return {**about, "resources": resources}
    return None
