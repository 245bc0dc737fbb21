"""Checks of ``authentication.k8s.io`` (``pkg/apis/authentication/validation``, v1.36)."""

from typing import Any

from apiserver.validation import field
from apiserver.validation.field import Causes

_LEAST_SECONDS = 10 * 60
_MOST_SECONDS = 1 << 32


def validate_token_request(spec: dict[str, Any]) -> Causes:
    """Check the spec of a TokenRequest whose defaults have been filled in."""
    seconds, path = spec["expirationSeconds"], "spec.expirationSeconds"
    if seconds < _LEAST_SECONDS:
        return [field.invalid(path, seconds, "may not specify a duration less than 10 minutes")]
    if seconds > _MOST_SECONDS:
        return [field.invalid(path, seconds, "may not specify a duration larger than 2^32 seconds")]
    return []
