"""What merges how (``schema``, v6, and ``k8s.io/kube-openapi/pkg/schemaconv``).

A :class:`SchemaType` says what a value may be: a scalar, a list, a map, or several of these. Lists are *atomic*
(owned and replaced whole) or *associative* (a set of scalars, or a map by key fields); maps and structs are
*granular* or atomic. There are three ways to get one::

    of_struct(bundle, bundle.kind("apps/v1", "Deployment"))    # a built-in kind
    of_structural_schema(version["schema"]["openAPIV3Schema"])  # a custom resource with a schema
    deduced()                                                   # anything: maps merge, the rest is atomic

The first is cached with the bundle and costs nothing until it is asked for; keep what the second returns for as long
as the schema is served. Types refer to each other, also in circles, and are not changed once they are made.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from apimachinery.schema.bundle import Bundle, Field, Struct, load_bundle
from apimachinery.structured_merge.fieldpath import LEAF, MEMBER, Tree, key, value

JSONObject = dict[str, Any]

UNTYPED = "untyped"

_MAX_SHAPES = 256
_META = "io.k8s.apimachinery.pkg.apis.meta.v1"


class SchemaType:
    """What a value may be; at least one of ``scalar``, ``list`` and ``map`` is set.

    ``scalar`` is ``string``, ``numeric``, ``boolean`` or ``untyped``; empty when no scalar will do.
    """

    __slots__ = ("list", "map", "scalar")

    def __init__(self, scalar: str = "", list: "ListType | None" = None, map: "MapType | None" = None) -> None:
        self.scalar = scalar
        self.list = list
        self.map = map

    @property
    def always_leaf(self) -> bool:
        """Whether a value of this type is owned whole, whatever it is."""
        return (self.list is None or not self.list.associative) and (self.map is None or self.map.atomic)

    def added(self, value: Any) -> Tree:
        """Return what stands below the element of a value that has just appeared: itself and all its parts.

        The value must be valid for the type; :func:`apimachinery.structured_merge.typed.validate` sees to that.
        """
        if isinstance(value, dict):
            return self.map.added(value) if self.map is not None else LEAF
        if isinstance(value, list):
            return self.list.added(value) if self.list is not None else LEAF
        return LEAF

    def created(self, value: Any) -> Tree | None:
        """Return what stands below the element of a struct or list that is always there, and is no longer empty.

        ``None`` when it still is. It is not itself among what is new, only what is in it.
        """
        if isinstance(value, dict) and self.map is not None:
            return self.map.created(value)
        if isinstance(value, list) and self.list is not None:
            return self.list.created(value)
        return LEAF


class ListType:
    """A list; ``associative`` when its items are owned one by one: by ``keys``, or by value when there are none."""

    __slots__ = ("associative", "defaults", "element", "keys")

    def __init__(
        self,
        element: SchemaType,
        *,
        associative: bool = False,
        keys: tuple[str, ...] = (),
        defaults: JSONObject | None = None,
    ) -> None:
        self.element = element
        self.associative = associative
        self.keys = keys
        self.defaults = defaults or {}
        """What a key field that an item leaves out stands for."""

    def element_of(self, item: Any) -> str:
        """Return the path element of an item; raise ``ValueError``, worded as upstream, when it has none."""
        if self.keys:
            if not isinstance(item, dict):
                what = "a null element" if item is None else "non-map elements"
                raise ValueError(f"associative list with keys may not have {what}")
            found = {}
            for name in self.keys:
                if name in item:
                    found[name] = item[name]
                elif name in self.defaults:
                    found[name] = self.defaults[name]
            if not found:
                names = " ".join(f'"{name}"' for name in self.keys)
                raise ValueError(
                    f"associative list with keys has an element that omits all key fields [{names}] "
                    "(and doesn't have default values for any key fields)"
                )
            return key(found)
        if isinstance(item, dict):
            raise ValueError("associative list without keys has an element that's a map type")
        if isinstance(item, list):
            raise ValueError("not supported: associative list with lists as elements")
        if item is None:
            raise ValueError("associative list without keys has an element that's an explicit null")
        return value(item)

    def added(self, items: list[Any]) -> Tree:
        if not items or not self.associative:
            return LEAF
        tree: Tree = {MEMBER: LEAF}
        if not self.keys:
            for name in sorted({self.element_of(item) for item in items}):
                tree[name] = LEAF
            return tree
        grow = self.element.added
        for item in items:
            name = self.element_of(item)
            # Of items with the same keys none is owned part by part: the place is.
            tree[name] = LEAF if name in tree else grow(item)
        return dict(sorted(tree.items())) if len(tree) > 2 else tree

    def created(self, items: list[Any]) -> Tree | None:
        if not items:
            return None
        return {name: below for name, below in self.added(items).items() if name != MEMBER}


_Entry = tuple[str, SchemaType, bool]


class MapType:
    """A struct, or a map with any keys, or both at once.

    ``fields`` are the declared ones. ``element`` is the type of all others; ``None`` when there may be none. The
    fields come from a function that is called on first use, so that a kind costs nothing before it is written.
    """

    __slots__ = ("_fields", "_make", "_shapes", "atomic", "element", "entries", "present")

    def __init__(
        self,
        fields: "Callable[[], dict[str, SchemaType]] | None" = None,
        element: SchemaType | None = None,
        *,
        atomic: bool = False,
        present: frozenset[str] = frozenset(),
    ) -> None:
        self._make = fields
        self._fields: dict[str, SchemaType] | None = None if fields else {}
        self.entries: dict[str, _Entry] | None = None if fields else {}
        self._shapes: dict[tuple[str, ...], _Shape] = {}
        self.element = element
        self.atomic = atomic
        self.present = present
        """The structs and lists that an object of this type has even when nothing is said of them."""

    @property
    def fields(self) -> dict[str, SchemaType]:
        if self._fields is None:
            assert self._make is not None
            self._fields = self._make()
        return self._fields

    def type_of(self, name: str) -> SchemaType | None:
        """Return the type of what is under a name; ``None`` when there may be nothing."""
        return self.fields.get(name, self.element)

    def table(self) -> dict[str, _Entry]:
        """Return each declared field's path element, type, and whether it is owned whole."""
        if self.entries is None:
            self.entries = {name: (f"f:{name}", kind, kind.always_leaf) for name, kind in self.fields.items()}
        return self.entries

    def added(self, fields: JSONObject) -> Tree:
        if not fields or self.atomic:
            return LEAF
        shape = self._shapes.get(tuple(fields)) or self._shape(fields)
        if not shape.growing:
            return shape.tree
        tree = shape.tree.copy()
        for element, name, kind, _ in shape.growing:
            tree[element] = kind.added(fields[name])
        return tree

    def created(self, fields: JSONObject) -> Tree | None:
        if self.atomic:
            return LEAF if fields else None
        shape = self._shapes.get(tuple(fields)) or self._shape(fields)
        tree = shape.tree.copy()
        del tree[MEMBER]
        for element, name, kind, present in shape.growing:
            below = kind.created(fields[name]) if present else kind.added(fields[name])
            if below is None:
                del tree[element]
            else:
                tree[element] = below
        return tree or None

    def _shape(self, fields: JSONObject) -> "_Shape":
        """Work out what all maps with these keys have in common; most objects of a kind are of few shapes."""
        if len(self._shapes) >= _MAX_SHAPES:
            self._shapes.clear()
        entries = self.table()
        unknown = self.element or _DEDUCED
        tree: Tree = {MEMBER: LEAF}
        growing = []
        for name in sorted(fields):
            element, kind, leaf = entries.get(name) or (f"f:{name}", unknown, unknown.always_leaf)
            tree[element] = LEAF
            if not leaf or name in self.present:
                growing.append((element, name, kind, name in self.present))
        found = self._shapes[tuple(fields)] = _Shape(tree, tuple(growing))
        return found


