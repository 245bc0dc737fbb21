"""Documents that are made from the registry, kept until it changes, and sent with an ``ETag``."""

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from fastapi import Request, Response

from apiserver.registry.resource import Registry


@dataclass(frozen=True, slots=True)
class Document:
    content: bytes
    digest: str
    """SHA-512 in capitals, as upstream writes it."""

    @property
    def etag(self) -> str:
        return f'"{self.digest}"'


def document(content: bytes) -> Document:
    return Document(content, hashlib.sha512(content).hexdigest().upper())


class Documents:
    """Keeps each document for as long as the registry stays as it was when the document was made."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._kept: dict[Hashable, tuple[Hashable, Document]] = {}

    def get(self, key: Hashable, make: Callable[[], bytes], state: Hashable = None) -> Document:
        """Return the document under ``key``; ``state`` is what it depends on, the whole registry when not given."""
        current = self._registry.generation if state is None else state
        found = self._kept.get(key)
        if found is None or found[0] != current:
            found = self._kept[key] = (current, document(make()))
        return found[1]


def answer(request: Request, found: Document, media_type: str = "application/json", *, fixed: bool = False) -> Response:
    """Send a document, or 304 when the client has it. One that is ``fixed`` by its URL may be kept for good."""
    headers = {"ETag": found.etag, "Vary": "Accept"}
    if fixed:
        headers["Cache-Control"] = "public, immutable"
    if found.etag in [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(found.content, media_type=media_type, headers=headers)
