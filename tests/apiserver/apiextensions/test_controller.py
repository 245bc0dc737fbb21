"""Definitions that are there before the server is."""

import random

import httpx

from apimachinery.clock import ManualClock
from apiserver.apiextensions.controller import CustomResourceController
from apiserver.app import APIServer, create_app
from store.memory import MemoryStore
from tests.apiserver.apiextensions.definitions import definition, version

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
CRONTABS = "/apis/stable.example.com/v1/namespaces/default/crontabs"


def server(store: MemoryStore) -> APIServer:
    return create_app(store, clock=ManualClock(), rng=random.Random(7))


def client(api: APIServer) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=api.app), base_url="http://127.0.0.1")


async def test_stored_definitions_are_served_from_the_start() -> None:
    store = MemoryStore()
    async with client(server(store)) as http:
        assert (await http.post(DEFINITIONS, json=definition())).status_code == 201
    again = server(store)
    await CustomResourceController(again.context).load()
    async with client(again) as http:
        assert (await http.get(CRONTABS)).json()["kind"] == "CrontabList"
    await store.close()


async def test_a_name_that_is_had_is_not_given_to_another_at_the_start() -> None:
    """The order of names decides nothing: ``crontabs`` has had its kind since before ``aaas`` wished for it."""
    store = MemoryStore()
    first = server(store)
    async with client(first) as http:
        await http.post(DEFINITIONS, json=definition())
        await CustomResourceController(first.context).load()
        await http.post(DEFINITIONS, json=definition(plural="aaas", names={"kind": "Crontab"}))
    again = server(store)
    await CustomResourceController(again.context).load()
    async with client(again) as http:
        found = (await http.get(f"{DEFINITIONS}/aaas.stable.example.com")).json()
        conditions = {entry["type"]: entry["status"] for entry in found["status"]["conditions"]}
        assert conditions == {"NamesAccepted": "False", "Established": "False"}
        assert (await http.get(CRONTABS)).status_code == 200
    await store.close()


async def test_a_definition_that_cannot_be_served_keeps_no_other_from_it() -> None:
    """Such a definition does not pass the checks of today; another release may have stored it."""
    store = MemoryStore()
    api = server(store)
    broken = {"type": "object", "properties": {"spec": {"type": "number", "multipleOf": 0}}}
    async with client(api) as http:
        await http.post(DEFINITIONS, json=definition())
        created = (await http.post(DEFINITIONS, json=definition(plural="aaas"))).json()
        info = api.context.registry.find("apiextensions.k8s.io", "v1", "customresourcedefinitions")
        assert info is not None

        async def spoil(old: dict[str, object]) -> dict[str, object]:
            return {**old, "spec": {**created["spec"], "versions": [version(schema=broken)]}}

        await api.context.objects.update(info, "", "aaas.stable.example.com", spoil)
        await CustomResourceController(api.context).load()
        assert (await http.get(CRONTABS)).status_code == 200
        assert (await http.get(CRONTABS.replace("crontabs", "aaas"))).status_code == 404
    await store.close()
