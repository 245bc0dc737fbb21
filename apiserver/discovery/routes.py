"""The pages of discovery."""

from collections.abc import Callable
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute

from apimachinery.errors import NotAcceptable
from apiserver.accept import accepts
from apiserver.discovery import aggregated, legacy, order
from apiserver.documents import Documents, answer
from apiserver.registry.resource import Registry

_READ = ["GET", "HEAD"]


def add_discovery(app: FastAPI, registry: Registry) -> None:
    documents = Documents()

    async def respond(request: Request, *, core: bool, old: Callable[[], Any]) -> Response:
        version = aggregated.wanted_version(request.headers.get("accept", ""))
        if not version:
            return _json(request, old())
        found = await documents.get(
            (version, core),
            tuple(registry),
            lambda: orjson.dumps(aggregated.group_discovery_list(registry, version, core=core)),
        )
        media_type = f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList"
        return answer(request, found, media_type, {"Cache-Control": "public"})

    @app.api_route("/", methods=_READ)
    async def index(request: Request) -> Response:
        return _json(request, {"paths": _paths(app, registry)})

    @app.api_route("/api", methods=_READ)
    @app.api_route("/api/", methods=_READ)
    async def api(request: Request) -> Response:
        host = request.headers.get("host", "")
        return await respond(request, core=True, old=lambda: legacy.api_versions(host))

    @app.api_route("/apis", methods=_READ)
    @app.api_route("/apis/", methods=_READ)
    async def apis(request: Request) -> Response:
        return await respond(request, core=False, old=lambda: legacy.api_group_list(registry))

    @app.api_route("/apis/{group}", methods=_READ)
    @app.api_route("/apis/{group}/", methods=_READ)
    async def one_group(request: Request, group: str) -> Response:
        return _json(request, legacy.api_group(registry, group))

    @app.api_route("/api/{version}", methods=_READ)
    @app.api_route("/api/{version}/", methods=_READ)
    async def core_version(request: Request, version: str) -> Response:
        return _json(request, legacy.api_resource_list(registry, "", version))

    @app.api_route("/apis/{group}/{version}", methods=_READ)
    @app.api_route("/apis/{group}/{version}/", methods=_READ)
    async def group_version(request: Request, group: str, version: str) -> Response:
        return _json(request, legacy.api_resource_list(registry, group, version))


def _paths(app: FastAPI, registry: Registry) -> list[str]:
    """Return every page there is but those of the resources themselves (``server/routes/index.go``)."""
    found = {route.path for route in app.routes if isinstance(route, APIRoute) and "{" not in route.path}
    for group, versions in order.groups(registry).items():
        root = f"/apis/{group}" if group else "/api"
        found |= {root, *(f"{root}/{version}" for version in versions)}
    # Those that are there with a slash at the end and without are one page.
    return sorted(path for path in found if not path.endswith("/") or (path.rstrip("/") not in found and path != "/"))


def _json(request: Request, body: Any) -> Response:
    if not accepts(request.headers.get("accept", ""), "application/json"):
        raise NotAcceptable("only the following media types are accepted: application/json")
    return Response(orjson.dumps(body), media_type="application/json", headers={"Vary": "Accept"})
