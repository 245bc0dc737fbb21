"""HTTP through the API server, to servers of the test's own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from aiohttp import web

from componentbase.sockets import address, bind
from tests.apiserver.conftest import MERGE, Api, check_status


@dataclass
class Backend:
    port: int
    requests: list[web.Request]


@pytest.fixture
async def backend() -> AsyncIterator[Backend]:
    """An HTTP server that tells what it was asked."""
    seen: list[web.Request] = []

    async def echo(request: web.Request) -> web.StreamResponse:
        seen.append(request)
        if request.path == "/moved":
            raise web.HTTPFound(f"http://127.0.0.1:{port}/there?x=1")
        if request.path == "/away":
            raise web.HTTPFound("http://elsewhere.example/")
        body = await request.text()
        answer = {"method": request.method, "path": request.raw_path, "body": body, "host": request.host}
        return web.json_response(answer, status=418 if request.path == "/teapot" else 200, headers={"X-Served": "yes"})

    app = web.Application(client_max_size=2**24)
    app.router.add_route("*", "/{path:.*}", echo)
    listener = bind("127.0.0.1", 0)
    _, port = address(listener)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    yield Backend(port, seen)
    await runner.cleanup()


@pytest.fixture
async def pod(api: Api, backend: Backend) -> str:
    """The path of the proxy of a pod that lives where the backend listens."""
    container = {"name": "web", "image": "nginx", "ports": [{"containerPort": backend.port}]}
    await api.create("pods", {"metadata": {"name": "web"}, "spec": {"containers": [container]}})
    await api.patch("pods", "web", {"status": {"podIP": "127.0.0.1"}}, kind=MERGE, subresource="status")
    return api.path("pods", "web", "proxy")


async def test_method_path_query_and_body_arrive_as_sent(http: httpx.AsyncClient, pod: str, backend: Backend) -> None:
    answer = await http.post(f"{pod}/a%20b//c/?q=1&q=2", content=b"hello")
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "method": "POST",
        "path": "/a%20b//c/?q=1&q=2",
        "body": "hello",
        "host": f"127.0.0.1:{backend.port}",
    }
    assert answer.headers["x-served"] == "yes"
    assert backend.requests[0].headers["X-Forwarded-Uri"].endswith("/proxy/a%20b//c/")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
async def test_every_method(http: httpx.AsyncClient, pod: str, backend: Backend, method: str) -> None:
    answer = await http.request(method, f"{pod}/")
    assert (answer.status_code, backend.requests[0].method) == (200, method)


async def test_the_answers_code_is_the_targets(http: httpx.AsyncClient, pod: str) -> None:
    assert (await http.get(f"{pod}/teapot")).status_code == 418


async def test_a_large_body_is_streamed_past_the_servers_own_limit(http: httpx.AsyncClient, pod: str) -> None:
    size = 5 * 1024 * 1024
    answer = await http.put(f"{pod}/", content=b"x" * size)
    assert len(answer.json()["body"]) == size


async def test_without_the_slash_the_client_is_sent_to_it(http: httpx.AsyncClient, pod: str) -> None:
    answer = await http.get(f"{pod}?a=1")
    assert (answer.status_code, answer.headers["location"]) == (301, f"{pod}/?a=1")


async def test_redirects_stay_below_the_proxy(http: httpx.AsyncClient, pod: str) -> None:
    assert (await http.get(f"{pod}/moved")).headers["location"] == f"{pod}/there?x=1"
    assert (await http.get(f"{pod}/away")).headers["location"] == "http://elsewhere.example/"


async def test_nobody_listens(http: httpx.AsyncClient, api: Api, pod: str) -> None:
    answer = await http.get(api.path("pods", "web:1", "proxy") + "/")
    check_status(answer.json(), 503, "ServiceUnavailable", text="error trying to reach service")
    missing = await http.get(api.path("pods", "nobody", "proxy") + "/")
    check_status(missing.json(), 404, "NotFound", text='pods "nobody" not found')


async def test_services_lead_to_a_ready_endpoint(
    http: httpx.AsyncClient, api: Api, backend: Backend, namespace: str
) -> None:
    services, slices = f"/api/v1/namespaces/{namespace}/services", f"/apis/discovery.k8s.io/v1/namespaces/{namespace}"
    service = {"metadata": {"name": "front"}, "spec": {"ports": [{"port": 80, "targetPort": backend.port}]}}
    assert (await http.post(services, json=service)).status_code == 201
    nobody = await http.get(f"{services}/front:80/proxy/")
    check_status(nobody.json(), 503, "ServiceUnavailable", text='no endpoints available for service "front"')
    endpoint_slice = {
        "metadata": {"name": "front-1", "labels": {"kubernetes.io/service-name": "front"}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["127.0.0.1"], "conditions": {"ready": True}}],
        "ports": [{"name": "", "port": backend.port, "protocol": "TCP"}],
    }
    created = await http.post(f"{slices}/endpointslices", json=endpoint_slice)
    assert created.status_code == 201, created.text
    for name in ("front", "front:80", "http:front:80"):
        answer = await http.get(f"{services}/{name}/proxy/hello")
        assert (answer.status_code, answer.json()["path"]) == (200, "/hello"), answer.text


async def test_nodes(http: httpx.AsyncClient, backend: Backend, namespace: str) -> None:
    addresses = [{"type": "InternalIP", "address": "127.0.0.1"}]
    kubelet = {"kubeletEndpoint": {"Port": backend.port}}
    node = {"metadata": {"name": namespace}, "status": {"addresses": addresses, "daemonEndpoints": kubelet}}
    assert (await http.post("/api/v1/nodes", json=node)).status_code == 201
    answer = await http.get(f"/api/v1/nodes/{namespace}/proxy/healthz")
    assert (answer.status_code, answer.json()["path"]) == (200, "/healthz"), answer.text
    assert (await http.delete(f"/api/v1/nodes/{namespace}")).status_code == 200
