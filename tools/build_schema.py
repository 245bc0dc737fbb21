"""Generate ``apimachinery/schema/v1.36.json.gz`` from the ``kubernetes-validate`` package.

    python tools/build_schema.py

The package (a development dependency) carries upstream's OpenAPI definitions. What is kept is facts a server
needs: type names, field names and types, merge keys, list and map types, required fields. No prose. The output
is reproducible: the same package gives the same bytes.

The types of ``metrics.k8s.io``, which upstream leaves to a server beside its own, stand in this file.
"""

import gzip
import json
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

VERSION = "v1.36"
OUTPUT = Path(__file__).parent.parent / "apimachinery" / "schema" / f"{VERSION}.json.gz"

SCALARS = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "intorstring",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "time",
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": "microtime",
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": "object",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "object",
}
EXTRAS = {
    "x-kubernetes-patch-merge-key": "mergeKey",
    "x-kubernetes-patch-strategy": "patchStrategy",
    "x-kubernetes-list-type": "listType",
    "x-kubernetes-list-map-keys": "listMapKeys",
    "x-kubernetes-map-type": "mapType",
}

_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_METRICS = "io.k8s.metrics.pkg.apis.metrics.v1beta1."
_TYPE_META = {"apiVersion": "string", "kind": "string"}
_TAKEN = {"timestamp": "time", "window": "string"}
METRICS: dict[str, dict[str, Any]] = {
    "ContainerMetrics": {
        "fields": {"name": "string", "usage": "{}quantity"},
        "required": ["name", "usage"],
    },
    "NodeMetrics": {
        "fields": {**_TYPE_META, "metadata": f"#{_META}ObjectMeta", **_TAKEN, "usage": "{}quantity"},
        "required": ["timestamp", "usage", "window"],
    },
    "NodeMetricsList": {
        "fields": {**_TYPE_META, "items": f"[]#{_METRICS}NodeMetrics", "metadata": f"#{_META}ListMeta"},
        "required": ["items"],
    },
    "PodMetrics": {
        "fields": {
            **_TYPE_META,
            "containers": f"[]#{_METRICS}ContainerMetrics",
            "metadata": f"#{_META}ObjectMeta",
            **_TAKEN,
        },
        "required": ["containers", "timestamp", "window"],
    },
    "PodMetricsList": {
        "fields": {**_TYPE_META, "items": f"[]#{_METRICS}PodMetrics", "metadata": f"#{_META}ListMeta"},
        "required": ["items"],
    },
}
"""``k8s.io/metrics/pkg/apis/metrics/v1beta1``, v0.36."""


def base_type(schema: dict[str, Any]) -> str:
    """Return the JSON type, without the ``null`` that the package adds to every optional field."""
    declared = schema.get("type", "any")
    if isinstance(declared, list):
        declared = next(name for name in declared if name != "null")
    return str(declared)


def encode_type(schema: dict[str, Any]) -> str:
    """Return the compact form: a scalar's name, ``#Type``, ``[]`` + element or ``{}`` + value."""
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        return SCALARS.get(name, f"#{name}")
    declared = base_type(schema)
    if declared == "array":
        return "[]" + encode_type(schema["items"])
    if declared == "object":
        return "{}" + encode_type(schema["additionalProperties"]) if "additionalProperties" in schema else "object"
    if declared == "string":
        return "bytes" if schema.get("format") == "byte" else "string"
    if declared == "integer":
        return str(schema.get("format", "int64"))
    return {"number": "double", "boolean": "bool", "any": "any"}[declared]


def encode_field(schema: dict[str, Any]) -> str | dict[str, Any]:
    extras = {short: schema[long] for long, short in EXTRAS.items() if long in schema}
    kind = encode_type(schema)
    return {"type": kind, **extras} if extras else kind


def encode_definition(schema: dict[str, Any]) -> dict[str, Any] | None:
    if "properties" not in schema:
        return None
    definition: dict[str, Any] = {
        "fields": {name: encode_field(field) for name, field in sorted(schema["properties"].items())}
    }
    if schema.get("required"):
        definition["required"] = sorted(schema["required"])
    if "x-kubernetes-map-type" in schema:
        definition["mapType"] = schema["x-kubernetes-map-type"]
    return definition


def main() -> int:
    source = files("kubernetes_validate") / "kubernetes-json-schema" / f"{VERSION}.0-local" / "_definitions.json"
    definitions = json.loads(source.read_text(encoding="utf-8"))["$defs"]
    types: dict[str, Any] = {}
    kinds: dict[str, str] = {}
    for name, schema in sorted(definitions.items()):
        if name in SCALARS:
            continue
        types[name] = encode_definition(schema) or encode_type(schema)
        for gvk in schema.get("x-kubernetes-group-version-kind", ()):
            group = f"{gvk['group']}/" if gvk["group"] else ""
            kinds.setdefault(f"{group}{gvk['version']}/{gvk['kind']}", name)
    for short, definition in METRICS.items():
        types[f"{_METRICS}{short}"] = definition
        if "kind" in definition["fields"]:
            kinds[f"metrics.k8s.io/v1beta1/{short}"] = f"{_METRICS}{short}"
    text = json.dumps({"version": VERSION, "types": types, "kinds": kinds}, separators=(",", ":"), sort_keys=True)
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{OUTPUT.name}: {len(types)} types, {len(kinds)} kinds, {OUTPUT.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
