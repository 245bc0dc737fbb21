"""``/openapi/v2`` and ``/openapi/v3`` (``k8s.io/kube-openapi/pkg/{handler,handler3}``)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from email.utils import format_datetime

import orjson
from fastapi import FastAPI, Request, Response
from starlette.responses import RedirectResponse

from apimachinery.clock import Clock
from apimachinery.errors import NotFound
from apimachinery.schema.bundle import Bundle
from apiserver.accept import accepts
from apiserver.documents import Document, Documents, answer
from apiserver.negotiation import JSON_TYPE, not_acceptable
from apiserver.openapi import descriptions, pages, v2, v3
from apiserver.openapi.descriptions import Prose
from apiserver.openapi.pages import Page
from apiserver.registry.resource import Registry, ResourceInfo

_READ = ["GET", "HEAD"]
_FOR_GOOD = timedelta(days=365)
"""How long a document may be kept whose URL names its hash."""


class OpenAPI:
    """The documents of one registry, each made when it is asked for and what it describes has changed."""

    def __init__(self, registry: Registry, bundle: Bundle) -> None:
        self._registry = registry
        self._bundle = bundle
        self._documents = Documents()

    async def index(self) -> Document:
        """``GET /openapi/v3``: where each document is, its hash in the URL."""
        resources = tuple(self._registry)
        versions: dict[str, list[ResourceInfo]] = {}
        for info in resources:
            name = f"apis/{info.group}/{info.version}" if info.group else f"api/{info.version}"
            versions.setdefault(name, []).append(info)
        found = {name: await self._page(name, page) for name, page in self._pages().items()}
        found |= {name: await self._version(name, infos) for name, infos in versions.items()}
        self._documents.keep_only({"index", "v2", *found})
        paths = {name: {"serverRelativeURL": f"/openapi/v3/{name}?hash={found[name].digest}"} for name in sorted(found)}
        return await self._documents.get("index", resources, lambda: orjson.dumps({"paths": paths}))

    async def document(self, name: str) -> Document:
        """Return the document of ``api/v1``, of ``apis/GROUP/VERSION`` or of a page; raise 404."""
        page = self._pages().get(name)
        if page is not None:
            return await self._page(name, page)
        parts = name.split("/")
        core, named = len(parts) == 2 and parts[0] == "api", len(parts) == 3 and parts[0] == "apis"
        infos = self._registry.of_version("" if core else parts[1], parts[-1]) if core or named else []
        if not infos:
            raise NotFound("the server could not find the requested resource")
        return await self._version(name, infos)

    async def everything(self) -> Document:
        """``GET /openapi/v2``."""
        infos = tuple(self._registry)
        return await self._documents.get(
            "v2", infos, lambda: orjson.dumps(v2.build(infos, self._bundle, self._prose()))
        )

    def _pages(self) -> dict[str, Page]:
        """Return the pages that have a document of their own, by its name."""
        groups = dict.fromkeys(info.group for info in self._registry if info.group and info.struct is not None)
        named = {f"apis/{group}": pages.group_page(group) for group in groups}
        return {"version": pages.VERSION, "api": pages.CORE, "apis": pages.GROUPS, **named}

    async def _page(self, name: str, page: Page) -> Document:
        return await self._documents.get(
            name, (), lambda: orjson.dumps(v3.build_page(page, self._bundle, self._prose()))
        )

    async def _version(self, name: str, infos: Sequence[ResourceInfo]) -> Document:
        return await self._documents.get(
            name, infos, lambda: orjson.dumps(v3.build(infos, self._bundle, self._prose()))
        )

    def _prose(self) -> Mapping[str, Prose]:
        return descriptions.load(self._bundle.version)


def add_openapi(app: FastAPI, registry: Registry, bundle: Bundle, clock: Clock) -> None:
    openapi = OpenAPI(registry, bundle)

    @app.api_route("/openapi/v2", methods=_READ)
    async def swagger(request: Request) -> Response:
        _check_acceptable(request)
        return answer(request, await openapi.everything())

    @app.api_route("/openapi/v3", methods=_READ)
    @app.api_route("/openapi/v3/", methods=_READ)
    async def index(request: Request) -> Response:
        return answer(request, await openapi.index())

    @app.api_route("/openapi/v3/{name:path}", methods=_READ)
    async def document(name: str, request: Request) -> Response:
        _check_acceptable(request)
        found = await openapi.document(name.rstrip("/"))
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
