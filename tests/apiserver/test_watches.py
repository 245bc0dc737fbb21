"""Watching: where a watch starts, what it shows, how it ends."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import httpx
import pytest

from apimachinery.clock import RealClock
from tests.apiserver.conftest import Api, check_status
from tests.apiserver.objects import JSONObject, pod, replica_set, with_field
from tests.live import ServerProcess

SECONDS = 10.0


class Events:
    """The events of one open watch."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._content = response.content

    async def next(self) -> JSONObject:
        async with RealClock().timeout(SECONDS):
            event: JSONObject = json.loads(await self._content.readline())
            return event

    async def seen(self, count: int) -> list[tuple[str, str]]:
        """Return the types and names of the next events."""
        events = [await self.next() for _ in range(count)]
        return [(event["type"], event["object"]["metadata"]["name"]) for event in events]

    async def rest(self) -> list[JSONObject]:
        """Return what comes until the server ends the watch."""
        async with RealClock().timeout(SECONDS):
            return [json.loads(line) for line in (await self._content.read()).splitlines()]


@asynccontextmanager
async def watching(api: Api, name: str = "", accept: str = "*/*", **params: str) -> AsyncIterator[Events]:
    url = f"{api.http.base_url}".rstrip("/") + api.path("pods", name)
    async with (
        aiohttp.ClientSession(headers={"accept": accept}) as session,
        session.get(url, params={"watch": "1", **params}) as response,
    ):
        assert response.status == 200, await response.text()
        yield Events(response)


async def version(api: Api) -> str:
    revision: str = (await api.collection("pods"))["metadata"]["resourceVersion"]
    return revision


class TestStart:
    async def test_from_a_lists_revision(self, api: Api) -> None:
        await api.create("pods", pod("before"))
        start = await version(api)
        await api.create("pods", pod("p"))
        await api.patch("pods", "p", {"metadata": {"labels": {"a": "1"}}})
        await api.delete("pods", "p")
        async with watching(api, resourceVersion=start) as events:
            assert await events.seen(3) == [("ADDED", "p"), ("MODIFIED", "p"), ("DELETED", "p")]
            await api.create("pods", pod("q"))
            assert await events.seen(1) == [("ADDED", "q")]

    async def test_again_from_the_last_event(self, api: Api) -> None:
        start = await version(api)
        for name in "abc":
            await api.create("pods", pod(name))
        async with watching(api, resourceVersion=start) as events:
            seen = await events.next()
        async with watching(api, resourceVersion=seen["object"]["metadata"]["resourceVersion"]) as events:
            assert await events.seen(2) == [("ADDED", "b"), ("ADDED", "c")]

    @pytest.mark.parametrize("params", [{}, {"resourceVersion": "0"}])
    async def test_from_nowhere_the_state_comes_first(self, api: Api, params: dict[str, str]) -> None:
        await api.create("pods", pod("p"))
        async with watching(api, **params) as events:
            assert await events.seen(1) == [("ADDED", "p")]

    async def test_a_watch_list_says_where_the_state_ends(self, api: Api) -> None:
        """How client-go opens its informers since v1.35."""
        for name in "ab":
            await api.create("pods", pod(name))
        params = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}
        async with watching(api, **params) as events:
            assert await events.seen(2) == [("ADDED", "a"), ("ADDED", "b")]
            bookmark = await events.next()
            assert bookmark["type"] == "BOOKMARK"
            assert bookmark["object"]["kind"] == "Pod"
            assert bookmark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
            assert bookmark["object"]["metadata"]["resourceVersion"] == await version(api)
            await api.create("pods", pod("c"))
            assert await events.seen(1) == [("ADDED", "c")]

    @pytest.mark.parametrize(
        ("params", "code"),
        [
            pytest.param({"sendInitialEvents": "true"}, 422, id="without a match"),
            pytest.param({"sendInitialEvents": "true", "resourceVersionMatch": "Exact"}, 422, id="of another match"),
            pytest.param({"resourceVersionMatch": "NotOlderThan"}, 422, id="a match alone"),
        ],
    )
    async def test_watch_lists_that_are_refused(self, api: Api, params: dict[str, str], code: int) -> None:
        status = await api.collection("pods", code=code, watch="1", **params)
        assert (status["code"], status["reason"]) == (code, "Invalid")

    async def test_from_the_future(self, api: Api) -> None:
        """A store that forgets at its end: a revision it never gave out is another run's."""
        status = await api.collection("pods", code=410, watch="1", resourceVersion=str(2**62))
        check_status(status, 410, "Expired", text="too old resource version")


