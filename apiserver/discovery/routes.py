"""The pages of discovery."""

from collections.abc import Callable
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response

from apiserver.discovery import aggregated, legacy
from apiserver.documents import Documents, answer
from apiserver.registry.resource import Registry

_READ = ["GET", "HEAD"]


def add_discovery(app: FastAPI, registry: Registry) -> None:
    documents = Documents(registry)

    def respond(request: Request, *, core: bool, old: Callable[[], Any]) -> Response:
        version = aggregated.wanted_version(request.headers.get("accept", ""))
        if not version:
            return Response(orjson.dumps(old()), media_type="application/json", headers={"Vary": "Accept"})
        found = documents.get(
            (version, core), lambda: orjson.dumps(aggregated.group_discovery_list(registry, version, core=core))
        )
        return answer(request, found, f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList")

    @app.api_route("/api", methods=_READ)
    @app.api_route("/api/", methods=_READ)
    async def api(request: Request) -> Response:
        host = request.headers.get("host", "")
        return respond(request, core=True, old=lambda: legacy.api_versions(host))

    @app.api_route("/apis", methods=_READ)
    @app.api_route("/apis/", methods=_READ)
    async def apis(request: Request) -> Response:
        return respond(request, core=False, old=lambda: legacy.api_group_list(registry))

    @app.api_route("/apis/{group}", methods=_READ)
    @app.api_route("/apis/{group}/", methods=_READ)
    async def one_group(group: str) -> Response:
        return _json(legacy.api_group(registry, group))

    @app.api_route("/api/{version}", methods=_READ)
    @app.api_route("/api/{version}/", methods=_READ)
    async def core_version(version: str) -> Response:
        return _json(legacy.api_resource_list(registry, "", version))

    @app.api_route("/apis/{group}/{version}", methods=_READ)
    @app.api_route("/apis/{group}/{version}/", methods=_READ)
    async def group_version(group: str, version: str) -> Response:
        return _json(legacy.api_resource_list(registry, group, version))


def _json(body: Any) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")
