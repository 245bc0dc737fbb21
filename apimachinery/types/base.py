"""What every typed kind shares: the model base, times, and object metadata (``meta/v1``)."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel

from apimachinery.clock import rfc3339, rfc3339_micro

Time = Annotated[datetime, PlainSerializer(rfc3339, return_type=str)]
"""``metav1.Time``: whole seconds on the wire."""

MicroTime = Annotated[datetime, PlainSerializer(rfc3339_micro, return_type=str)]
"""``metav1.MicroTime``: microseconds on the wire."""


_set_fields_set = BaseModel.__dict__["__pydantic_fields_set__"].__set__
_set_extra = BaseModel.__dict__["__pydantic_extra__"].__set__
_NOT_KEPT: set[str] = set()


def _new_list() -> list[Any]:
    return []


class Model(BaseModel):
    """Base of everything below a kind: camelCase on the wire, unknown fields kept.

    ``model_fields_set``, which says what was given and what is a default, says nothing here.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="allow",
        # A process reads a few of the many kinds: the others' validators need not hold up its start.
        defer_build=True,
    )

    def model_post_init(self, context: Any, /) -> None:
        # A component keeps hundreds of thousands of these. Nobody asks which fields somebody has set, but the sets of
        # their names would be a third of all memory; and in nearly all of them there is no unknown field.
        _set_fields_set(self, _NOT_KEPT)
        if not self.__pydantic_extra__:
            _set_extra(self, None)

    def __eq__(self, other: object) -> bool:
        """Whether both are of one type and say the same.

        A model may have more to be compared, which the inherited method asks for each time; of that there is none here.
        """
        if not isinstance(other, Model):
            return NotImplemented
        return self is other or (
            type(self) is type(other)
            and self.__dict__ == other.__dict__
            and self.__pydantic_extra__ == other.__pydantic_extra__
        )

    @classmethod
    def __pydantic_init_subclass__(cls, **given: Any) -> None:
        super().__pydantic_init_subclass__(**given)
        for field in cls.model_fields.values():
            if field.default_factory is list:
                # What arguments a factory takes is asked of each, and Python has to parse a text to tell it of this
                # one: that would be a third of the time that a validator takes to make.
                field.default_factory = _new_list

    @classmethod
    def model_rebuild(cls, **how: Any) -> bool | None:
        """Make the validator, after those of the parts that every such object has.

        A model that has one goes into others as it is; what has none is worked out anew wherever it is met, and the
        spec of a pod is met in half a dozen kinds. So each costs less than half of what it would by itself.
        """
        for field in cls.model_fields.values():
            if isinstance(field.annotation, type) and issubclass(field.annotation, Model):
                field.annotation.model_rebuild()
        return super().model_rebuild(**how)


class OwnerReference(Model):
    api_version: str
    kind: str
    name: str
    uid: str
    controller: bool = False
    block_owner_deletion: bool = False


class ObjectMeta(Model):
    name: str = ""
    generate_name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: Time | None = None
    deletion_timestamp: Time | None = None
    deletion_grace_period_seconds: int | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    owner_references: list[OwnerReference] = Field(default_factory=list)
    finalizers: list[str] = Field(default_factory=list)


class Object(Model):
    """A kind with metadata. Subclasses set ``API_VERSION`` and ``KIND``."""

    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]

    api_version: str = ""
    kind: str = ""
    metadata: ObjectMeta = Field(default_factory=ObjectMeta)

    def model_post_init(self, context: Any, /) -> None:
        super().model_post_init(context)
        # Items of a list carry neither, and a caller should not have to repeat them.
        if not self.kind:
            self.api_version = self.API_VERSION
            self.kind = self.KIND

    @property
    def uid(self) -> str:
        return self.metadata.uid

    @property
    def resource_version(self) -> str:
        return self.metadata.resource_version

    @property
    def key(self) -> str:
        """``namespace/name``, or the bare name where there is no namespace."""
        namespace = self.metadata.namespace
        return f"{namespace}/{self.metadata.name}" if namespace else self.metadata.name


class LabelSelectorRequirement(Model):
    key: str
    operator: str
    values: list[str] = Field(default_factory=list)


class LabelSelector(Model):
    match_labels: dict[str, str] = Field(default_factory=dict)
    match_expressions: list[LabelSelectorRequirement] = Field(default_factory=list)


class Condition(Model):
    """The common shape of ``status.conditions[]`` entries."""

    type: str
    status: str
    reason: str = ""
    message: str = ""
    last_transition_time: Time | None = None
    observed_generation: int = 0


def to_wire(model: Model) -> dict[str, Any]:
    """Return the JSON object of a model: camelCase keys, zero values left out."""
    wire: dict[str, Any] = model.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
    return wire


def encode(value: Model | dict[str, Any]) -> bytes:
    """Return the JSON bytes of a model or of a plain JSON object."""
    if isinstance(value, Model):
        return value.__pydantic_serializer__.to_json(value, by_alias=True, exclude_none=True, exclude_defaults=True)
    return orjson.dumps(value)
