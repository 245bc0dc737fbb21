"""The pages of discovery.

What a path says is taken from the request, here and on the pages beside these: for parameters with types FastAPI loads
the half of pydantic that is for its version 1, which takes as long as everything else that the routes need.
"""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute

from apiserver.discovery import aggregated, legacy, order
from apiserver.documents import Documents, answer
from apiserver.http import CALL, Call
from apiserver.negotiation import YAML_TYPE, Representation
from apiserver.registry.resource import Registry

_READ = ["GET", "HEAD"]


def add_discovery(app: FastAPI, registry: Registry) -> None:
    documents = Documents()

    async def respond(request: Request, *, core: bool, old: Callable[[], Any]) -> Response:
        version, media_type = aggregated.wanted_form(request.headers.get("accept", ""))
        if not version:
            return _page(request, old())
        found = await documents.get(
            (version, core, media_type),
            tuple(registry),
            lambda: Representation(yaml=media_type == YAML_TYPE).dump(
                aggregated.group_discovery_list(registry, version, core=core)
            ),
        )
        media_type = f"{media_type};g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList"
        return answer(request, found, media_type, {"Cache-Control": "public"})

    @app.api_route("/", methods=_READ)
    async def index(request: Request) -> Response:
        return _page(request, {"paths": _paths(app, registry)})

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
    async def one_group(request: Request) -> Response:
        return _page(request, legacy.api_group(registry, request.path_params["group"]))

    @app.api_route("/api/{version}", methods=_READ)
    @app.api_route("/api/{version}/", methods=_READ)
    async def core_version(request: Request) -> Response:
        return _page(request, legacy.api_resource_list(registry, "", request.path_params["version"]))

    @app.api_route("/apis/{group}/{version}", methods=_READ)
    @app.api_route("/apis/{group}/{version}/", methods=_READ)
    async def group_version(request: Request) -> Response:
        asked = request.path_params
        return _page(request, legacy.api_resource_list(registry, asked["group"], asked["version"]))


def _paths(app: FastAPI, registry: Registry) -> list[str]:
    """Return every page there is but those of the resources themselves (``server/routes/index.go``)."""
    found = {route.path for route in app.routes if isinstance(route, APIRoute) and "{" not in route.path}
    for group, versions in order.groups(registry).items():
        root = f"/apis/{group}" if group else "/api"
        found |= {root, *(f"{root}/{version}" for version in versions)}
    # Those that are there with a slash at the end and without are one page.
    return sorted(path for path in found if not path.endswith("/") or (path.rstrip("/") not in found and path != "/"))


def _page(request: Request, body: Any) -> Response:
    """Send a page in the form that was asked for; raise 406 when that is none there is."""
    call: Call = request.scope[CALL]
    form = call.negotiate()
    return Response(form.dump(body), media_type=form.content_type.decode(), headers={"Vary": "Accept"})
