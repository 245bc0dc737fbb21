"""``/openapi/v2`` and ``/openapi/v3`` (``k8s.io/kube-openapi/pkg/{handler,handler3}``)."""

import orjson
from fastapi import FastAPI, Request, Response
from starlette.responses import RedirectResponse

from apimachinery.errors import NotAcceptable, NotFound
from apimachinery.schema.bundle import Bundle
from apiserver.documents import Document, Documents, answer
from apiserver.openapi import descriptions, v2, v3
from apiserver.registry.resource import Registry

_READ = ["GET", "HEAD"]
_ACCEPTED = frozenset({"", "*/*", "application/*", "application/json"})


class OpenAPI:
    """The documents of one registry, each made when it is asked for and what it describes has changed."""

    def __init__(self, registry: Registry, bundle: Bundle) -> None:
        self._registry = registry
        self._bundle = bundle
        self._documents = Documents(registry)

    def index(self) -> Document:
        """``GET /openapi/v3``: where each group version's document is, its hash in the URL."""
        return self._documents.get("index", self._index)

    def _index(self) -> bytes:
        paths = {}
        for group, versions in self._registry.groups().items():
            for version in versions:
                path = f"apis/{group}/{version}" if group else f"api/{version}"
                digest = self.group_version(path).digest
                paths[path] = {"serverRelativeURL": f"/openapi/v3/{path}?hash={digest}"}
        return orjson.dumps({"paths": paths})

    def group_version(self, path: str) -> Document:
        """Return the document of ``api/v1`` or ``apis/GROUP/VERSION``; raise 404."""
        parts = path.rstrip("/").split("/")
        core, named = len(parts) == 2 and parts[0] == "api", len(parts) == 3 and parts[0] == "apis"
        infos = self._registry.of_version("" if core else parts[1], parts[-1]) if core or named else []
        if not infos:
            raise NotFound("the server could not find the requested resource")
        prose = descriptions.load(self._bundle.version)
        state = tuple(id(info) for info in infos)
        return self._documents.get(path, lambda: orjson.dumps(v3.build(infos, self._bundle, prose)), state)

    def everything(self) -> Document:
        """``GET /openapi/v2``."""
        prose = descriptions.load(self._bundle.version)
        return self._documents.get("v2", lambda: orjson.dumps(v2.build(self._registry, self._bundle, prose)))


def add_openapi(app: FastAPI, registry: Registry, bundle: Bundle) -> None:
    openapi = OpenAPI(registry, bundle)

    @app.api_route("/openapi/v2", methods=_READ)
    async def swagger(request: Request) -> Response:
        accepted = {clause.partition(";")[0].strip() for clause in request.headers.get("accept", "").split(",")}
        if not accepted & _ACCEPTED:
            # Upstream's protobuf form is not served, and clients that ask for it alone can read nothing else.
            raise NotAcceptable("only the following media types are accepted: application/json")
        return answer(request, openapi.everything())

    @app.api_route("/openapi/v3", methods=_READ)
    @app.api_route("/openapi/v3/", methods=_READ)
    async def index(request: Request) -> Response:
        return answer(request, openapi.index())

    @app.api_route("/openapi/v3/{path:path}", methods=_READ)
    async def group_version(path: str, request: Request) -> Response:
        found = openapi.group_version(path)
        wanted = request.query_params.get("hash")
        if wanted is not None and wanted != found.digest:
            return RedirectResponse(f"/openapi/v3/{path}?hash={found.digest}", status_code=301)
        return answer(request, found, fixed=wanted is not None)