class _Shape:
    """``tree`` is what stands below a map of this shape, up to the elements that are ``growing`` something more.

    Those come with their name, their type, and whether they are always there.
    """

    __slots__ = ("growing", "tree")

    def __init__(self, tree: Tree, growing: tuple[tuple[str, str, SchemaType, bool], ...]) -> None:
        self.tree = tree
        self.growing = growing


# Deduced: of what no schema tells anything.


def _make_deduced() -> SchemaType:
    atomic = SchemaType(UNTYPED)
    atomic.list = ListType(atomic)
    atomic.map = MapType(None, atomic, atomic=True)
    kind = SchemaType(UNTYPED, ListType(atomic))
    kind.map = MapType(None, kind)
    return kind


_DEDUCED = _make_deduced()


def deduced() -> SchemaType:
    """Return the type of an object without a schema: its maps merge, its lists and scalars are owned whole."""
    return _DEDUCED


_FREE_FORM = SchemaType(map=MapType(None, _DEDUCED))
_SIMPLE = {
    "string": SchemaType("string"),
    "bytes": SchemaType("string"),
    "bool": SchemaType("boolean"),
    "int32": SchemaType("numeric"),
    "int64": SchemaType("numeric"),
    "double": SchemaType("numeric"),
    "quantity": SchemaType(UNTYPED),
    "intorstring": SchemaType(UNTYPED),
    "time": SchemaType(UNTYPED),
    "microtime": SchemaType(UNTYPED),
    "any": _DEDUCED,
    "object": _FREE_FORM,
}


