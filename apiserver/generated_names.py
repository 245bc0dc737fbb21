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


_RANDOM_BITS = ~(0xF << 76 | 0b11 << 62)
_VERSION_4 = 4 << 76 | 0b10 << 62


def generate_uuid(rng: random.Random) -> str:
    """Return a random UUID (version 4); the standard library's class takes several times as long."""
    digits = (rng.getrandbits(128) & _RANDOM_BITS | _VERSION_4).to_bytes(16, "big").hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
