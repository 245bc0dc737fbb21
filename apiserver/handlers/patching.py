"""What a patch makes of an object, in every format but apply (``endpoints/handlers/patch.go``, v1.36)."""

import json
from dataclasses import dataclass
from typing import Any

import orjson

from apimachinery import patch as patches
from apimachinery.errors import BadRequest, Invalid, RequestEntityTooLarge, UnsupportedMediaType
from apimachinery.go_text import plain, type_name
from apimachinery.patch_types import PATCH_TYPES, PatchType
from apimachinery.schema.bundle import Bundle, Struct
from apimachinery.schema.decoder import DecodeError, FieldValidation, StrictDecodeError, without_nulls
from apimachinery.strategic_merge import apply_strategic_merge_patch
from apiserver.decoding import BodyDecoder, check_kind
from apiserver.http import Call
from apiserver.registry.resource import ObjectDecoder
from apiserver.validation import field
from apiserver.validation.field import refusal

JSONObject = dict[str, Any]

# Upstream's bound on what one JSON patch may ask for.
_JSON_PATCH_OPERATIONS = 10_000


def media_type_of(call: Call) -> str:
    return call.header(b"content-type").partition(";")[0].strip()


@dataclass(frozen=True, slots=True)
class Patch:
    """A patch as it was sent. ``problems`` are fields that stand in it twice."""

    media_type: str
    body: Any
    validation: FieldValidation
    problems: tuple[str, ...]
    has_nulls: bool

    def apply(self, old: JSONObject, struct: Struct | None, bundle: Bundle, *, keep_nulls: bool = False) -> JSONObject:
        """Return what the patch makes of ``old``, which stays as it is; raise 400 or 422 when it makes nothing of it.

        ``struct`` is what a strategic merge goes by; without one, strategic merge patches have to be refused before.
        Nulls are left out unless they mean something in this kind (``keep_nulls``). What the patch does not touch may
        be shared with ``old``.
        """
        try:
            patched = self._apply(old, struct, bundle)
        except patches.PatchMismatch as error:
            raise Invalid("the server rejected our request due to an error in our request") from error
        except patches.PatchError as error:
            raise BadRequest(str(error)) from error
        if keep_nulls or not self.has_nulls:
            return patched
        return {
            key: part if part is old.get(key) else without_nulls(part)
            for key, part in patched.items()
            if part is not None
        }

    def _apply(self, old: JSONObject, struct: Struct | None, bundle: Bundle) -> JSONObject:
        if self.media_type == PatchType.JSON:
            return patches.apply_json_patch(old, self.body)
        if self.media_type == PatchType.MERGE:
            merged: JSONObject = patches.apply_merge_patch(old, self.body)
            return merged
        assert struct is not None
        return apply_strategic_merge_patch(old, self.body, struct, bundle)

    def decode(
        self,
        patched: JSONObject,
        decoder: ObjectDecoder,
        kind: tuple[str, str],
        call: Call,
        known: JSONObject | None = None,
    ) -> JSONObject:
        """Check what the patch has made; raise 422 about the patch when it is not of its kind any more.

        What is the very same in ``known`` is neither checked nor copied.
        """
        try:
            check_kind(patched, *kind)
            decoded = decoder.decode(patched, self.validation, known)
        except StrictDecodeError as error:
            both = StrictDecodeError([*self.problems, *error.problems])
            raise self._refusal(patched, str(both)) from error
        except (BadRequest, DecodeError) as error:
            raise self._refusal(patched, str(error)) from error
        if self.problems and self.validation is FieldValidation.STRICT:
            raise self._refusal(patched, str(StrictDecodeError(list(self.problems))))
        call.warnings += (*self.problems, *decoded.problems)
        return decoded.object

    def _refusal(self, patched: JSONObject, why: str) -> Invalid:
        strategic = self.media_type == PatchType.STRATEGIC
        quoted = plain(self.body) if strategic else shown(patched)
        return refusal("", "", "", [field.invalid("patch", quoted, why)])


def shown(patched: JSONObject) -> str:
    """Return an object as an error quotes it."""
    try:
        return orjson.dumps(patched).decode()
    except orjson.JSONEncodeError:
        # Numbers and texts that parse, but that no object could be stored with.
        return json.dumps(patched, separators=(",", ":"))


def read_patch(decoder: BodyDecoder, call: Call, accepted: tuple[str, ...] = PATCH_TYPES) -> Patch:
    """Read the patch of a request.

    Raises 415 for a format that is not ``accepted``, 400 for a body that is no patch, 413 for one that asks for too
    much.
    """
    media_type = media_type_of(call)
    if media_type not in accepted:
        raise UnsupportedMediaType(
            "the body of the request was in an unknown format - accepted media types include: " + ", ".join(accepted)
        )
    validation = call.query.field_validation()
    # A strategic merge patch is decoded elsewhere upstream, where the error is passed on as it is.
    prefix = "" if media_type == PatchType.STRATEGIC else "error decoding patch: "
    try:
        body, problems = decoder.parse(call.body)
    except DecodeError as error:
        raise BadRequest(f"{prefix}{error}") from error
    if media_type == PatchType.JSON:
        problems = [f"json patch {problem}" for problem in (*problems, *_check_operations(body, prefix))]
    elif not isinstance(body, dict):
        raise BadRequest(
            f"{prefix}json: cannot unmarshal {_json_name(body)} into Go value of type map[string]interface {{}}"
        )
    if validation is FieldValidation.IGNORE:
        problems = []
    return Patch(media_type, body, validation, tuple(problems), b"null" in call.body)


def _check_operations(body: Any, prefix: str) -> list[str]:
    """Check that a body is a list of operations; return what to say of fields that operations do not have."""
    if not isinstance(body, list):
        raise BadRequest(
            f"{prefix}json: cannot unmarshal {_json_name(body)} into Go value of type []handlers.jsonPatchOp"
        )
    if len(body) > _JSON_PATCH_OPERATIONS:
        raise RequestEntityTooLarge(
            "Request entity too large: The allowed maximum operations in a JSON patch is "
            f"{_JSON_PATCH_OPERATIONS}, got {len(body)}"
        )
    unknown: list[str] = []
    for place, operation in enumerate(body):
        if not isinstance(operation, dict):
            shown = _json_name(operation)
            raise BadRequest(f"{prefix}json: cannot unmarshal {shown} into Go value of type handlers.jsonPatchOp")
        for name, value in operation.items():
            if name in {"op", "path", "from"}:
                if not isinstance(value, str):
                    raise BadRequest(
                        f"{prefix}json: cannot unmarshal {_json_name(value)} into Go struct field "
                        f"jsonPatchOp.{name} of type string"
                    )
            elif name != "value":
                unknown.append(f'unknown field "[{place}].{name}"')
    return unknown


def _json_name(value: Any) -> str:
    names = {"string": "string", "bool": "bool", "[]interface {}": "array", "map[string]interface {}": "object"}
    return "null" if value is None else names.get(type_name(value), "number")
