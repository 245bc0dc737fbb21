"""The formats of patches."""

import enum


class PatchType(enum.StrEnum):
    """The patch formats, by their media types."""

    JSON = "application/json-patch+json"
    MERGE = "application/merge-patch+json"
    STRATEGIC = "application/strategic-merge-patch+json"
    APPLY = "application/apply-patch+yaml"


PATCH_TYPES = tuple(kind.value for kind in PatchType)
