"""What every request passes before it is handled, and every answer on its way out.

The counterpart of upstream's handler chain (``k8s.io/apiserver/pkg/server/config.go``, v0.36): audit id, log,
metrics, who may ask at all, in-flight limits, deadlines. It stands before the web framework and is written for
speed: all of it together is to cost a few microseconds.
"""

import asyncio
import logging
import random
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from apimachinery.clock import Clock
from apimachinery.errors import Forbidden, InternalError, StatusError, TooManyRequests
from apiserver import impersonation
from apiserver.compression import compress_page, wants_gzip
from apiserver.deadlines import Deadlines, requested_timeout, timed_out
from apiserver.generated_names import generate_uuid
from apiserver.http import CALL, Call, ClientDisconnected
from apiserver.inflight import InflightLimits
from apiserver.metrics import Metrics, Series
from apiserver.origin import OriginPolicy
from apiserver.registry.resource import Registry
from apiserver.request import is_long_running, names_resource, resolve
from componentbase import logs

logger = logging.getLogger(__name__)

_KNOWN_HOSTS_LIMIT = 256
_PROBES = ("/healthz", "/livez", "/readyz")
_VERBS = {"GET": "GET", "HEAD": "GET", "POST": "POST", "PUT": "PUT", "PATCH": "PATCH", "DELETE": "DELETE"}
_CACHE_CONTROL = (b"cache-control", b"no-cache, private")


@dataclass(frozen=True, slots=True)
class Safeguards:
    """What keeps the server from being misused or overrun."""

    policy: OriginPolicy
    limits: InflightLimits
    deadlines: Deadlines
    request_timeout: float
    """Seconds that a request may take, watches and proxied ones excepted."""


