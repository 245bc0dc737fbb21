"""``core/v1`` ConfigMap and Secret, and the token requests of ``authentication.k8s.io/v1``."""

from typing import ClassVar

from pydantic import Field

from apimachinery.types.base import Model, Object, Time


class ConfigMap(Object):
    """``binaryData`` is in base64."""

    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "ConfigMap"

    data: dict[str, str] = Field(default_factory=dict)
    binary_data: dict[str, str] = Field(default_factory=dict)
    immutable: bool = False


class Secret(Object):
    """``data`` is in base64."""

    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Secret"

    data: dict[str, str] = Field(default_factory=dict)
    immutable: bool = False
    type: str = ""


class TokenRequestSpec(Model):
    audiences: list[str] = Field(default_factory=list)
    expiration_seconds: int = 3600


class TokenRequestStatus(Model):
    token: str
    expiration_timestamp: Time


class TokenRequest(Model):
    """What the API server answers to ``POST …/serviceaccounts/NAME/token``."""

    spec: TokenRequestSpec
    status: TokenRequestStatus
