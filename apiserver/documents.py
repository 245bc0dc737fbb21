"""Documents that are made from resources, kept until those change, and sent with an ``ETag``."""

import asyncio
import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request, Response

from apiserver.registry.resource import ResourceInfo


@dataclass(frozen=True, slots=True)
class Document:
    content: bytes
    digest: str
    """SHA-512 in capitals, as upstream writes it."""

    @property
    def etag(self) -> str:
        return f'"{self.digest}"'


class Documents:
    """Keeps each document for as long as the resources that it was made from are the ones that are served."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[Sequence[ResourceInfo], Document]] = {}
        self._making = asyncio.Lock()

    async def get(self, key: Hashable, resources: Sequence[ResourceInfo], make: Callable[[], bytes]) -> Document:
        """Return the document under ``key``, made by ``make`` unless it is there and made from these very resources.

        ``make`` runs in a thread, one at a time: some documents take longer than other requests should wait.
        """
        found = self._find(key, resources)
        if found is None:
            async with self._making:
                found = self._find(key, resources)
                if found is None:
                    found = await asyncio.to_thread(_document, make)
                    self._kept[key] = (resources, found)
        return found

    def keep_only(self, keys: set[Hashable]) -> None:
        """Forget the documents under other keys."""
        for key in self._kept.keys() - keys:
            del self._kept[key]

    def _find(self, key: Hashable, resources: Sequence[ResourceInfo]) -> Document | None:
        sources, found = self._kept.get(key, ((), None))
        # Entries of the registry never change, they are replaced.
        same = len(sources) == len(resources) and all(map(_is, sources, resources))
        return found if same else None


def _is(one: ResourceInfo, other: ResourceInfo) -> bool:
    return one is other


def _document(make: Callable[[], bytes]) -> Document:
    content = make()
    return Document(content, hashlib.sha512(content).hexdigest().upper())


def answer(
    request: Request,
    found: Document,
    media_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Send a document, or 304 when the client has it."""
    sent = {"ETag": found.etag, "Vary": "Accept", **(headers or {})}
    if found.etag in [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=sent)
    return Response(found.content, media_type=media_type, headers=sent)