class Gateway:
    """An ASGI application around another one, which finds the :class:`~apiserver.http.Call` in the scope."""

    def __init__(
        self,
        app: ASGIApp,
        resources: ASGIApp,
        registry: Registry,
        safeguards: Safeguards,
        metrics: Metrics,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        """Requests for resources go to ``resources``, all others to ``app``.

        ``rng`` makes audit ids, and should be nobody else's: how many are drawn depends on the clients.
        """
        self._app = app
        self._resources = resources
        self._registry = registry
        self._policy = safeguards.policy
        self._limits = safeguards.limits
        self._deadlines = safeguards.deadlines
        self._request_timeout = safeguards.request_timeout
        self._metrics = metrics
        self._now = clock.monotonic
        self._rng = rng
        self._known_hosts: set[bytes] = set()
        self._logs_requests = logger.isEnabledFor(logs.REQUESTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = self._now()
        call = Call(scope, receive, send)
        audit_id = call.headers.get(b"audit-id") or generate_uuid(self._rng).encode()
        call.audit_id = audit_id.decode("latin-1")
        call.answer_headers = [(b"audit-id", audit_id), _CACHE_CONTROL]
        scope[CALL] = call
        try:
            await self._pass(call, started)
        except StatusError as error:
            await self._refuse(call, error)
        except ClientDisconnected:
            pass
        except Exception:
            logger.exception("%s", logs.structured("request failed", verb=call.method, URI=call.uri, audit_ID=audit_id))
            await self._refuse(call, InternalError(f"Internal error occurred: {call.method} {call.path} failed"))
        finally:
            # The call refers to the scope: without this only the garbage collector could take the two apart.
            del scope[CALL]
            self._record(call, self._now() - started)

    async def _pass(self, call: Call, started: float) -> None:
        """Let a request through to its handler, if nothing speaks against it."""
        if self._is_foreign(call) and await self._answer_origin(call):
            return
        for name in call.headers:
            if name.startswith(impersonation.PREFIX):
                self._impersonate(call)
                break
        if names_resource(call.path):
            call.target = resolve(self._registry, call.path)
        call.long_running = is_long_running(call.target, call.method, call.query)
        if call.long_running:
            await self._pass_unbounded(call)
        elif call.path.startswith(_PROBES):
            await self._app(call.scope, call.receive, call.send)
        else:
            seconds = self._request_timeout
            if call.query.given("timeout"):
                seconds = requested_timeout(call.query.text("timeout"), seconds)
            await self._pass_bounded(call, started, seconds)

    def _impersonate(self, call: Call) -> None:
        """Take the request for somebody else's, who alone is seen from here on; raise 400 when it cannot be."""
        headers = call.scope["headers"]
        call.user = impersonation.impersonated(headers) or call.user
        call.scope["headers"] = [pair for pair in headers if not pair[0].startswith(impersonation.PREFIX)]

    async def _pass_unbounded(self, call: Call) -> None:
        series = self._series(call)
        series.underway += 1
        try:
            await self._serving(call)(call.scope, call.receive, call.send)
        finally:
            series.underway -= 1

    async def _pass_bounded(self, call: Call, started: float, seconds: float) -> None:
        lane = self._limits.lane(call.method)
        lane.enter()
        task = asyncio.current_task()
        assert task is not None
        self._deadlines.start(task, started, seconds)
        send: Send = call.send
        if call.target is None and wants_gzip(call.headers.get(b"accept-encoding")):
            send = compress_page(send)
        try:
            await self._serving(call)(call.scope, call.receive, send)
        except asyncio.CancelledError:
            if not self._deadlines.end(task):
                raise
            task.uncancel()
            raise timed_out() from None
        finally:
            self._deadlines.end(task)
            lane.leave()

    def _serving(self, call: Call) -> ASGIApp:
        return self._app if call.target is None else self._resources

    # Where requests come from

    def _is_foreign(self, call: Call) -> bool:
        """Whether the headers need a look; those of clients that are no browser do only once for each host name."""
        headers = call.headers
        return headers.get(b"host") not in self._known_hosts or b"origin" in headers or b"sec-fetch-site" in headers

    async def _answer_origin(self, call: Call) -> bool:
        """Refuse with 403 what comes from elsewhere; return whether that, or a CORS preflight, has been answered."""
        host = call.headers.get(b"host", b"")
        origin = call.header(b"origin") if b"origin" in call.headers else None
        refusal = self._policy.refusal(host.decode("latin-1"), origin, call.header(b"sec-fetch-site"))
        if refusal:
            raise Forbidden(refusal)
        if len(self._known_hosts) >= _KNOWN_HOSTS_LIMIT:
            self._known_hosts.clear()
        self._known_hosts.add(host)
        cors = self._policy.cors_headers(origin)
        call.answer_headers += cors
        if not cors or call.method != "OPTIONS":
            return False
        await call.send({"type": "http.response.start", "status": 204, "headers": []})
        await call.send({"type": "http.response.body", "body": b""})
        return True

    # What is left of a request

    async def _refuse(self, call: Call, error: StatusError) -> None:
        if isinstance(error, TooManyRequests) or error.code == 504:
            self._metrics.terminated(self._series(call), error.code)
        if call.code:
            await call.cut()
        else:
            await call.answer_error(error)

    def _record(self, call: Call, seconds: float) -> None:
        series = self._series(call)
        if call.code:
            tried = self._metrics.dry_run(series) if call.query.given("dryRun") else series
            tried.record(call.code, seconds, call.sent)
        if self._logs_requests:
            client = call.scope.get("client") or ("", 0)
            line = logs.structured(
                "HTTP",
                verb=series.labels.verb,
                URI=call.uri,
                latency=f"{seconds * 1e3:.3f}ms",
                userAgent=call.header(b"user-agent"),
                audit_ID=call.audit_id,
                srcIP=f"{client[0]}:{client[1]}",
                resp=call.code,
            )
            logger.log(logs.REQUESTS, "%s", line)

    def _series(self, call: Call) -> Series:
        target = call.target
        if target is None:
            route = call.scope.get("route")
            return self._metrics.series(_VERBS.get(call.method, "other"), "", "", "", getattr(route, "path", ""), "")
        info, verb = target.info, self._verb(call)
        place = "namespace" if target.namespace else "cluster"
        scope = "resource" if target.name or verb == "POST" else place
        served = info.subresource(target.subresource) if target.subresource else None
        return self._metrics.series(verb, info.group, info.version, info.plural, served.name if served else "", scope)

    def _verb(self, call: Call) -> str:
        assert call.target is not None
        if call.long_running:
            return "CONNECT" if call.target.subresource else "WATCH"
        match call.method:
            case "GET" | "HEAD":
                return "GET" if call.target.name else "LIST"
            case "DELETE":
                return "DELETE" if call.target.name else "DELETECOLLECTION"
            case "PATCH":
                return "APPLY" if call.headers.get(b"content-type", b"").startswith(b"application/apply") else "PATCH"
        return _VERBS.get(call.method, "other")
