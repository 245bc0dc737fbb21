"""Plain requests to an API server, one after the other, for commands that are over in a moment.

The components' client would take longer to import than such a command takes.
"""

import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from apimachinery.errors import FatalError, error_from_status

JSON_TYPE = "application/json"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io, application/json"

_TIMEOUT_SECONDS = 30.0
_CHUNK = 65536


@dataclass(frozen=True, slots=True)
class Answer:
    code: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Server:
    """One connection to the API server at ``url``; use as ``with Server(url) as server``.

    Methods raise :class:`~apimachinery.errors.StatusError` when the server refuses and
    :class:`~apimachinery.errors.FatalError` when there is none.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_TIMEOUT_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = JSON_TYPE,
        accept: str = JSON_TYPE,
    ) -> Answer:
        """Send a request and return its answer, which is no refusal."""
        response = self._send(method, path, params, body, content_type, accept)
        try:
            return Answer(response.status, response.read())
        except (http.client.HTTPException, OSError) as error:
            raise FatalError(f"the server at {self.url} ended its answer too soon: {error}") from error

    def stream(self, path: str, *, params: Mapping[str, str] | None = None) -> Iterator[bytes]:
        """Yield what comes of an answer to GET, as it comes."""
        response = self._send("GET", path, params, None, JSON_TYPE, "*/*")
        if self._connection.sock is not None:
            # What is followed may have nothing to say for hours.
            self._connection.sock.settimeout(None)
        try:
            while part := response.read1(_CHUNK):
                yield part
        except (http.client.HTTPException, OSError) as error:
            raise FatalError(f"the server at {self.url} ended its answer too soon: {error}") from error

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        body: bytes | None,
        content_type: str,
        accept: str,
    ) -> http.client.HTTPResponse:
        headers = {"Accept": accept, "User-Agent": "kubemu"}
        if body is not None:
            headers["Content-Type"] = content_type
        try:
            self._connection.request(method, f"{path}?{urlencode(params)}" if params else path, body, headers)
            response = self._connection.getresponse()
            if response.status < 400:
                return response
            content = response.read()
        except (http.client.HTTPException, OSError) as error:
            raise FatalError(f"cannot reach the server at {self.url}: {error}") from error
        try:
            status = json.loads(content)
        except ValueError:
            status = None
        if not isinstance(status, dict):
            status = {
                "message": f"{method} {path} answered {response.status}: {content[:200].decode(errors='replace')}"
            }
        raise error_from_status(status, response.status)
