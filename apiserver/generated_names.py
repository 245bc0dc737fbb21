"""What is drawn by lot: names' last letters (``k8s.io/apiserver/pkg/storage/names``, v0.36) and UUIDs."""

import random

from apimachinery.names import GENERATED_LETTERS

_SUFFIX_LENGTH = 5
_LONGEST_BASE = 63 - _SUFFIX_LENGTH
_COUNT = len(GENERATED_LETTERS)
_SUFFIXES = _COUNT**_SUFFIX_LENGTH


def generate_name(base: str, rng: random.Random) -> str:
    """Return ``base``, cut where the name would become too long, with five letters behind it."""
    left, suffix = int(rng.random() * _SUFFIXES), ""
    for _ in range(_SUFFIX_LENGTH):
        left, letter = divmod(left, _COUNT)
        suffix += GENERATED_LETTERS[letter]
    return base[:_LONGEST_BASE] + suffix


def generate_uuid(rng: random.Random) -> str:
    """Return a random UUID (version 4); the standard library's class takes several times as long."""
    digits = f"{rng.getrandbits(128):032x}"
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
