"""ConfigMaps and Secrets, followed at a live API server."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from kubeclient.client import Client
from kubeclient.resources import CONFIGMAPS, NAMESPACES, SECRETS
from kubelet.config_sources import ROOT_CERTIFICATES, ConfigSources, Unavailable
from kubelet.environment import Source, SourceKind
from tests.live.waiting import eventually

UID = "uid-web"


def config_map(name: str) -> Source:
    return Source(SourceKind.CONFIG_MAP, name)


def secret(name: str) -> Source:
    return Source(SourceKind.SECRET, name)


class Followers:
    """Sources on a client, and the uids of pods that were told of a change."""

    def __init__(self, client: Client) -> None:
        self.told: list[str] = []
        self.sources = ConfigSources(client, random.Random(1))
        self.sources.on_change(self.told.append)


@asynccontextmanager
async def following(client: Client) -> AsyncIterator[Followers]:
    opened = Followers(client)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(opened.sources.run())
        await client.clock.sleep(0)
        yield opened
        task.cancel()


@pytest.fixture
async def followers(client: Client) -> AsyncIterator[Followers]:
    async with following(client) as opened:
        yield opened


async def create(client: Client, namespace: str, name: str = "settings", **fields: Any) -> None:
    await client.create(CONFIGMAPS, {"metadata": {"name": name}, **fields}, namespace=namespace)


async def test_what_is_there_and_what_is_not(client: Client, namespace: str, followers: Followers) -> None:
    await create(client, namespace, data={"colour": "blue"}, binaryData={"raw": "AP8="})
    await client.create(SECRETS, {"metadata": {"name": "passwords"}, "data": {"root": "MTIzNA=="}}, namespace=namespace)
    wanted = [config_map("settings"), config_map("none"), secret("passwords"), secret("none")]
    assert await followers.sources.read(UID, namespace, wanted) == {
        config_map("settings"): {"colour": "blue"},
        config_map("none"): None,
        secret("passwords"): {"root": "1234"},
        secret("none"): None,
    }
    found = await followers.sources.contents(UID, namespace, config_map("settings"))
    assert found is not None
    assert found.files == {"colour": b"blue", "raw": b"\x00\xff"}


async def test_pods_share_a_watch_and_are_told_of_changes(client: Client, namespace: str, followers: Followers) -> None:
    await create(client, namespace, data={"colour": "blue"})
    for uid in ("uid-1", "uid-2"):
        await followers.sources.contents(uid, namespace, config_map("settings"))
    assert followers.sources.statistics() == {"followed": 1, "watches": 1, "pods": 2}
    followers.told.clear()
    await client.patch(CONFIGMAPS, "settings", {"data": {"colour": "red"}}, namespace=namespace)

    async def told() -> bool:
        return followers.told == ["uid-1", "uid-2"]

    await eventually(told)
    found = await followers.sources.contents("uid-1", namespace, config_map("settings"))
    assert found is not None
    assert found.text == {"colour": "red"}
    followers.sources.release("uid-1")
    assert followers.sources.statistics() == {"followed": 1, "watches": 1, "pods": 1}
    followers.sources.release("uid-2")
    assert followers.sources.statistics() == {"followed": 0, "watches": 0, "pods": 0}


async def test_what_appears_is_told(client: Client, namespace: str, followers: Followers) -> None:
    assert await followers.sources.contents(UID, namespace, config_map("settings")) is None
    await create(client, namespace)

    async def told() -> bool:
        return followers.told == [UID]

    await eventually(told)


async def test_what_is_immutable_is_not_watched(client: Client, namespace: str, followers: Followers) -> None:
    await create(client, namespace, data={"colour": "blue"}, immutable=True)
    for _ in range(2):
        found = await followers.sources.contents(UID, namespace, config_map("settings"))
        assert found is not None
        assert found.text == {"colour": "blue"}
    assert followers.sources.statistics() == {"followed": 1, "watches": 0, "pods": 1}


async def test_root_certificates_of_all_namespaces_are_one_watch(
    client: Client, namespace: str, followers: Followers
) -> None:
    await client.create(NAMESPACES, {"metadata": {"name": f"{namespace}-other"}})
    for number, place in enumerate((namespace, f"{namespace}-other", "default")):
        found = await followers.sources.contents(f"uid-{number}", place, ROOT_CERTIFICATES)
        assert found is not None
        assert set(found.files) == {"ca.crt"}
    assert followers.sources.statistics() == {"followed": 1, "watches": 1, "pods": 3}


async def test_a_server_that_does_not_answer() -> None:
    async with Client("http://127.0.0.1:1") as client, following(client) as followers:
        with pytest.raises(Unavailable, match="failed to sync secret cache: timed out waiting for the condition"):
            await followers.sources.contents(UID, "default", secret("passwords"))
