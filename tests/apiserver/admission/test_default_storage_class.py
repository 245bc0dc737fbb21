"""DefaultStorageClass: which class a claim gets that names none."""

from typing import Any

import pytest

from apimachinery.clock import ManualClock
from tests.apiserver.admission.server import JSONObject, Server

DEFAULT = {"storageclass.kubernetes.io/is-default-class": "true"}


def storage_class(name: str, annotations: dict[str, str]) -> JSONObject:
    return {"metadata": {"name": name, "annotations": annotations}, "provisioner": "example.com/disks"}


def claim(name: str = "c", **spec: Any) -> JSONObject:
    resources = {"requests": {"storage": "1Gi"}}
    return {"metadata": {"name": name}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": resources, **spec}}


async def class_given(server: Server, wanted: JSONObject) -> str | None:
    spec: JSONObject = (await server.create("persistentvolumeclaims", wanted))["spec"]
    return spec.get("storageClassName")


async def test_none_is_the_default(server: Server) -> None:
    await server.create("storageclasses", storage_class("other", {}))
    assert await class_given(server, claim()) is None


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        pytest.param(claim(), "usual", id="none named"),
        pytest.param(claim(storageClassName="mine"), "mine", id="one named"),
        pytest.param(claim(storageClassName=""), "", id="no class wanted"),
    ],
)
async def test_what_the_claim_says(server: Server, wanted: JSONObject, given: str) -> None:
    await server.create("storageclasses", storage_class("usual", DEFAULT))
    await server.create("storageclasses", storage_class("other", {**DEFAULT, **{key: "false" for key in DEFAULT}}))
    assert await class_given(server, wanted) == given


async def test_the_newest_of_several() -> None:
    clock = ManualClock()
    async with Server(clock=clock) as server:
        await server.create("storageclasses", storage_class("a", DEFAULT))
        await clock.advance(2)
        for name in ("c", "b"):
            await server.create("storageclasses", storage_class(name, DEFAULT))
        assert await class_given(server, claim()) == "b"


async def test_the_older_annotation(server: Server) -> None:
    beta = {"storageclass.beta.kubernetes.io/is-default-class": "true"}
    await server.create("storageclasses", storage_class("old", beta))
    assert await class_given(server, claim()) == "old"
