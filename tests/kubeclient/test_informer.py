"""Informers against live API servers: what handlers see, also when the server forgets everything."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from apimachinery.types.base import to_wire
from apimachinery.types.pod import Pod
from kubeclient.client import Client, ListResult
from kubeclient.informer import Cache, Informer
from kubeclient.resources import PODS
from tests.kubeclient.test_client import pod
from tests.live.processes import ServerProcess
from tests.live.waiting import eventually


class Story:
    """What an informer told, in order."""

    def __init__(self, informer: Informer[Pod]) -> None:
        self.told: list[tuple[str, str]] = []
        informer.on_change(self.note)

    def note(self, old: Pod | None, new: Pod | None) -> None:
        kind = "added" if old is None else "deleted" if new is None else "updated"
        changed = new or old
        assert changed is not None
        self.told.append((kind, changed.metadata.name))

    async def until(self, *expected: tuple[str, str]) -> None:
        async def told() -> bool:
            assert self.told == list(expected)
            return True

        await eventually(told)


@asynccontextmanager
async def running(informer: Informer[Pod]) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(informer.run())
        await informer.wait_synced()
        yield
        task.cancel()


async def test_what_is_there_and_what_changes(client: Client, namespace: str) -> None:
    await client.create(PODS, pod("a", namespace, app="x"))
    informer = Informer(client, PODS, namespace=namespace, indexes={"app": lambda p: p.metadata.labels.values()})
    story = Story(informer)
    async with running(informer):
        assert informer.synced
        assert story.told == [("added", "a")]
        assert f"{namespace}/a" in informer.cache
        await client.patch(PODS, "a", {"metadata": {"labels": {"app": "y"}}}, namespace=namespace)
        await story.until(("added", "a"), ("updated", "a"))
        assert informer.cache.by_index("app", "x") == []
        assert [found.key for found in informer.cache.by_index("app", "y")] == [f"{namespace}/a"]
        await client.delete(PODS, "a", namespace=namespace)
        await story.until(("added", "a"), ("updated", "a"), ("deleted", "a"))
        assert len(informer.cache) == 0
        assert informer.cache.by_index("app", "y") == []


async def test_large_collections_are_listed_page_by_page(client: Client, namespace: str) -> None:
    for name in "abcde":
        await client.create(PODS, pod(name, namespace))
    informer = Informer(client, PODS, namespace=namespace, page_size=2)
    story = Story(informer)
    async with running(informer):
        assert story.told == [("added", name) for name in "abcde"]
        await client.create(PODS, pod("f", namespace))
        await story.until(*(("added", name) for name in "abcdef"))


class Slow(Client):
    """Asks for the next page of a list only when so much has been written that the server has forgotten the first."""

    async def list(self, *args: Any, continue_token: str = "", **kwargs: Any) -> ListResult[Any]:
        if continue_token:
            for number in range(20):
                await self.create(PODS, pod(f"more-{number:02}", "default"))
        return await super().list(*args, continue_token=continue_token, **kwargs)


async def test_lists_at_once_when_the_next_page_comes_too_late(start_server: Callable[..., ServerProcess]) -> None:
    async with Slow(start_server("--watch-history", "5").url) as client:
        for name in "abc":
            await client.create(PODS, pod(name, "default"))
        informer = Informer(client, PODS, namespace="default", page_size=2)
        async with running(informer):
            assert len(informer.cache) == 23


async def test_selectors_make_objects_come_and_go(client: Client, namespace: str) -> None:
    await client.create(PODS, pod("a", namespace))
    informer = Informer(client, PODS, namespace=namespace, label_selector="in=yes")
    story = Story(informer)
    async with running(informer):
        assert story.told == []
        for value in ("yes", "no"):
            await client.patch(PODS, "a", {"metadata": {"labels": {"in": value}}}, namespace=namespace)
        await story.until(("added", "a"), ("deleted", "a"))


async def test_a_server_that_comes_back_empty(start_server: Callable[..., ServerProcess]) -> None:
    """Handlers see what is gone, and the same object made anew as another one."""
    server = start_server()
    async with Client(server.url) as client:
        for name in ("a", "b"):
            await client.create(PODS, pod(name, "default"))
        informer = Informer(client, PODS)
        story = Story(informer)
        async with running(informer):
            before = informer.cache.get("default/a")
            assert before is not None
            server.process.stop()
            start_server(port=server.port)
            await client.wait_for_server()
            await client.create(PODS, pod("a", "default"))

            async def caught_up() -> bool:
                found = informer.cache.get("default/a")
                return found is not None and found.metadata.uid != before.metadata.uid and len(informer.cache) == 1

            await eventually(caught_up)
        assert sorted(story.told[:2]) == [("added", "a"), ("added", "b")]
        assert sorted(story.told[2:]) == [("added", "a"), ("deleted", "a"), ("deleted", "b")]


async def test_lists_again_when_its_revision_is_forgotten(start_server: Callable[..., ServerProcess]) -> None:
    """A watch that was cut off and comes back too late misses nothing, and tells nothing twice."""
    server = start_server("--watch-history", "5")
    async with Client(server.url) as client:
        informer = Informer(client, PODS, namespace="default")
        story = Story(informer)
        async with running(informer):
            for number in range(20):
                await client.create(PODS, pod(f"p{number:02}", "default"))
            await story.until(*[("added", f"p{number:02}") for number in range(20)])


async def test_managed_fields_are_left_out(client: Client, namespace: str) -> None:
    await client.create(PODS, pod("a", namespace))
    shown = await client.get(PODS, "a", namespace=namespace)
    assert "managedFields" in to_wire(shown.metadata)
    informer = Informer(client, PODS, namespace=namespace)
    story = Story(informer)
    async with running(informer):
        await client.patch(PODS, "a", {"metadata": {"labels": {"app": "y"}}}, namespace=namespace)
        await story.until(("added", "a"), ("updated", "a"))
        cached = informer.cache.get(f"{namespace}/a")
        assert cached is not None
        assert "managedFields" not in to_wire(cached.metadata)
        # What is written back without them keeps them.
        written = await client.replace(PODS, cached)
    assert "managedFields" in to_wire(written.metadata)


async def test_a_spec_is_shared_until_the_generation_changes(client: Client, namespace: str) -> None:
    await client.create(PODS, pod("a", namespace))
    informer = Informer(client, PODS, namespace=namespace, spec_by_generation=True)
    story = Story(informer)
    versions: list[Pod | None] = []
    informer.on_change(lambda old, new: versions.append(new))
    async with running(informer):
        for patch in (
            {"metadata": {"labels": {"app": "y"}}},
            {"spec": {"activeDeadlineSeconds": 900}},
        ):
            await client.patch(PODS, "a", patch, namespace=namespace)
        await client.delete(PODS, "a", namespace=namespace)
        await client.create(PODS, pod("a", namespace))
        updated = ("updated", "a")
        await story.until(("added", "a"), updated, updated, ("deleted", "a"), ("added", "a"))
    first, labelled, limited, again = (version for version in versions if version is not None)
    assert labelled.metadata.labels == {"app": "y"}
    assert labelled.spec is first.spec
    assert limited.spec.active_deadline_seconds == 900
    assert limited.metadata.labels == {"app": "y"}
    assert again.spec.active_deadline_seconds is None


def test_an_index_that_is_added_again_stays_the_same() -> None:
    """Whoever looks into it goes on to see what comes."""
    cache: Cache[Pod] = Cache()
    cache.add_index("app", lambda found: found.metadata.labels.values())
    seen = cache.index("app")
    cache.add_index("app", lambda found: found.metadata.labels.values())
    assert cache.index("app") is seen