# Built-in kinds


def of_struct(bundle: Bundle, struct: Struct) -> SchemaType:
    """Return the type of a built-in kind, or of any struct of it; the same object for the same arguments."""
    return _builder(bundle.version).struct(struct.name)


@cache
def _builder(version: str) -> "_BuiltIn":
    return _BuiltIn(load_bundle(version))


# Structs that are no pointers in Go, so that an object has them from the start though they are optional.
_PRESENT = {
    "io.k8s.api.apps.v1.DaemonSetSpec": {"template", "updateStrategy"},
    "io.k8s.api.apps.v1.DeploymentSpec": {"template", "strategy"},
    "io.k8s.api.apps.v1.ReplicaSetSpec": {"template"},
    "io.k8s.api.apps.v1.StatefulSetSpec": {"template", "updateStrategy"},
    "io.k8s.api.batch.v1.CronJobSpec": {"jobTemplate"},
    "io.k8s.api.batch.v1.JobSpec": {"template"},
    "io.k8s.api.batch.v1.JobTemplateSpec": {"metadata", "spec"},
    "io.k8s.api.core.v1.NodeDaemonEndpoints": {"kubeletEndpoint"},
    "io.k8s.api.core.v1.NodeStatus": {"daemonEndpoints", "nodeInfo"},
    "io.k8s.api.core.v1.PersistentVolumeClaimSpec": {"resources"},
    "io.k8s.api.core.v1.PodTemplateSpec": {"metadata", "spec"},
    "io.k8s.api.core.v1.ServiceStatus": {"loadBalancer"},
    "io.k8s.api.networking.v1.IngressStatus": {"loadBalancer"},
}
_TOP_LEVEL = {"metadata", "spec", "status"}

# Go's zero stands for a required key that was left out; these optional ones have a default of their own.
_KEY_DEFAULTS = {
    ("io.k8s.api.core.v1.ContainerPort", "protocol"): "TCP",
    ("io.k8s.api.core.v1.ServicePort", "protocol"): "TCP",
    ("io.k8s.api.core.v1.LocalObjectReference", "name"): "",
}


