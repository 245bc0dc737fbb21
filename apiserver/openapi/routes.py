"""``/openapi/v2`` and ``/openapi/v3`` (``k8s.io/kube-openapi/pkg/{handler,handler3}``)."""

import functools
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from starlette.responses import RedirectResponse

from apimachinery.clock import Clock
from apimachinery.schema.bundle import Bundle
from apiserver.accept import accepts
from apiserver.documents import answer
from apiserver.negotiation import JSON_TYPE, not_acceptable
from apiserver.registry.resource import Registry

if TYPE_CHECKING:
    from apiserver.openapi.served import OpenAPI

_READ = ["GET", "HEAD"]
_FOR_GOOD = timedelta(days=365)
"""How long a document may be kept whose URL names its hash."""


def add_openapi(app: FastAPI, registry: Registry, bundle: Bundle, clock: Clock) -> None:
    @functools.cache
    def openapi() -> "OpenAPI":
        # What makes the documents is loaded with the first of them: the server is to be up before that.
        from apiserver.openapi.served import OpenAPI

        return OpenAPI(registry, bundle)

    @app.api_route("/openapi/v2", methods=_READ)
    async def swagger(request: Request) -> Response:
        _check_acceptable(request)
        return answer(request, await openapi().everything())

    @app.api_route("/openapi/v3", methods=_READ)
    @app.api_route("/openapi/v3/", methods=_READ)
    async def index(request: Request) -> Response:
        return answer(request, await openapi().index())

    @app.api_route("/openapi/v3/{name:path}", methods=_READ)
    async def document(request: Request) -> Response:
        _check_acceptable(request)
        name = request.path_params["name"]
        found = await openapi().document(name.rstrip("/"))
        wanted = request.query_params.get("hash", "")
        if not wanted:
            return answer(request, found)
        if wanted != found.digest:
            return RedirectResponse(f"/openapi/v3/{name}?hash={found.digest}", status_code=301)
        expires = format_datetime(clock.now() + _FOR_GOOD, usegmt=True)
        return answer(request, found, headers={"Cache-Control": "public, immutable", "Expires": expires})


def _check_acceptable(request: Request) -> None:
    """Raise 406 for a client that reads protobuf only, which is not served."""
    if not accepts(request.headers.get("accept", ""), JSON_TYPE):
        raise not_acceptable([JSON_TYPE])
