"""Writes the CustomResourceDefinition of ``FakeImage``, made of the models that check files of images, too.

    python -m tools.build_fake_image_definition

Kubelets put it into the API as it is, which costs them nothing; a test sees that it is up to date.
"""

from typing import Any

import orjson

from kubelet.images.declared.objects import DEFINITION_FILE
from kubelet.images.declared.spec import GROUP, KIND, VERSION, FakeImageSpec

NAME = f"fakeimages.{GROUP}"


def definition() -> dict[str, Any]:
    """Return the definition as it is on the wire."""
    generated = FakeImageSpec.model_json_schema(by_alias=True)
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": NAME},
        "spec": {
            "group": GROUP,
            "scope": "Cluster",
            "names": {"plural": "fakeimages", "singular": "fakeimage", "kind": KIND, "listKind": f"{KIND}List"},
            "versions": [
                {
                    "name": VERSION,
                    "served": True,
                    "storage": True,
                    "schema": {
                        "openAPIV3Schema": {
                            "description": "An image that the fake container runtime knows, described without code.",
                            "type": "object",
                            "required": ["spec"],
                            "properties": {"spec": structural(generated, generated.get("$defs", {}))},
                        }
                    },
                    "additionalPrinterColumns": [
                        {"name": "References", "type": "string", "jsonPath": ".spec.references"},
                        {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
                    ],
                }
            ],
        },
    }


_KEPT = ("description", "type", "enum", "pattern", "minimum", "maximum", "minLength", "required")


def structural(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Return a schema as definitions want it: without references, titles, defaults, and alternatives with ``null``."""
    if "$ref" in schema:
        referred = definitions[schema["$ref"].rpartition("/")[2]]
        schema = {**referred, **{key: value for key, value in schema.items() if key != "$ref"}}
    if "anyOf" in schema:
        (only,) = (option for option in schema["anyOf"] if option.get("type") != "null")
        return structural({**only, **{key: value for key, value in schema.items() if key != "anyOf"}}, definitions)
    found = {key: schema[key] for key in _KEPT if key in schema}
    if "description" in found:
        found["description"] = " ".join(found["description"].split())
    if "items" in schema:
        found["items"] = structural(schema["items"], definitions)
    if "properties" in schema:
        found["properties"] = {name: structural(part, definitions) for name, part in schema["properties"].items()}
    elif isinstance(schema.get("additionalProperties"), dict):
        found["additionalProperties"] = structural(schema["additionalProperties"], definitions)
    elif "patternProperties" in schema:
        # A definition cannot say what names look like.
        (values,) = schema["patternProperties"].values()
        found["additionalProperties"] = structural(values, definitions)
    return found


def main() -> None:
    DEFINITION_FILE.write_bytes(orjson.dumps(definition(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


if __name__ == "__main__":
    main()
