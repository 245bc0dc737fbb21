"""The books of quotas, against a count of everything from the start."""

import random

import orjson
import pytest

from apimachinery.amounts import Amounts, add
from apimachinery.clock import ManualClock
from apimachinery.quantity import parse_quantity
from apimachinery.quota.usage import usage
from apiserver.admission.observed import ObservedStore
from apiserver.admission.quota.ledger import QuotaLedger
from apiserver.app import create_app
from apiserver.storage import draft
from store.memory import MemoryStore
from tests.apiserver.admission.server import JSONObject, Server
from tests.apiserver.objects import container, pod

HARD = {"pods": "1k", "count/pods": "1k", "requests.cpu": "1k", "limits.memory": "1Ti"}


def random_pod(rng: random.Random, name: str) -> JSONObject:
    resources = {
        "requests": {"cpu": rng.choice(["100m", "1", "1500m", "2"])},
        "limits": {"cpu": "4", "memory": rng.choice(["64Mi", "1Gi", "500M"])},
    }
    return pod(name, containers=[container(resources=resources)], terminationGracePeriodSeconds=0)


@pytest.mark.parametrize("seed", range(5))
async def test_whatever_happens_the_books_are_right(server: Server, seed: int) -> None:
    rng = random.Random(seed)
    await server.create("resourcequotas", {"metadata": {"name": "q"}, "spec": {"hard": HARD}})
    names = [f"p{number}" for number in range(6)]
    for _ in range(60):
        name, path = rng.choice(names), server.path("pods")
        match rng.randrange(4):
            case 0 | 1:
                await server.http.post(path, json=random_pod(rng, name))
            case 2:
                await server.http.delete(f"{path}/{name}")
            case 3:
                phase = {"status": {"phase": rng.choice(["Running", "Succeeded", "Failed"])}}
                headers = {"content-type": "application/merge-patch+json"}
                await server.http.patch(f"{path}/{name}/status", json=phase, headers=headers)
    expected: Amounts = {}
    for item in (await server.request("GET", server.path("pods")))["items"]:
        add(expected, usage(("", "pods"), item))
    status = (await server.get("resourcequotas", "q"))["status"]
    assert status["hard"] == HARD
    numbers = {name: expected[name].number if name in expected else 0 for name in HARD}
    assert {name: parse_quantity(quantity) for name, quantity in status["used"].items()} == numbers


async def test_books_of_a_store_that_was_there_before() -> None:
    """A ledger that starts on a store with quotas in it counts them before it says anything."""
    store = MemoryStore()
    registry = create_app(MemoryStore(), clock=ManualClock(), rng=random.Random(1)).context.registry
    for plural, obj in (
        ("pods", pod("p")),
        ("resourcequotas", {"metadata": {"name": "q"}, "spec": {"hard": {"pods": "2"}}}),
    ):
        info = registry.find("", "v1", plural)
        assert info is not None
        obj["metadata"]["namespace"] = "default"
        await store.create(info.key("default", obj["metadata"]["name"]), draft(info, obj))
    ledger = QuotaLedger(ObservedStore(store), registry)
    (account,) = await ledger.accounts("default")
    assert (account.name, str(account.used["pods"])) == ("q", "1")
    shown = orjson.loads((await store.get(account.key)).value)
    assert shown["status"] == {"hard": {"pods": "2"}, "used": {"pods": "1"}}
    assert await ledger.accounts("other") == []
