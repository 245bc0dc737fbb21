"""Stored objects as clients want to see them: whole, as rows of a Table, or their metadata alone.

``k8s.io/apiserver/pkg/endpoints/handlers/response.go``, v0.36.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson

from apimachinery.clock import Clock
from apiserver.handlers.watching import Encode, frame
from apiserver.http import Call
from apiserver.negotiation import Representation
from apiserver.printing.table import Table
from apiserver.registry.resource import ResourceInfo
from store.interface import Record

JSONObject = dict[str, Any]

_PIECE = 1024 * 1024
_META = "meta.k8s.io"


class Presenter:
    """Shows one resource's objects in one form."""

    def __init__(self, info: ResourceInfo, form: Representation, include_object: str, clock: Clock) -> None:
        """``include_object`` is what a Table has of each object; raises 400 for what it cannot be."""
        self._info = info
        self._form = form
        self._clock = clock
        self._include = include_object
        if form.transformation == "Table":
            self._table()

    def _table(self) -> Table:
        return Table(self._info.printer, self._include, self._clock.now(), self._form.version)

    def object(self, record: Record) -> bytes:
        """Return the JSON of one object."""
        match self._form.transformation:
            case "":
                return self._info.view(record.value)
            case "Table":
                return self._table().render([record.value], str(record.mod_revision))
        return orjson.dumps(self._partial(record.value))

    def _partial(self, value: bytes) -> JSONObject:
        version = f"{_META}/{self._form.version}"
        return {"kind": "PartialObjectMetadata", "apiVersion": version, "metadata": orjson.loads(value)["metadata"]}

    async def send_list(
        self, call: Call, records: Sequence[Record], revision: int, continue_token: str, remaining: int
    ) -> None:
        """Answer with a list, piece by piece when it is long."""
        if self._form.transformation == "Table":
            values = [record.value for record in records]
            await call.answer(200, self._table().render(values, str(revision), continue_token, remaining))
            return
        kind, api_version, values = self._info.list_kind, self._info.api_version, [record.value for record in records]
        if self._form.transformation:
            kind, api_version = "PartialObjectMetadataList", f"{_META}/{self._form.version}"
            values = [orjson.dumps(self._partial(value)) for value in values]
        elif self._info.conversion:
            values = [self._info.view(value) for value in values]
        metadata: JSONObject = {"resourceVersion": str(revision)}
        if continue_token:
            metadata["continue"] = continue_token
            if remaining:
                metadata["remainingItemCount"] = remaining
        head = orjson.dumps({"kind": kind, "apiVersion": api_version, "metadata": metadata})[:-1] + b',"items":['
        length = len(head) + sum(map(len, values)) + max(0, len(values) - 1) + len(b"]}")
        if length <= _PIECE or not self._form.plain:
            await call.answer(200, b"".join((head, b",".join(values), b"]}")))
        else:
            await call.answer_pieces(_pieces(head, values), length)

    def encoder(self) -> Encode:
        """Return how a watch writes its events."""
        if self._form.transformation == "Table":
            return self._table_encoder()
        return lambda kind, record: frame(kind, self.object(record))

    def _table_encoder(self) -> Encode:
        first = True

        def encode(kind: str, record: Record) -> bytes:
            nonlocal first
            rendered = self._table().render([record.value], str(record.mod_revision), with_columns=first)
            first = False
            return frame(kind, rendered)

        return encode

    @property
    def type_meta(self) -> tuple[str, str]:
        """The kind and API version that a bookmark has: those of the objects around it."""
        version = f"{_META}/{self._form.version}"
        match self._form.transformation:
            case "":
                return self._info.kind, self._info.api_version
            case "Table":
                return "Table", version
        return "PartialObjectMetadata", version


async def _pieces(head: bytes, values: Sequence[bytes]) -> AsyncIterator[bytes]:
    """Yield a list in pieces of about a megabyte."""
    parts, size, first = [head], len(head), True
    for value in values:
        if not first:
            parts.append(b",")
        first = False
        parts.append(value)
        size += len(value)
        if size >= _PIECE:
            yield b"".join(parts)
            parts, size = [], 0
    parts.append(b"]}")
    yield b"".join(parts)
