"""ConfigMaps, Secrets and ServiceAccounts (``pkg/registry/core/{configmap,secret,serviceaccount}``, v1.36)."""

import base64
from typing import Any

from apiserver.registry.strategy import COMMON_FIELDS, Strategy
from apiserver.validation import config
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]


class ConfigMapStrategy(Strategy):
    counts_generations = False

    def prepare_for_create(self, obj: JSONObject) -> None:
        """There is no status to drop."""

    def prepare_for_update(self, new: JSONObject, old: JSONObject) -> None:
        """There is no status to keep."""

    def validate(self, obj: JSONObject) -> Causes:
        return config.validate_config_map(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return config.validate_config_map_update(new, old)


class SecretStrategy(Strategy):
    counts_generations = False
    selectable_fields = (*COMMON_FIELDS, "type")

    def default(self, obj: JSONObject) -> None:
        """``stringData`` is a way to write ``data`` and never read back."""
        obj["type"] = obj.get("type") or "Opaque"
        plain = obj.pop("stringData", None)
        if plain:
            encoded = {key: base64.b64encode(value.encode()).decode() for key, value in plain.items()}
            obj["data"] = {**(obj.get("data") or {}), **encoded}

    def prepare_for_create(self, obj: JSONObject) -> None:
        """There is no status to drop."""

    def validate(self, obj: JSONObject) -> Causes:
        return config.validate_secret(obj)

    def prepare_for_update(self, new: JSONObject, old: JSONObject) -> None:
        """There is no status to keep."""

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return config.validate_secret_update(new, old)

    def fields(self, obj: JSONObject) -> dict[str, str]:
        return {**super().fields(obj), "type": obj.get("type", "")}


class ServiceAccountStrategy(Strategy):
    counts_generations = False
    returns_deleted_object = True

    def prepare_for_create(self, obj: JSONObject) -> None:
        _bare_references(obj)

    def prepare_for_update(self, new: JSONObject, old: JSONObject) -> None:
        _bare_references(new)


def _bare_references(account: JSONObject) -> None:
    """Keep of each reference to a secret nothing but its name."""
    if secrets := account.get("secrets"):
        account["secrets"] = [{"name": secret["name"]} if secret.get("name") else {} for secret in secrets]
