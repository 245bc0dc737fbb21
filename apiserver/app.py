"""The FastAPI application: a handful of generic routes over the registry.

Resource requests go through one plain ASGI route, which takes the request apart itself: FastAPI's parameter
parsing would cost more than the rest of the work. The small pages around it are ordinary FastAPI routes.
"""

import platform
import random
import sys
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from apimachinery.clock import Clock, rfc3339
from apimachinery.errors import NotFound, StatusError
from apimachinery.schema.bundle import load_bundle
from apiserver.admission.chain import AdmissionChain
from apiserver.admission.interface import Access
from apiserver.admission.observed import ObservedStore
from apiserver.admission.plugins import all_plugins
from apiserver.admission.quota.ledger import QuotaLedger
from apiserver.admission.selection import selected
from apiserver.deadlines import Deadlines
from apiserver.decoding import BodyDecoder
from apiserver.discovery.routes import add_discovery
from apiserver.fieldmanager.managers import FieldManagers
from apiserver.gateway import Gateway, Safeguards
from apiserver.handlers.context import Context
from apiserver.handlers.dispatch import handle
from apiserver.handlers.watching import Watches
from apiserver.health import health_routes
from apiserver.http import CALL, method_not_allowed
from apiserver.inflight import InflightLimits
from apiserver.metrics_page import metrics_routes
from apiserver.namespace_contents import fill_namespace
from apiserver.openapi.routes import add_openapi
from apiserver.origin import OriginPolicy
from apiserver.registry.builtin import builtin_registry
from apiserver.registry.resource import Registry
from apiserver.registry.service_allocation import ServiceAllocators
from apiserver.serviceaccount import keys
from apiserver.serviceaccount.openid import add_openid
from apiserver.serviceaccount.tokens import ServiceAccountTokens, TokenPolicy, check_policy
from apiserver.settings import Settings
from apiserver.storage import Objects
from apiserver.usage.collector import UsageCollector
from componentbase.readiness import Check
from componentbase.version import KUBERNETES_MINOR, git_version
from store.interface import Store

_READ = ["GET", "HEAD"]
_DEFAULT_SETTINGS = Settings()


@dataclass(frozen=True, slots=True)
class APIServer:
    """The application and what its owner has to drive."""

    app: ASGIApp
    deadlines: Deadlines
    context: Context
    readiness: dict[str, bool]
    """Named checks of ``/readyz``; the owner sets each to true when it holds."""
    services: ServiceAllocators


def create_app(store: Store, *, clock: Clock, rng: random.Random, settings: Settings = _DEFAULT_SETTINGS) -> APIServer:
    """Return an application that serves the built-in resources from ``store``.

    Raises ``ValueError`` for settings that cannot be met. Where and how to listen is none of its business.
    """
    bundle = load_bundle()
    registry = builtin_registry(bundle)
    services = ServiceAllocators(settings.service_cluster_ip_range, settings.service_node_port_range, rng)
    writes = ObservedStore(store)
    objects = Objects(writes, {("", "services"): services})
    admission = AdmissionChain(
        selected(
            all_plugins(Access(objects, registry, clock, writes, QuotaLedger(writes, registry), rng)),
            settings.enable_admission_plugins,
            settings.disable_admission_plugins,
        )
    )
    tokens = _tokens(settings, objects, registry, clock)
    context = Context(
        bundle,
        registry,
        objects,
        BodyDecoder(bundle),
        Watches(clock),
        admission,
        FieldManagers(registry),
        clock,
        rng,
        tokens,
        UsageCollector(clock),
        after_create={("", "namespaces"): fill_namespace},
        min_request_timeout=settings.min_request_timeout,
        components={"scheduler": settings.scheduler_url, "controller-manager": settings.controller_manager_url},
    )
    limits = InflightLimits(settings.max_requests_inflight, settings.max_mutating_requests_inflight)
    policy = OriginPolicy(settings.bind_address, settings.allowed_hosts, settings.cors_allowed_origins)
    safeguards = Safeguards(policy, limits, Deadlines(clock), settings.request_timeout)
    app = FastAPI(title="kubemu", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    readiness = {"ping": True, "poststarthook/bootstrap-namespaces": False}
    app.include_router(
        health_routes(live={"ping": lambda: True}, ready={name: _holds(readiness, name) for name in readiness})
    )
    app.include_router(metrics_routes(context, limits))
    add_discovery(app, registry)
    add_openapi(app, registry, bundle, clock)
    add_openid(app, tokens, settings.service_account_jwks_uri)
    if settings.enable_reset:
        from apiserver.reset.routes import add_reset

        add_reset(app, context)
    _add_version(app, rfc3339(clock.now()))
    _add_errors(app)
    # Its audit ids are drawn apart, so that seeded names do not depend on how many requests there were.
    rng_of_audits = random.Random(rng.getrandbits(64))
    # Neither routes nor middleware have anything to do for resources: whatever goes wrong there is answered there.
    gateway = Gateway(app, _resources(context), registry, safeguards, context.metrics, clock, rng_of_audits)
    return APIServer(gateway, safeguards.deadlines, context, readiness, services)


def _tokens(settings: Settings, objects: Objects, registry: Registry, clock: Clock) -> ServiceAccountTokens:
    policy = TokenPolicy(
        settings.service_account_issuer,
        settings.api_audiences or settings.service_account_issuer[:1],
        settings.service_account_max_token_expiration,
        settings.service_account_extend_token_expiration,
    )
    check_policy(policy)
    signing, checking = settings.service_account_signing_key_file, settings.service_account_key_file
    if not signing and not checking:
        return ServiceAccountTokens(policy, keys.generate, objects, registry, clock)
    # Files that cannot be used are told at the start, not when somebody asks for a token.
    loaded = keys.load(signing, checking)
    return ServiceAccountTokens(policy, lambda: loaded, objects, registry, clock)


def _holds(readiness: dict[str, bool], name: str) -> Check:
    return lambda: readiness[name]


def _resources(context: Context) -> ASGIApp:
    """Return what serves everything below ``/api/v1/`` and ``/apis/GROUP/VERSION/``."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await handle(context, scope[CALL])

    return serve


def _json(body: Any, code: int = 200, headers: dict[str, str] | None = None) -> Response:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return Response(content, status_code=code, media_type="application/json", headers=headers)


def _add_version(app: FastAPI, started: str) -> None:
    version = {
        "major": "1",
        "minor": KUBERNETES_MINOR,
        "gitVersion": git_version(),
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": started,
        "goVersion": f"python{platform.python_version()}",
        "compiler": platform.python_implementation(),
        "platform": f"{sys.platform}/{_architecture()}",
    }

    @app.api_route("/version", methods=_READ)
    @app.api_route("/version/", methods=_READ)
    async def get_version() -> Response:
        return _json(version)


def _architecture() -> str:
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(StatusError)
    async def refused(request: Request, error: StatusError) -> Response:
        return _json(error.to_status(), error.code)

    @app.exception_handler(404)
    async def unknown_path(request: Request, error: Exception) -> Response:
        return _json(NotFound("the server could not find the requested resource").to_status(), 404)

    @app.exception_handler(405)
    async def unknown_method(request: Request, error: Exception) -> Response:
        return _json(method_not_allowed().to_status(), 405)
