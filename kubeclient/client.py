"""HTTP calls to the Kubernetes API, typed by resource.

Requests and watches go through :mod:`kubeclient.pool`: ``docs/dependencies.md`` has the figures that made this so.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Generic, Self, TypeVar
from urllib.parse import urlencode

import orjson

from apimachinery.clock import Clock, RealClock
from apimachinery.errors import StatusError, error_from_status
from apimachinery.patch_types import PatchType
from apimachinery.types.base import Model, Object, encode
from kubeclient.backoff import Backoff
from kubeclient.errors import ConnectionFailed, NotAnAPIServer
from kubeclient.pool import Pool
from kubeclient.resources import Readable, Resource
from kubeclient.streams import Stream
from kubeclient.watching import Change, read_changes

logger = logging.getLogger(__name__)

T = TypeVar("T", bound=Object)
R = TypeVar("R", bound=Readable)

REQUEST_TIMEOUT_SECONDS = 30.0
CONNECT_TIMEOUT_SECONDS = 10.0
LARGEST_WATCH_LINE = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ListResult(Generic[R]):
    """``resource_version`` is where a watch goes on; ``continue_token`` is empty on the last page."""

    items: list[R]
    resource_version: str
    continue_token: str = ""


def decode(resource: Resource[R], wire: dict[str, Any]) -> R:
    """Return the object of a list's item or a watch's event, without its managed fields; ``wire`` is used up.

    Who owns which field takes as much room as all the rest of an object, and no component looks at it: upstream's
    drop it as well (``TransformStripManagedFields`` in client-go's ``tools/cache``, v0.36). An object that is
    written back without it keeps it.
    """
    wire["metadata"].pop("managedFields", None)
    return resource.model.model_validate(wire)


class Client:
    """A connection pool to one API server; use as ``async with Client(server) as client``.

    ``server`` is its base URL, such as ``http://127.0.0.1:8080``. Every method raises
    :class:`~apimachinery.errors.StatusError` when the server refuses and
    :class:`~kubeclient.errors.ConnectionFailed` when it does not answer. ``connections`` bounds the calls under
    way at once; watches do not count.
    """

    def __init__(
        self, server: str, *, user_agent: str = "kubemu", clock: Clock | None = None, connections: int = 32
    ) -> None:
        self.server = server.rstrip("/")
        self.clock = clock or RealClock()
        self._background = asyncio.Lock()
        self._headers = {"Accept": "application/json", "User-Agent": user_agent}
        self._connections = connections
        self._pool: Pool | None = None

    async def __aenter__(self) -> Self:
        self._pool = Pool(
            self.server,
            self._headers,
            limit=self._connections,
            seconds=REQUEST_TIMEOUT_SECONDS,
            connect_seconds=CONNECT_TIMEOUT_SECONDS,
        )
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._pool is not None:
            self._pool.close()
        self._pool = None

    @asynccontextmanager
    async def background(self, patience: float) -> AsyncIterator[None]:
        """Hold the only place for calls whose outcome nobody waits for.

        It is given when no other call is under way, or after ``patience`` seconds.
        """
        async with self._background:
            if self._pool is not None and self._pool.busy and patience > 0:
                with contextlib.suppress(TimeoutError):
                    async with self.clock.timeout(patience):
                        await self._pool.until_idle()
            yield

    # Any path

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = "application/json",
    ) -> bytes:
        """Send one request and return the body of the answer."""
        pool = self._open_pool()
        target = f"{path}?{urlencode(params)}" if params else path
        try:
            answer = await pool.request(method, target, body, content_type)
        except (TimeoutError, OSError) as error:
            raise ConnectionFailed(f"{method} {self.server}{path}: {_reason(error)}") from error
        if answer.status >= 300:
            raise self._refusal(answer.body, answer.status, f"{method} {path}")
        return answer.body

    def _open_pool(self) -> Pool:
        if self._pool is None:
            raise RuntimeError("the client is not open: use `async with Client(...)`")
        return self._pool

    def _refusal(self, content: bytes, code: int, what: str) -> StatusError:
        try:
            status = orjson.loads(content)
        except orjson.JSONDecodeError:
            status = None
        if not isinstance(status, dict) or status.get("kind") != "Status":
            shown = content[:200].decode(errors="replace")
            status = {"message": f"{what} on {self.server} answered {code}: {shown}"}
        return error_from_status(status, code)

    # Objects

    async def get(self, resource: Resource[T], name: str, *, namespace: str = "") -> T:
        return resource.model.model_validate_json(await self.request("GET", resource.path(name, namespace=namespace)))

    async def list(
        self,
        resource: Resource[R],
        *,
        namespace: str = "",
        label_selector: str = "",
        field_selector: str = "",
        resource_version: str = "",
        limit: int = 0,
        continue_token: str = "",
    ) -> ListResult[R]:
        params = _given(
            labelSelector=label_selector,
            fieldSelector=field_selector,
            resourceVersion=resource_version,
            limit=str(limit) if limit else "",
        ) | ({"continue": continue_token} if continue_token else {})
        found = orjson.loads(await self.request("GET", resource.path(namespace=namespace), params=params))
        metadata = found["metadata"]
        return ListResult(
            [decode(resource, item) for item in found.get("items") or ()],
            metadata.get("resourceVersion", ""),
            metadata.get("continue", ""),
        )

    async def create(self, resource: Resource[T], obj: T | dict[str, Any], *, namespace: str = "") -> T:
        """Create in ``namespace``, or in the one the object's metadata names."""
        if not namespace and isinstance(obj, Object):
            namespace = obj.metadata.namespace
        path = resource.path(namespace=namespace)
        return resource.model.model_validate_json(await self.request("POST", path, body=encode(obj)))

    async def create_subresource(
        self, resource: Resource[T], name: str, subresource: str, body: Model | dict[str, Any], *, namespace: str = ""
    ) -> None:
        path = resource.path(name, namespace=namespace, subresource=subresource)
        await self.request("POST", path, body=encode(body))

    async def replace(self, resource: Resource[T], obj: T, *, subresource: str = "") -> T:
        """Replace an object read before; 409 when it has changed since."""
        meta = obj.metadata
        path = resource.path(meta.name, namespace=meta.namespace, subresource=subresource)
        return resource.model.model_validate_json(await self.request("PUT", path, body=encode(obj)))

    async def patch(
        self,
        resource: Resource[T],
        name: str,
        patch: Mapping[str, Any] | Sequence[Any] | bytes,
        *,
        namespace: str = "",
        subresource: str = "",
        patch_type: PatchType = PatchType.MERGE,
    ) -> T:
        path = resource.path(name, namespace=namespace, subresource=subresource)
        body = patch if isinstance(patch, bytes) else orjson.dumps(patch)
        return resource.model.model_validate_json(
            await self.request("PATCH", path, body=body, content_type=patch_type.value)
        )

    async def delete(
        self,
        resource: Resource[T],
        name: str,
        *,
        namespace: str = "",
        grace_period_seconds: int | None = None,
        uid: str = "",
        resource_version: str = "",
        propagation_policy: str = "",
    ) -> None:
        """Delete; ``uid`` and ``resource_version``, when given, must be the object's (409 otherwise).

        ``propagation_policy`` is ``Background``, ``Foreground`` or ``Orphan``; empty leaves it to the server.
        """
        options: dict[str, Any] = {"kind": "DeleteOptions", "apiVersion": "v1"}
        if grace_period_seconds is not None:
            options["gracePeriodSeconds"] = grace_period_seconds
        if preconditions := _given(uid=uid, resourceVersion=resource_version):
            options["preconditions"] = preconditions
        if propagation_policy:
            options["propagationPolicy"] = propagation_policy
        await self.request("DELETE", resource.path(name, namespace=namespace), body=orjson.dumps(options))

    # Watches

    @asynccontextmanager
    async def watch(
        self,
        resource: Resource[R],
        *,
        resource_version: str,
        namespace: str = "",
        label_selector: str = "",
        field_selector: str = "",
        timeout_seconds: int = 0,
    ) -> AsyncIterator[AsyncIterator[Iterator[Change]]]:
        """Open a watch of everything after ``resource_version``, bookmarks included.

        The iterator yields what has come since the last time, to be read before it goes on. It ends when the server
        ends the watch (``timeout_seconds``, or its own limit). :class:`~apimachinery.errors.Expired` is raised when the
        resource version is too old, at the opening or among what has come.
        """
        pool = self._open_pool()
        params = _given(
            watch="1",
            allowWatchBookmarks="true",
            resourceVersion=resource_version,
            labelSelector=label_selector,
            fieldSelector=field_selector,
            timeoutSeconds=str(timeout_seconds) if timeout_seconds else "",
        )
        path = resource.path(namespace=namespace)
        async with AsyncExitStack() as stack:
            try:
                answer = await stack.enter_async_context(pool.stream(f"{path}?{urlencode(params)}"))
                if answer.status >= 300:
                    raise self._refusal(await answer.rest(), answer.status, f"watch {path}")
            except (TimeoutError, OSError) as error:
                raise ConnectionFailed(f"watch {self.server}{path}: {_reason(error)}") from error
            yield await stack.enter_async_context(aclosing(self._changes(answer, path)))

    async def _changes(self, answer: Stream, path: str) -> AsyncGenerator[Iterator[Change]]:
        pending = b""
        try:
            while chunk := await answer.read():
                # Not split(), which looks at each byte by itself.
                lines = BytesIO(pending + chunk).readlines()
                pending = b"" if lines[-1].endswith(b"\n") else lines.pop()
                if len(pending) > LARGEST_WATCH_LINE:
                    raise NotAnAPIServer(f"watch {self.server}{path}: a line longer than {LARGEST_WATCH_LINE} bytes")
                yield read_changes(lines)
        except OSError as error:
            raise ConnectionFailed(f"watch {self.server}{path}: {_reason(error)}") from error

    # The server itself

    async def wait_for_server(self) -> None:
        """Return once the server is ready, trying with back-off for as long as nothing answers.

        Raises :class:`~kubeclient.errors.NotAnAPIServer` as soon as something else answers.
        """
        backoff = Backoff(initial=0.05, factor=1.6, limit=2.0)
        waiting = False
        while True:
            try:
                await self._check_version()
                await self.request("GET", "/readyz")
                return
            except ConnectionFailed as error:
                if not waiting:
                    logger.warning("waiting for the API server: %s", error)
                    waiting = True
            except StatusError as error:
                logger.info("the API server is not ready yet: %s", error)
            await self.clock.sleep(backoff.next())

    async def _check_version(self) -> None:
        try:
            answer = await self.request("GET", "/version")
        except StatusError as error:
            if error.code in {401, 403, 429} or error.code >= 500:
                raise
            raise NotAnAPIServer(
                f"{self.server} is not a Kubernetes API server: GET /version answered {error.code}"
            ) from error
        try:
            version = orjson.loads(answer)
        except orjson.JSONDecodeError:
            version = None
        if not isinstance(version, dict) or "gitVersion" not in version:
            raise NotAnAPIServer(f"{self.server} is not a Kubernetes API server: GET /version gave no gitVersion")


def _given(**params: str) -> dict[str, str]:
    return {name: value for name, value in params.items() if value}


def _reason(error: BaseException) -> str:
    if isinstance(error, asyncio.TimeoutError):
        return "no answer in time"
    return str(error) or type(error).__name__
