"""Names that end in letters drawn by lot (``k8s.io/apiserver/pkg/storage/names``, v0.36)."""

import random

from apimachinery.names import GENERATED_LETTERS

_SUFFIX_LENGTH = 5
_LONGEST_BASE = 63 - _SUFFIX_LENGTH


def generate_name(base: str, rng: random.Random) -> str:
    """Return ``base``, cut where the name would become too long, with five letters behind it."""
    return base[:_LONGEST_BASE] + "".join(rng.choices(GENERATED_LETTERS, k=_SUFFIX_LENGTH))
