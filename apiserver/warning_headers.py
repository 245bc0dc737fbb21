"""``Warning`` headers.

``NewWarningHeader`` of ``k8s.io/apimachinery/pkg/util/net`` and ``apiserver/pkg/endpoints/filters/warning.go``, v0.36.
"""

import unicodedata
from collections.abc import Iterable

_TOTAL_CHARACTERS = 4 * 1024
"""Clients read no endless headers: past this, each warning is cut and the last ones are left out."""
_CUT_CHARACTERS = 256
_MOST_WARNINGS = 80
"""Python's ``http.client`` gives up on an answer with more than 100 headers, those of other kinds included."""


def warning_headers(warnings: Iterable[str]) -> list[tuple[bytes, bytes]]:
    """Return a header for each warning, what is said twice once. Warnings may quote what a client sent, all of it."""
    texts = list(dict.fromkeys(warnings))[:_MOST_WARNINGS]
    if sum(map(len, texts)) > _TOTAL_CHARACTERS:
        left = _TOTAL_CHARACTERS
        cut = [text[:_CUT_CHARACTERS] for text in texts]
        texts = [text for text in cut if (left := left - len(text)) >= 0]
    return [(b"warning", f"299 - {_quoted(text)}".encode("utf-8", "replace")) for text in texts]


def _quoted(text: str) -> str:
    """Return a quoted string without control characters, which would end the header, or all of them."""
    kept = "".join(char for char in text if unicodedata.category(char) != "Cc") if not text.isprintable() else text
    return '"' + kept.replace("\\", "\\\\").replace('"', '\\"') + '"'
