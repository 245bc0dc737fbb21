"""``/healthz``, ``/livez`` and ``/readyz``, and each of their checks by itself."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from apimachinery.errors import NotFound
from componentbase.readiness import Check, readiness_report

_METHODS = ["GET", "HEAD"]


def health_routes(*, live: Mapping[str, Check], ready: Mapping[str, Check]) -> APIRouter:
    """Return the pages: ``ok``, or the list of checks when ``?verbose`` or one has failed (then with 500).

    ``?exclude=NAME`` leaves a check out; ``/readyz/NAME`` asks for one alone.
    """
    router = APIRouter()
    _add(router, "healthz", live)
    _add(router, "livez", live)
    _add(router, "readyz", ready)
    return router


def _add(router: APIRouter, name: str, checks: Mapping[str, Check]) -> None:
    @router.api_route(f"/{name}", methods=_METHODS)
    @router.api_route(f"/{name}/", methods=_METHODS)
    async def all_checks(request: Request) -> Response:
        asked = request.query_params
        passed, page = readiness_report(checks, name=name, excluded=asked.getlist("exclude"))
        return _text(page if "verbose" in asked or not passed else "ok", passed)

    @router.api_route(f"/{name}/{{check:path}}", methods=_METHODS)
    async def one_check(request: Request) -> Response:
        holds = checks.get(request.path_params["check"].rstrip("/"))
        if holds is None:
            raise NotFound("the server could not find the requested resource")
        return _text("ok", True) if holds() else _text("internal server error: not yet\n", False)


def _text(text: str, passed: bool) -> Response:
    headers = {"x-content-type-options": "nosniff"}
    return Response(text, 200 if passed else 500, headers, media_type="text/plain; charset=utf-8")
