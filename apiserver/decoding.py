"""From a request's body to a checked object."""

from typing import Any

from apimachinery.errors import BadRequest, UnsupportedMediaType
from apimachinery.schema.bundle import Bundle, Struct
from apimachinery.schema.decoder import (
    DecodeError,
    Decoder,
    FieldValidation,
    JSONParser,
    StrictDecodeError,
    without_nulls,
)
from apiserver.http import Call
from apiserver.negotiation import BODY_TYPES, PROTOBUF_TYPE, YAML_TYPE, media_type
from apiserver.registry.resource import ObjectDecoder, ResourceInfo

JSONObject = dict[str, Any]

_DELETE_OPTIONS = "DeleteOptions"
_SHOWN = 30
"""How many bytes of a body that is not understood its sender gets to see."""


class BodyDecoder:
    """Decodes bodies of any kind; one per server."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._parser = JSONParser()
        self._decoders: dict[tuple[str, str], Decoder] = {}

    def read(self, call: Call, info: ResourceInfo) -> JSONObject:
        """Return the object in the body, checked against its schema.

        Raises 415 for a body that is neither JSON nor YAML nor, of a built-in kind, protobuf; 400 for one that does
        not parse, is of another kind, has a wrongly typed field, or (``fieldValidation=Strict``) has an unknown or
        duplicate one; under ``Warn`` those become warnings of the answer.
        """
        return self._read(call, info.decoder, info.api_version, info.kind, info.struct)

    def read_kind(self, call: Call, api_version: str, kind: str) -> JSONObject:
        """Do the same for a kind that is no resource of its own, such as ``Binding``."""
        struct = self._bundle.kind(api_version, kind)
        return self._read(call, self.of_kind(api_version, kind), api_version, kind, struct)

    def of_kind(self, api_version: str, kind: str) -> Decoder:
        found = self._decoders.get((api_version, kind))
        if found is None:
            found = Decoder(self._bundle, self._bundle.kind(api_version, kind))
            self._decoders[api_version, kind] = found
        return found

    def read_delete_options(self, call: Call) -> JSONObject:
        """Return the ``DeleteOptions`` in the body, nothing for an empty one; fields unknown to them go.

        They may say that they are of any group's version: all have the same. Raises 415 for a body in an unknown
        format, and 400 for one of another kind or with values of wrong types.
        """
        if not call.body.strip():
            return {}
        kind = _DELETE_OPTIONS
        obj = without_nulls(self._document(call, "", kind, self._bundle.kind("v1", kind))[0])
        version = obj.get("apiVersion") or "v1"
        check_kind(obj, version, kind)
        try:
            return self.of_kind("v1", kind).decode(obj, FieldValidation.IGNORE).object
        except DecodeError as error:
            raise BadRequest(f'{kind} in version "{version}" cannot be handled as a {kind}: {error}') from error

    def _document(
        self, call: Call, api_version: str, kind: str, struct: Struct | None
    ) -> tuple[JSONObject, list[str], bool]:
        """Return the object in the body, what stands in it twice, and whether it is YAML; raise 415 or 400."""
        kind_of_body = media_type(call.header(b"content-type"))
        accepted = BODY_TYPES if struct is None else (*BODY_TYPES, PROTOBUF_TYPE)
        if kind_of_body and kind_of_body not in accepted:
            raise UnsupportedMediaType(
                "the body of the request was in an unknown format - accepted media types include: "
                + ", ".join(accepted)
            )
        if kind_of_body == PROTOBUF_TYPE and struct is not None:
            return _parse_protobuf(call.body, api_version, kind, struct), [], False
        if kind_of_body == YAML_TYPE:
            return (*_parse_yaml(call.body), True)
        return (*self._parse(call.body), False)

    def _read(
        self, call: Call, decoder: ObjectDecoder, api_version: str, kind: str, struct: Struct | None
    ) -> JSONObject:
        validation = call.query.field_validation()
        obj, duplicates, is_yaml = self._document(call, api_version, kind, struct)
        check_kind(obj, api_version, kind)
        if (b"null" in call.body or is_yaml) and not decoder.keeps_nulls:
            obj = without_nulls(obj)
        try:
            if duplicates and validation is FieldValidation.STRICT:
                raise StrictDecodeError(duplicates)
            decoded = decoder.decode(obj, validation)
        except (DecodeError, StrictDecodeError) as error:
            version = api_version.rpartition("/")[2]
            raise BadRequest(f'{kind} in version "{version}" cannot be handled as a {kind}: {error}') from error
        if validation is FieldValidation.WARN:
            call.warnings += (*decoded.problems, *(text.replace("\n", " ") for text in duplicates))
        return decoded.object

    def parse(self, body: bytes) -> tuple[Any, list[str]]:
        """Parse a body of any kind; return what to say about fields that stand in it twice along with it.

        Raises :class:`~apimachinery.schema.decoder.DecodeError` for what is no JSON.
        """
        return self._parser.parse(body)

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


def _parse_yaml(body: bytes) -> tuple[JSONObject, list[str]]:
    from apimachinery import yaml_documents

    try:
        obj = yaml_documents.parse(body)
    except yaml_documents.YAMLError as error:
        raise BadRequest(f"couldn't get version/kind; yaml parse error: {error}") from error
    if not isinstance(obj, dict):
        raise BadRequest(
            "couldn't get version/kind; json parse error: json: cannot unmarshal the body into Go value of type "
            "struct { APIVersion string; Kind string }"
        )
    lines = yaml_documents.duplicate_keys(body)
    return obj, ["yaml: unmarshal errors:" + "".join(f"\n  {line}" for line in lines)] if lines else []


def _parse_protobuf(body: bytes, api_version: str, kind: str, struct: Struct) -> JSONObject:
    """Return the object in a body; an empty ``api_version`` lets it say any.

    What is refused is worded as ``k8s.io/apiserver/pkg/endpoints/handlers/rest.go`` does, v0.36.
    """
    # Loaded with the first such body: the server is to be up before that.
    from apimachinery.protobuf import envelope
    from apimachinery.protobuf.messages import load_messages

    try:
        found = envelope.unwrap(body)
    except DecodeError as error:
        shown = f"{body[:_SHOWN].hex()} ..." if len(body) > _SHOWN else body.hex() or "<empty>"
        raise BadRequest(f"the object provided is unrecognized (must be of type {kind}): {error} ({shown})") from error
    names = {"apiVersion": found.api_version or api_version, "kind": found.kind or kind}
    check_kind(names, api_version or names["apiVersion"], kind)
    try:
        return names | load_messages().decode(struct.name, found.raw)
    except DecodeError as error:
        version = names["apiVersion"].rpartition("/")[2]
        raise BadRequest(f'{kind} in version "{version}" cannot be handled as a {kind}: {error}') from error


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
