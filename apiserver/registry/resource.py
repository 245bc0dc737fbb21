"""What the handlers need to know of a resource, and the table of all of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from apimachinery.patch_types import PATCH_TYPES, PatchType
from apimachinery.schema.bundle import Struct, load_bundle
from apimachinery.schema.decoder import Decoded, FieldValidation
from apimachinery.structured_merge.schema import deduced, of_struct
from apimachinery.structured_merge.types import SchemaType
from apiserver.printing.columns import Printer
from apiserver.registry.strategy import Strategy

JSONObject = dict[str, Any]

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True, slots=True)
class Subresource:
    """``kind`` and the group and version are those of the body, where they differ from the parent's."""

    name: str
    verbs: tuple[str, ...]
    kind: str
    group: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class ScalePaths:
    """Where a custom resource keeps what its scale shows; each is a way through nested fields."""

    spec_replicas: tuple[str, ...]
    status_replicas: tuple[str, ...]
    selector: tuple[str, ...] = ()
    """A selector as text; empty when there is none."""


class ObjectDecoder(Protocol):
    """Checks a parsed body against the schema of a kind; see :class:`apimachinery.schema.decoder.Decoder`."""

    keeps_nulls: bool
    """Whether null means something in this kind; elsewhere it is the same as leaving the field out."""

    def decode(self, value: JSONObject, validation: FieldValidation, known: JSONObject | None = None) -> Decoded:
        """See :meth:`apimachinery.schema.decoder.Decoder.decode`; what is ``known`` may be looked at all the same."""
        ...


class Conversion(Protocol):
    """Leads from a served version of an object to the stored one and back.

    ``apiVersion`` and ``kind`` are part of what it converts. An argument may be changed and returned.
    """

    def to_stored(self, obj: JSONObject) -> JSONObject: ...

    def from_stored(self, obj: JSONObject) -> JSONObject: ...


_UNTYPED_PATCH_TYPES = tuple(kind for kind in PATCH_TYPES if kind != PatchType.STRATEGIC)


@dataclass(frozen=True, slots=True)
class ResourceInfo:
    """One served resource. ``group`` is empty for the core group.

    Objects are stored in the form of one version only. Where that is another resource's, ``hub`` is that resource;
    decoding and answering happen in the served version, everything between in the stored one: a body goes through
    :meth:`to_stored` once it is decoded, a stored object through :meth:`view` before it is sent.
    """

    group: str
    version: str
    kind: str
    plural: str
    singular: str
    namespaced: bool
    strategy: Strategy
    printer: Printer
    struct: Struct | None
    """The type of a built-in kind; custom resources have a schema of their own."""
    decoder: ObjectDecoder
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    subresources: tuple[Subresource, ...] = ()
    hub: "ResourceInfo | None" = None
    conversion: Conversion | None = None
    schema_type: SchemaType | None = None
    """How the fields of a custom resource merge; a built-in kind's struct tells that by itself."""
    openapi_schema: JSONObject | None = None
    """The ``openAPIV3Schema`` of a custom resource."""
    list_kind_name: str = ""
    scale: ScalePaths | None = None
    """Where a custom resource keeps its replicas; built-in kinds have them all in the same place."""
    warning: str = ""
    """What every answer warns of: that the version is deprecated."""
    parts: tuple[str, ...] = ()
    """``spec`` and ``status``, where objects have them even with nothing in them, as Go writes structs."""

    @property
    def merge_type(self) -> SchemaType:
        """How fields merge, for server-side apply and managed fields; made when it is first asked for."""
        if self.schema_type is not None:
            return self.schema_type
        return deduced() if self.struct is None else of_struct(load_bundle(), self.struct)

    @property
    def patch_types(self) -> tuple[str, ...]:
        """The formats that patches of it may have: strategic merge is for what has a built-in type."""
        return PATCH_TYPES if self.struct is not None else _UNTYPED_PATCH_TYPES

    @property
    def stored(self) -> "ResourceInfo":
        """The resource in whose form objects are stored; most often this one."""
        return self.hub or self

    def to_stored(self, obj: JSONObject) -> JSONObject:
        return self.conversion.to_stored(obj) if self.conversion else obj

    def from_stored(self, obj: JSONObject) -> JSONObject:
        return self.conversion.from_stored(obj) if self.conversion else obj

    def view(self, value: bytes) -> bytes:
        """Return a stored object as this version shows it; the very bytes where the two are the same."""
        return value if self.conversion is None else orjson.dumps(self.conversion.from_stored(orjson.loads(value)))

    def complete(self, obj: JSONObject) -> None:
        """Give an object the parts that clients count on: some read ``status.replicas`` without a look."""
        for part in self.parts:
            obj.setdefault(part, {})

    @property
    def list_kind(self) -> str:
        return self.list_kind_name or f"{self.kind}List"

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """``replicasets.apps``; the bare plural in the core group. How errors name the resource."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def subresource(self, name: str) -> Subresource | None:
        for entry in self.subresources:
            if entry.name == name:
                return entry
        return None

    def prefix(self, namespace: str = "") -> str:
        """Return the store's prefix of all objects, or of those in one namespace."""
        stored = self.hub or self
        root = f"/registry/{stored.group or 'core'}/{stored.plural}/"
        return f"{root}{namespace}/" if namespace else root

    def key(self, namespace: str, name: str) -> str:
        return self.prefix(namespace if self.namespaced else "") + name


class Registry:
    """The served resources, by group, version and plural. Custom resources come and go while the server runs."""

    def __init__(self) -> None:
        self._resources: dict[tuple[str, str, str], ResourceInfo] = {}
        self.generation = 0
        """Grows with every change; what is derived from the registry is made anew when it has."""

    def __iter__(self) -> Iterator[ResourceInfo]:
        return iter(list(self._resources.values()))

    def add(self, info: ResourceInfo) -> None:
        """Serve a resource, in the place of the one that had its group, version and plural."""
        self._resources[info.group, info.version, info.plural] = info
        self.generation += 1

    def remove(self, group: str, version: str, plural: str) -> None:
        """Cease to serve a resource; one that is not served is no error."""
        self._resources.pop((group, version, plural), None)
        self.generation += 1

    def order(self, keys: Sequence[tuple[str, str, str]]) -> None:
        """Have these resources come first, in this order, when the registry is iterated."""
        first = {key: self._resources[key] for key in keys}
        self._resources = {**first, **self._resources}
        self.generation += 1

    def find(self, group: str, version: str, plural: str) -> ResourceInfo | None:
        return self._resources.get((group, version, plural))

    def groups(self) -> dict[str, list[str]]:
        """Return each named group's versions, in order of registration; the core group is ``""``."""
        found: dict[str, list[str]] = {}
        for info in self:
            versions = found.setdefault(info.group, [])
            if info.version not in versions:
                versions.append(info.version)
        return found

    def of_version(self, group: str, version: str) -> list[ResourceInfo]:
        return [info for info in self if (info.group, info.version) == (group, version)]
