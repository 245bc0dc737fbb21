"""Where a reset is asked for: pages that only a server has which was told so (``--enable-reset``)."""

from dataclasses import asdict

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from apiserver.handlers.context import Context
from apiserver.reset.start_state import StartState

RESET_PATH = "/debug/reset"
START_PATH = "/debug/start-state"


def add_reset(app: FastAPI, context: Context) -> None:
    """Add the pages; both are posted to, and answer with JSON.

    ``/debug/start-state`` takes what there is for the start, ``/debug/reset`` leads back to it. With
    ``?namespace=NAME`` it removes one namespace with all that is in it, and the rest of the cluster stays as it is.
    """
    start = StartState(context)

    @app.post(START_PATH)
    async def remember() -> Response:
        return JSONResponse({"objects": await start.remember()})

    @app.post(RESET_PATH)
    async def reset(request: Request) -> Response:
        # No parameter: for the first of them the framework imports another twenty modules.
        namespace = request.query_params.get("namespace", "")
        return JSONResponse(asdict(await (start.empty(namespace) if namespace else start.reset())))
