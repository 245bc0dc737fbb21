"""Short names for contents: the hashes in names of ReplicaSets and ControllerRevisions.

Of upstream's shape (``ComputeHash`` and ``rand.SafeEncodeString``, v1.36): a 32-bit number whose decimal digits are
written with letters. The number itself is another, since upstream's depends on how Go prints its structs.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from apimachinery.names import GENERATED_LETTERS


def content_hash(content: Mapping[str, Any], collisions: int | None = None) -> str:
    """Return up to ten letters that stand for a JSON object, whatever the order of its keys.

    ``collisions`` says how often the result was taken by another content before; each number gives another result.
    """
    digest = hashlib.blake2s(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=4)
    if collisions is not None:
        digest.update(b"/%d" % collisions)
    number = int.from_bytes(digest.digest())
    return "".join(GENERATED_LETTERS[ord(digit) % len(GENERATED_LETTERS)] for digit in str(number))
