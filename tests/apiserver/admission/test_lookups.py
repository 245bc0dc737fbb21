"""What plugins look up: never older than the store."""

from apiserver.admission.lookups import Lookups
from apiserver.admission.observed import ObservedStore
from tests.apiserver.admission.server import Server


async def test_objects_and_lists_are_as_new_as_the_store(server: Server) -> None:
    objects = server.api.context.objects
    assert isinstance(objects.store, ObservedStore)
    lookups = Lookups(objects, server.api.context.registry, objects.store)

    async def seen() -> tuple[str | None, list[str]]:
        one = await lookups.get("", "configmaps", "default", "a")
        listed = await lookups.listed("", "configmaps", "default")
        read = await lookups.read_all("", "configmaps", "default")
        named = [entry["metadata"]["name"] for entry in listed if not entry["metadata"]["name"].startswith("kube-")]
        again = [entry["metadata"]["name"] for entry in read if not entry["metadata"]["name"].startswith("kube-")]
        assert named == again
        return (one or {}).get("data", {}).get("k"), named

    assert await seen() == (None, [])
    await server.create("configmaps", {"metadata": {"name": "a"}, "data": {"k": "1"}})
    assert await seen() == ("1", ["a"])
    await server.create("configmaps", {"metadata": {"name": "b"}})
    await server.patch("configmaps", "a", {"data": {"k": "2"}})
    assert await seen() == ("2", ["a", "b"])
    await server.delete("configmaps", "a")
    assert await seen() == (None, ["b"])


async def test_what_has_not_changed_is_not_decoded_again(server: Server) -> None:
    objects = server.api.context.objects
    assert isinstance(objects.store, ObservedStore)
    lookups = Lookups(objects, server.api.context.registry, objects.store)
    first = await lookups.listed("", "namespaces")
    assert await lookups.listed("", "namespaces") is first
    assert await lookups.get("", "namespaces", "", "default") is first[0]
    record = await lookups.record("", "namespaces", "", "default")
    assert await lookups.record("", "namespaces", "", "default") is record
