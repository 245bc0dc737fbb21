"""``core/v1`` ResourceQuota."""

from typing import Any, ClassVar

from pydantic import Field

from apimachinery.types.base import Model, Object


class ResourceQuotaSpec(Model):
    hard: dict[str, str] = Field(default_factory=dict)
    scopes: list[str] = Field(default_factory=list)
    scope_selector: dict[str, Any] | None = None


class ResourceQuotaStatus(Model):
    hard: dict[str, str] = Field(default_factory=dict)
    used: dict[str, str] = Field(default_factory=dict)


class ResourceQuota(Object):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "ResourceQuota"

    spec: ResourceQuotaSpec = Field(default_factory=ResourceQuotaSpec)
    status: ResourceQuotaStatus = Field(default_factory=ResourceQuotaStatus)