class TestFilters:
    async def test_entering_is_added_and_leaving_is_deleted(self, api: Api) -> None:
        start = await version(api)
        await api.create("pods", pod("p"))
        await api.patch("pods", "p", {"metadata": {"labels": {"app": "web"}}})
        await api.patch("pods", "p", {"metadata": {"labels": {"tier": "x"}}})
        left = await api.patch("pods", "p", {"metadata": {"labels": {"app": "db"}}})
        await api.patch("pods", "p", {"metadata": {"labels": {"app": "web"}}})
        await api.delete("pods", "p")
        async with watching(api, resourceVersion=start, labelSelector="app=web") as events:
            assert await events.seen(2) == [("ADDED", "p"), ("MODIFIED", "p")]
            gone = await events.next()
            assert gone["type"] == "DELETED"
            assert gone["object"]["metadata"]["labels"] == {"app": "web", "tier": "x"}
            assert gone["object"]["metadata"]["resourceVersion"] == left["metadata"]["resourceVersion"]
            assert await events.seen(2) == [("ADDED", "p"), ("DELETED", "p")]

    async def test_a_kubelet_sees_the_pods_that_come_to_its_node(self, api: Api) -> None:
        start = await version(api)
        async with watching(api, resourceVersion=start, fieldSelector="spec.nodeName=n1") as events:
            for name, node in (("a", "n2"), ("b", "n1")):
                await api.create("pods", pod(name))
                await api.bind(name, node)
            event = await events.next()
            assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "b")
            assert event["object"]["spec"]["nodeName"] == "n1"

    async def test_one_object(self, api: Api) -> None:
        await api.create("pods", pod("p"))
        await api.create("pods", pod("q"))
        async with watching(api, name="p") as events:
            assert await events.seen(1) == [("ADDED", "p")]
            await api.delete("pods", "q")
            await api.delete("pods", "p")
            assert await events.seen(1) == [("DELETED", "p")]

    async def test_one_namespace_and_one_kind(self, api: Api) -> None:
        start = await version(api)
        await api.create("replicasets", replica_set("r"))
        other = pod(f"elsewhere-{api.namespace}")
        await api.request("POST", "/api/v1/namespaces/default/pods", code=201, json=other)
        await api.create("pods", pod("p"))
        async with watching(api, resourceVersion=start) as events:
            assert await events.seen(1) == [("ADDED", "p")]

    async def test_all_watchers_see_one_order(self, api: Api) -> None:
        start = await version(api)
        async with (
            watching(api, resourceVersion=start) as one,
            watching(api, resourceVersion=start) as other,
        ):
            for number in range(20):
                await api.create("pods", pod(f"p{number}"))
            assert await one.seen(20) == await other.seen(20) == [("ADDED", f"p{number}") for number in range(20)]


async def test_the_last_state_carries_the_revision_of_the_deletion(api: Api) -> None:
    await api.create("pods", with_field(pod("p"), "metadata.finalizers", ["example.com/hold"]))
    start = await version(api)
    await api.delete("pods", "p")
    await api.patch("pods", "p", {"metadata": {"finalizers": None}})
    async with watching(api, resourceVersion=start) as events:
        assert await events.seen(1) == [("MODIFIED", "p")]
        gone = await events.next()
    assert gone["type"] == "DELETED"
    assert gone["object"]["metadata"]["deletionTimestamp"]
    assert gone["object"]["metadata"]["resourceVersion"] == await version(api)


async def test_it_ends_when_its_time_is_up(api: Api) -> None:
    await api.create("pods", pod("p"))
    clock = RealClock()
    began = clock.monotonic()
    async with watching(api, timeoutSeconds="1") as events:
        assert [event["type"] for event in await events.rest()] == ["ADDED"]
    assert clock.monotonic() - began > 0.9


