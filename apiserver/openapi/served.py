"""The OpenAPI documents of what is served, made when somebody asks."""

from collections.abc import Mapping, Sequence

import orjson

from apimachinery.errors import NotFound
from apimachinery.schema.bundle import Bundle
from apiserver.documents import Document, Documents
from apiserver.openapi import descriptions, pages, v2, v3
from apiserver.openapi.descriptions import Prose
from apiserver.openapi.pages import Page
from apiserver.registry.resource import Registry, ResourceInfo


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
