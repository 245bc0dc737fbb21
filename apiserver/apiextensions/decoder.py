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
from apiserver.apiextensions import objects

JSONObject = dict[str, Any]

_OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


class CustomResourceDecoder:
    """Decodes objects of one version. Wrong types are found later, by validation, as upstream does."""

    keeps_nulls = True

    def __init__(self, bundle: Bundle, schema: JSONObject) -> None:
        struct = bundle.struct(_OBJECT_META)
        assert struct is not None
        self._metadata = Decoder(bundle, struct)
        self._schema = schema
        self._defaults = objects.has_defaults(schema)

    def decode(self, value: JSONObject, validation: FieldValidation) -> Decoded:
        """Return the object as it is kept; ``value`` is changed.

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
        problems += [f'unknown field "{path}"' for path in objects.prune(value, self._schema)]
        if problems and validation is FieldValidation.STRICT:
            raise StrictDecodeError(problems)
        if self._defaults:
            objects.default(value, self._schema)
        return Decoded(value, tuple(problems) if validation is FieldValidation.WARN else ())
