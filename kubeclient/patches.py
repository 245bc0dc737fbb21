"""Patches that fail when their object has changed since the decision to patch it."""

from collections.abc import Mapping
from typing import Any

from apimachinery.types.base import Object


def checked_patch(obj: Object, change: Mapping[str, Any]) -> dict[str, Any]:
    """Return the merge patch that makes the change, unless the object is another by now (409)."""
    version = {"resourceVersion": obj.metadata.resource_version, "uid": obj.metadata.uid}
    return {**change, "metadata": {**change.get("metadata", {}), **version}}
