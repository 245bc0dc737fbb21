"""ResourceQuotas and LimitRanges (``pkg/registry/core/{resourcequota,limitrange}``, v1.36)."""

from typing import Any

from apiserver.registry.strategy import Strategy
from apiserver.validation import quota
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]


class ResourceQuotaStrategy(Strategy):
    counts_generations = False
    returns_deleted_object = True

    def prepare_for_create(self, obj: JSONObject) -> None:
        obj["status"] = {}

    def validate(self, obj: JSONObject) -> Causes:
        return quota.validate_resource_quota(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return quota.validate_resource_quota_update(new, old)

    def validate_status_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return quota.validate_resource_quota_status(new)


class LimitRangeStrategy(Strategy):
    counts_generations = False
    create_on_update = True

    def default(self, obj: JSONObject) -> None:
        """What a container may have at most is what it gets, and what it gets is what it asks for."""
        for limit in obj.get("spec", {}).get("limits", ()):
            if limit.get("type") != "Container":
                continue
            default = {**limit.get("max", {}), **limit.get("default", {})}
            request = {**limit.get("min", {}), **default, **limit.get("defaultRequest", {})}
            for key, amounts in (("default", default), ("defaultRequest", request)):
                if amounts:
                    limit[key] = amounts

    def validate(self, obj: JSONObject) -> Causes:
        return quota.validate_limit_range(obj)