class _BuiltIn:
    """Makes types of the bundle's structs, each once."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._structs: dict[str, SchemaType] = {}

    def struct(self, name: str) -> SchemaType:
        found = self._structs.get(name)
        if found is None:
            struct = self._bundle.struct(name)
            found = self._of_text(self._bundle.alias(name)) if struct is None else SchemaType(map=self._map(struct))
            self._structs[name] = found
        return found

    def _map(self, struct: Struct, map_type: str = "") -> MapType:
        is_kind = {"apiVersion", "kind", "metadata"} <= set(struct.fields)
        present = {
            name
            for name, field in struct.fields.items()
            if (field.type.startswith(("#", "[]")) and name in struct.required)
            or (field.type.startswith("#") and is_kind and name in _TOP_LEVEL)
        }
        return MapType(
            lambda: {name: self._field(field) for name, field in struct.fields.items()},
            atomic=(map_type or struct.map_type) == "atomic",
            present=frozenset(present | _PRESENT.get(struct.name, set())),
        )

    def _field(self, field: Field) -> SchemaType:
        text = field.type
        if text.startswith("[]"):
            return SchemaType(list=self._list(field))
        if text.startswith("{}"):
            element = self._of_text(text[2:])
            return SchemaType(map=MapType(None, element, atomic=field.map_type == "atomic"))
        if field.map_type and (struct := self._bundle.struct(text[1:])):
            return SchemaType(map=self._map(struct, field.map_type))
        return self._of_text(text)

    def _list(self, field: Field) -> ListType:
        inner = field.type[2:]
        element = self._of_text(inner)
        if field.list_type == "map":
            keys = field.list_map_keys
        elif field.list_type == "set":
            keys = ()
        elif not field.list_type and "merge" in field.patch_strategy:
            keys = (field.merge_key,) if field.merge_key else ()
        else:
            return ListType(element)
        struct = self._bundle.struct(inner[1:]) if inner.startswith("#") else None
        defaults = {name: default for name in keys if struct and (default := _key_default(struct, name)) is not None}
        return ListType(element, associative=True, keys=keys, defaults=defaults)

    def _of_text(self, text: str) -> SchemaType:
        if text.startswith("[]"):
            return SchemaType(list=ListType(self._of_text(text[2:])))
        if text.startswith("{}"):
            return SchemaType(map=MapType(None, self._of_text(text[2:])))
        return self.struct(text[1:]) if text.startswith("#") else _SIMPLE[text]


def _key_default(struct: Struct, name: str) -> Any:
    given = _KEY_DEFAULTS.get((struct.name, name))
    if given is not None or name not in struct.required:
        return given
    return {"string": "", "int32": 0, "int64": 0, "bool": False}.get(struct.fields[name].type)


# Custom resources


def of_structural_schema(schema: JSONObject) -> SchemaType:
    """Return the type of a custom resource, from the ``openAPIV3Schema`` of one of its versions.

    Follows ``x-kubernetes-list-type``, ``-list-map-keys``, ``-map-type``, ``-preserve-unknown-fields`` and
    ``-embedded-resource``, and the defaults of list keys. ``metadata`` is that of every object, whatever the schema
    says of it. A schema that says nothing (none, or preserve-unknown-fields alone) lets any field merge.
    """
    return _structural(schema, preserve=False, whole_object=True)


def _structural(schema: JSONObject, *, preserve: bool, whole_object: bool = False) -> SchemaType:
    preserve = preserve or schema.get("x-kubernetes-preserve-unknown-fields") is True
    declared = schema.get("type", "object" if whole_object else "")
    embedded = whole_object or schema.get("x-kubernetes-embedded-resource") is True
    if declared == "object":
        return SchemaType(map=_structural_map(schema, preserve, embedded))
    if declared == "array":
        return SchemaType(list=_structural_list(schema, preserve))
    if declared in {"integer", "number"}:
        return SchemaType("numeric")
    if declared == "boolean":
        return SchemaType("boolean")
    if declared == "string":
        return SchemaType("string" if schema.get("format", "") in {"", "byte"} else UNTYPED)
    return SchemaType(UNTYPED, _structural_list(schema, preserve), _structural_map(schema, preserve, embedded))


def _structural_map(schema: JSONObject, preserve: bool, embedded: bool) -> MapType:
    properties: JSONObject = schema.get("properties") or {}
    additional = schema.get("additionalProperties")

    def fields() -> dict[str, SchemaType]:
        found = {name: _structural(member, preserve=preserve) for name, member in properties.items()}
        if embedded:
            meta = load_bundle().struct(f"{_META}.ObjectMeta")
            assert meta is not None
            found |= {
                "apiVersion": _SIMPLE["string"],
                "kind": _SIMPLE["string"],
                "metadata": of_struct(load_bundle(), meta),
            }
        return found

    element: SchemaType | None = None
    if isinstance(additional, dict):
        element = _structural(additional, preserve=preserve)
    elif additional or (additional is None and (preserve or not properties)):
        element = _DEDUCED
    return MapType(
        fields if properties or embedded else None,
        element,
        atomic=schema.get("x-kubernetes-map-type") == "atomic",
        present=frozenset({"metadata"}) if embedded else frozenset(),
    )


def _structural_list(schema: JSONObject, preserve: bool) -> ListType:
    items = schema.get("items")
    element = _structural(items, preserve=preserve) if isinstance(items, dict) else _DEDUCED
    relation = schema.get("x-kubernetes-list-type", "atomic")
    if relation == "set":
        return ListType(element, associative=True)
    if relation != "map":
        return ListType(element)
    keys = tuple(schema.get("x-kubernetes-list-map-keys") or ())
    properties: JSONObject = (items or {}).get("properties") or {}
    defaults = {name: properties[name]["default"] for name in keys if "default" in properties.get(name, {})}
    return ListType(element, associative=True, keys=keys, defaults=defaults)
