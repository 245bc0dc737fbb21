"""What form a client wants its answer in (``k8s.io/apiserver/pkg/endpoints/handlers/negotiation``, v0.36)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import orjson

from apimachinery.errors import NotAcceptable
from apiserver.accept import clauses

JSON_TYPE = "application/json"
YAML_TYPE = "application/yaml"

PROTOBUF_TYPE = "application/vnd.kubernetes.protobuf"

BODY_TYPES = (JSON_TYPE, YAML_TYPE)
"""What objects may be sent as, and asked for. Those of built-in kinds may be sent as protobuf, too."""

_STREAM_TYPE = "application/json;stream=watch"
_META_VERSIONS = ("v1", "v1beta1")
_TRANSFORMATIONS = ("Table", "PartialObjectMetadata", "PartialObjectMetadataList")
_HUMANS = (b"curl", b"Wget", b"Mozilla/5.0")


@dataclass(frozen=True, slots=True)
class Representation:
    """The form of an answer.

    ``transformation`` is the kind of ``meta.k8s.io`` that objects are shown as, empty for what they are, and
    ``version`` is that kind's.
    """

    yaml: bool = False
    pretty: bool = False
    transformation: str = ""
    version: str = "v1"

    @property
    def content_type(self) -> bytes:
        return b"application/yaml" if self.yaml else b"application/json"

    @property
    def plain(self) -> bool:
        """Whether JSON as it is stored will do."""
        return not (self.yaml or self.pretty)

    def encode(self, body: bytes) -> bytes:
        """Return a JSON document in this form."""
        if self.plain:
            return body
        return self.dump(orjson.loads(body))

    def dump(self, value: Any) -> bytes:
        """Return a document of ``value``, which is JSON, in this form."""
        if self.yaml:
            from apimachinery import yaml_documents

            return yaml_documents.dump(value)
        return orjson.dumps(value, option=orjson.OPT_INDENT_2) if self.pretty else orjson.dumps(value)


JSON = Representation()
PRETTY_JSON = Representation(pretty=True)


def media_type(content_type: str) -> str:
    """Return a ``Content-Type`` without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def is_human(user_agent: bytes) -> bool:
    """Whether a client shows what it gets to a person, who is glad of line breaks."""
    return user_agent.startswith(_HUMANS)


@lru_cache(maxsize=512)
def negotiate(accept: str) -> Representation:
    """Return the form that suits an ``Accept`` header best; raise 406 when none does.

    Clauses are tried by weight, then as they stand; one that asks for a transformation nobody knows is passed over.
    """
    if not accept:
        return JSON
    for clause in clauses(accept):
        for offered in BODY_TYPES:
            if clause.covers(offered):
                found = _representation(clause.parameters, offered)
                if found is not None:
                    return found
    raise not_acceptable(BODY_TYPES)


@lru_cache(maxsize=512)
def negotiate_stream(accept: str) -> Representation:
    """Do the same for a watch, whose events are lines of JSON."""
    found = negotiate(accept)
    if found.yaml:
        raise not_acceptable([_STREAM_TYPE])
    return replace(found, pretty=False) if found.pretty else found


def not_acceptable(offered: Sequence[str]) -> NotAcceptable:
    return NotAcceptable(f"only the following media types are accepted: {', '.join(offered)}")


def _representation(parameters: Mapping[str, str], offered: str) -> Representation | None:
    """Return what a clause asks for; ``None`` when that is not served."""
    yaml = offered == YAML_TYPE
    if parameters.get("stream", "") not in {"", "watch"} or (parameters.get("stream") and yaml):
        return None
    if parameters.get("sv"):
        return None
    pretty = parameters.get("pretty") == "1" and not yaml
    if not parameters.keys() & {"as", "g", "v"}:
        return Representation(yaml, pretty)
    wanted, version = parameters.get("as", ""), parameters.get("v", "")
    if parameters.get("g") != "meta.k8s.io" or version not in _META_VERSIONS or wanted not in _TRANSFORMATIONS:
        return None
    return Representation(yaml, pretty, wanted, version)
