"""From a request's body to a checked object."""

from typing import Any

import orjson

from apimachinery.errors import BadRequest, UnsupportedMediaType
from apimachinery.schema.decoder import DecodeError, FieldValidation, JSONParser, StrictDecodeError, without_nulls
from apiserver.http import Call
from apiserver.registry.resource import ResourceInfo

JSONObject = dict[str, Any]


class BodyDecoder:
    """Decodes bodies of any kind; one per server."""

    def __init__(self) -> None:
        self._parser = JSONParser()

    def read(self, call: Call, info: ResourceInfo) -> JSONObject:
        """Return the object in the body, checked against its schema.

        Raises 415 for a body that is not JSON, 400 for one that does not parse, is of another kind, has a
        wrongly typed field, or (``fieldValidation=Strict``) has an unknown or duplicate one; under ``Warn``
        those become warnings of the answer.
        """
        media_type = call.header(b"content-type").partition(";")[0].strip()
        if media_type not in {"application/json", ""}:
            raise UnsupportedMediaType(
                "the body of the request was in an unknown format - accepted media types include: application/json"
            )
        validation = call.query.field_validation()
        obj, duplicates = self._parse(call.body)
        check_kind(obj, info.api_version, info.kind)
        if b"null" in call.body:
            obj = without_nulls(obj)
        if duplicates and validation is FieldValidation.STRICT:
            raise BadRequest(self._cannot_handle(info, StrictDecodeError(duplicates)))
        try:
            decoded = info.decoder.decode(obj, validation)
        except (DecodeError, StrictDecodeError) as error:
            raise BadRequest(self._cannot_handle(info, error)) from error
        if validation is FieldValidation.WARN:
            call.warnings += (*decoded.problems, *duplicates)
        return decoded.object

    def read_any(self, body: bytes) -> Any:
        """Parse a body that is no object of a resource: options, patches."""
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise BadRequest(f"couldn't parse the body: {error}") from error

    def _parse(self, body: bytes) -> tuple[JSONObject, list[str]]:
        try:
            obj, duplicates = self._parser.parse(body)
        except DecodeError as error:
            raise BadRequest(f"couldn't get version/kind; json parse error: {error}") from error
        if not isinstance(obj, dict):
            raise BadRequest(
                "couldn't get version/kind; json parse error: json: cannot unmarshal the body into Go value of type "
                "struct { APIVersion string; Kind string }"
            )
        return obj, duplicates

    @staticmethod
    def _cannot_handle(info: ResourceInfo, error: Exception) -> str:
        return f'{info.kind} in version "{info.version}" cannot be handled as a {info.kind}: {error}'


def check_kind(obj: JSONObject, api_version: str, kind: str) -> None:
    """Refuse an object that says it is of another kind; one that does not say is taken for the right one."""
    given_version, given_kind = obj.get("apiVersion") or api_version, obj.get("kind") or kind
    if given_kind != kind:
        shown = str(given_version).rpartition("/")[2]
        raise BadRequest(
            f'{given_kind} in version "{shown}" cannot be handled as a {kind}: '
            f"converting ({given_version}, Kind={given_kind}) to ({api_version}, Kind={kind}): unknown conversion"
        )
    if given_version != api_version:
        raise BadRequest(
            f"the API version in the data ({given_version}) does not match the expected API version ({api_version})"
        )
