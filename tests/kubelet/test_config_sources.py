"""ConfigMaps and Secrets, read over HTTP."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from kubeclient.client import Client
from kubelet.config_sources import ConfigSources
from kubelet.environment import ConfigError, Source, SourceKind

OBJECTS = {
    "/api/v1/namespaces/default/configmaps/settings": {"data": {"colour": "blue"}},
    "/api/v1/namespaces/default/configmaps/empty": {},
    "/api/v1/namespaces/default/secrets/passwords": {"data": {"root": "MTIzNA=="}},
    "/api/v1/namespaces/default/secrets/broken": {"data": {"root": "%"}},
}


async def answer(request: web.Request) -> web.Response:
    if request.path in OBJECTS:
        return web.json_response(OBJECTS[request.path])
    code, reason = (403, "Forbidden") if "hidden" in request.path else (404, "NotFound")
    return web.json_response({"kind": "Status", "reason": reason, "code": code, "message": "no"}, status=code)


@pytest.fixture
async def sources() -> AsyncIterator[ConfigSources]:
    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    async with Client(f"http://{host}:{port}") as client:
        yield ConfigSources(client)
    await runner.cleanup()


def config_map(name: str) -> Source:
    return Source(SourceKind.CONFIG_MAP, name)


def secret(name: str) -> Source:
    return Source(SourceKind.SECRET, name)


async def test_what_is_there_and_what_is_not(sources: ConfigSources) -> None:
    wanted = [config_map("settings"), config_map("empty"), config_map("none"), secret("passwords"), secret("none")]
    assert await sources.read("default", wanted) == {
        config_map("settings"): {"colour": "blue"},
        config_map("empty"): {},
        config_map("none"): None,
        secret("passwords"): {"root": "1234"},
        secret("none"): None,
    }


@pytest.mark.parametrize("source", [config_map("hidden"), secret("broken")])
async def test_what_cannot_be_used(sources: ConfigSources, source: Source) -> None:
    with pytest.raises(ConfigError):
        await sources.read("default", [source])


async def test_a_server_that_does_not_answer() -> None:
    async with Client("http://127.0.0.1:1") as client:
        with pytest.raises(ConfigError, match="failed to sync secret cache: timed out waiting for the condition"):
            await ConfigSources(client).read("default", [secret("passwords")])
