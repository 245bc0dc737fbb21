"""ConfigMaps and Secrets (``pkg/apis/core/validation/validation.go``, v1.36)."""

import base64
import binascii
from typing import Any

import orjson

from apimachinery import names
from apiserver.validation import field, values
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

MAX_SIZE = 1024 * 1024
"""How many bytes all values of one object may have together, decoded."""

_SERVICE_ACCOUNT_NAME = "kubernetes.io/service-account.name"
_FROZEN = "field is immutable when `immutable` is set"
_DOCKER_KEYS = {
    "kubernetes.io/dockercfg": ".dockercfg",
    "kubernetes.io/dockerconfigjson": ".dockerconfigjson",
}


def decode_base64(text: str) -> bytes:
    """Return what standard base64 stands for; raise ``ValueError`` in the words of Go's decoder."""
    try:
        return base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"illegal base64 data at input byte {_first_bad_byte(text)}") from None


def _first_bad_byte(text: str) -> int:
    alphabet = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\r\n")
    for position, letter in enumerate(text):
        if letter not in alphabet:
            return position
    return len(text) - len(text) % 4


def _sizes(path: str, encoded: JSONObject) -> tuple[int, Causes]:
    """Return how many bytes base64 values stand for, and what is wrong with them."""
    total, causes = 0, []
    for key, value in encoded.items():
        try:
            total += len(decode_base64(value))
        except ValueError as error:
            causes.append(field.invalid(f"{path}[{key}]", value, str(error)))
    return total, causes


def _keys(path: str, data: JSONObject) -> Causes:
    causes: Causes = []
    for key in data:
        causes += field.problems(f"{path}[{key}]", key, names.config_key(key))
    return causes


def validate_config_map(config_map: JSONObject) -> Causes:
    data, binary = config_map.get("data") or {}, config_map.get("binaryData") or {}
    causes = _keys("data", data)
    causes += [
        field.invalid(f"data[{key}]", key, "duplicate of key present in binaryData") for key in data if key in binary
    ]
    causes += _keys("binaryData", binary)
    total, wrong = _sizes("binaryData", binary)
    causes += wrong
    total += sum(len(value.encode()) for value in data.values())
    if total > MAX_SIZE:
        # About the object as a whole: there is no field to name.
        causes.append(field.too_long("", MAX_SIZE))
    return causes


def validate_config_map_update(new: JSONObject, old: JSONObject) -> Causes:
    return _frozen(new, old, ("data", "binaryData")) + validate_config_map(new)


def _frozen(new: JSONObject, old: JSONObject, keys: tuple[str, ...]) -> Causes:
    if not old.get("immutable"):
        return []
    causes: Causes = []
    if not new.get("immutable"):
        causes.append(field.forbidden("immutable", _FROZEN))
    causes += [field.forbidden(key, _FROZEN) for key in keys if (new.get(key) or {}) != (old.get(key) or {})]
    return causes


def validate_secret(secret: JSONObject) -> Causes:
    data = secret.get("data") or {}
    causes = _keys("data", data)
    total, wrong = _sizes("data", data)
    causes += wrong
    if total > MAX_SIZE:
        causes.append(field.too_long("data", MAX_SIZE))
    return causes if wrong else causes + _by_type(secret, data)


def _by_type(secret: JSONObject, data: JSONObject) -> Causes:
    def missing(*keys: str) -> Causes:
        return [field.required(f"data[{key}]") for key in keys if key not in data]

    match secret.get("type"):
        case "kubernetes.io/service-account-token":
            if not (secret["metadata"].get("annotations") or {}).get(_SERVICE_ACCOUNT_NAME):
                return [field.required(f"metadata.annotations[{_SERVICE_ACCOUNT_NAME}]")]
        case "kubernetes.io/dockercfg" | "kubernetes.io/dockerconfigjson" as kind:
            return missing(_DOCKER_KEYS[kind]) or _docker_config(data, _DOCKER_KEYS[kind])
        case "kubernetes.io/basic-auth":
            absent = missing("username", "password")
            return absent if len(absent) == 2 else []
        case "kubernetes.io/ssh-auth":
            return [] if data.get("ssh-privatekey") else [field.required("data[ssh-privatekey]")]
        case "kubernetes.io/tls":
            return missing("tls.crt", "tls.key")
    return []


def _docker_config(data: JSONObject, key: str) -> Causes:
    try:
        parsed = orjson.loads(decode_base64(data[key]))
    except orjson.JSONDecodeError as error:
        return [field.invalid(f"data[{key}]", "<secret contents redacted>", str(error))]
    if parsed is not None and not isinstance(parsed, dict):
        detail = "json: cannot unmarshal into Go value of type map[string]interface {}"
        return [field.invalid(f"data[{key}]", "<secret contents redacted>", detail)]
    return []


def validate_secret_update(new: JSONObject, old: JSONObject) -> Causes:
    causes = values.immutable("type", new.get("type"), old.get("type"))
    return causes + _frozen(new, old, ("data",)) + validate_secret(new)