async def begins_with(api: Api, url: str, count: int = 1) -> list[JSONObject]:
    """Return the first lines of an answer that may go on for ever."""
    found: list[JSONObject] = []
    async with RealClock().timeout(SECONDS), api.http.stream("GET", url) as response:
        assert response.status_code == 200
        async for line in response.aiter_lines():
            found.append(json.loads(line))
            if len(found) == count:
                break
    return found


class TestOldPaths:
    """``/api/v1/watch/...``, deprecated and served."""

    async def test_a_namespace_and_one_object(self, api: Api) -> None:
        for name in ("a", "b"):
            await api.create("pods", pod(name))
        path = f"/api/v1/watch/namespaces/{api.namespace}/pods"
        assert [event["object"]["metadata"]["name"] for event in await begins_with(api, path, 2)] == ["a", "b"]
        (event,) = await begins_with(api, f"{path}/b?watch=0")
        assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "b")

    @pytest.mark.parametrize(
        ("path", "kind"),
        [
            pytest.param("/api/v1/watch/namespaces/default", "Namespace", id="namespace"),
            pytest.param("/api/v1/watch/namespaces", "Namespace", id="namespaces"),
            pytest.param("/apis/networking.k8s.io/v1/watch/servicecidrs", "ServiceCIDR", id="group"),
            pytest.param("/api/v1/watch/services", "Service", id="all namespaces"),
        ],
    )
    async def test_other_kinds(self, api: Api, path: str, kind: str) -> None:
        (event,) = await begins_with(api, path)
        assert event["object"]["kind"] == kind

    @pytest.mark.parametrize(
        ("method", "path", "code"),
        [
            pytest.param("POST", "/api/v1/watch/pods", 405, id="write"),
            pytest.param("GET", "/api/v1/watch/namespaces/default/pods/a/status", 404, id="subresource"),
            pytest.param("GET", "/api/v1/watch/componentstatuses", 404, id="what cannot be watched"),
            pytest.param("GET", "/api/v1/watch", 404, id="nothing"),
        ],
    )
    async def test_what_there_is_not(self, api: Api, method: str, path: str, code: int) -> None:
        await api.request(method, path, code=code)


@pytest.mark.parametrize(
    ("query", "lists"),
    [("watch=0&watch=1", True), ("watch=false", True), ("watch=1&watch=0", False), ("watch=1,0", False)],
)
async def test_a_watch_is_what_the_first_value_says(api: Api, query: str, lists: bool) -> None:
    await api.create("pods", pod("p"))
    (first,) = await begins_with(api, f"{api.path('pods')}?{query}")
    assert first.get("kind", "") == ("PodList" if lists else "")


async def test_rows_instead_of_objects(api: Api) -> None:
    await api.create("pods", pod("p"))
    async with watching(api, accept="application/json;as=Table;v=v1;g=meta.k8s.io") as events:
        first = await events.next()
        assert (first["type"], first["object"]["kind"]) == ("ADDED", "Table")
        assert first["object"]["columnDefinitions"][0]["name"] == "Name"
        await api.delete("pods", "p")
        second = await events.next()
    assert (second["type"], second["object"]["columnDefinitions"]) == ("DELETED", [])
    assert second["object"]["rows"][0]["cells"][0] == "p"


async def test_what_was_compacted_is_gone(start_server: Callable[..., ServerProcess]) -> None:
    server = start_server("--watch-history", "10")
    async with httpx.AsyncClient(base_url=server.url, verify=False) as http:
        api = Api(http, "default")
        start = await version(api)
        await api.create("pods", pod("p"))
        for number in range(30):
            await api.patch("pods", "p", {"metadata": {"labels": {"n": str(number)}}})
        status = await api.collection("pods", code=410, watch="1", resourceVersion=start)
        check_status(status, 410, "Expired", text="too old resource version")
        async with watching(api, resourceVersion=await version(api)) as events:
            await api.delete("pods", "p")
            assert await events.seen(1) == [("DELETED", "p")]


async def test_clients_that_go_away_are_forgotten(api: Api) -> None:
    for _ in range(50):
        async with watching(api, timeoutSeconds="600"):
            pass
    await api.create("pods", pod("p"))
    async with watching(api) as events:
        assert await events.seen(1) == [("ADDED", "p")]
