"""From a body to a custom resource: what the schema does not know is dropped, what it has defaults for is filled in."""

from typing import Any

from apimachinery.schema.bundle import Bundle
from apimachinery.schema.decoder import (
    Decoded,
    DecodeError,
    Decoder,
    FieldValidation,
    StrictDecodeError,
    without_nulls,
)
from apiserver.apiextensions import embedded, objects
from apiserver.apiextensions.schema_defaults import OBJECT_META

JSONObject = dict[str, Any]


class CustomResourceDecoder:
    """Decodes objects of one version. Wrong types are found later, by validation, as upstream does."""

    keeps_nulls = True

    def __init__(self, bundle: Bundle, schema: JSONObject) -> None:
        struct = bundle.struct(OBJECT_META)
        assert struct is not None
        self._metadata = Decoder(bundle, struct)
        self._schema = schema
        self._defaults = objects.has_defaults(schema)
        self._embedded = embedded.has_embedded(schema)

    def decode(self, value: JSONObject, validation: FieldValidation, known: JSONObject | None = None) -> Decoded:
        """Return the object as it is kept; ``value`` is changed.

        What is ``known`` is looked at all the same: the schema may have changed since it was written.

        Raises :class:`DecodeError` for metadata of wrong types, :class:`StrictDecodeError` for unknown fields under
        ``Strict``.
        """
        problems: list[str] = []
        given = value.get("metadata")
        if given is not None:
            if not isinstance(given, dict):
                raise DecodeError("json: cannot unmarshal metadata into Go value of type v1.ObjectMeta")
            decoded = self._metadata.decode(without_nulls(given), FieldValidation.WARN)
            value["metadata"] = decoded.object
            problems += [
                problem.replace('unknown field "', 'unknown field "metadata.', 1) for problem in decoded.problems
            ]
        dropped = objects.prune(value, self._schema)
        if self._embedded:
            dropped += embedded.coerce(value, self._schema, self._metadata)
        problems += [f'unknown field "{path}"' for path in dropped]
        if problems and validation is FieldValidation.STRICT:
            raise StrictDecodeError(problems)
        if self._defaults:
            objects.default(value, self._schema)
        return Decoded(value, tuple(problems) if validation is FieldValidation.WARN else ())
