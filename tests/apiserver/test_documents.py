"""Documents are made once, and again when what they were made from is no longer what is served."""

import asyncio
import dataclasses

from apimachinery.schema.bundle import load_bundle
from apiserver.documents import Documents
from apiserver.openapi import descriptions, v2, v3
from apiserver.registry.builtin import builtin_registry


async def test_a_document_is_made_once() -> None:
    made: list[int] = []
    documents = Documents()
    resources = tuple(builtin_registry(load_bundle()))

    def make() -> bytes:
        made.append(1)
        return b"{}"

    found = await asyncio.gather(*(documents.get("a", resources, make) for _ in range(5)))
    assert len(made) == 1
    assert {document.etag for document in found} == {f'"{found[0].digest}"'}
    await documents.get("a", list(resources), make)
    assert len(made) == 1
    documents.keep_only({"b"})
    await documents.get("a", resources, make)
    assert len(made) == 2


async def test_an_equal_resource_is_not_the_same() -> None:
    """Two definitions after each other may look alike here and differ in what they refer to."""
    documents = Documents()
    (first, *others) = builtin_registry(load_bundle())
    before = await documents.get("a", (first, *others), lambda: b"before")
    again = dataclasses.replace(first)
    after = await documents.get("a", (again, *others), lambda: b"after")
    assert (before.content, after.content) == (b"before", b"after")
    fewer = await documents.get("a", (again,), lambda: b"fewer")
    assert fewer.content == b"fewer"


def test_without_words_there_are_none() -> None:
    """As where the package that has them is not installed, or has none for this version."""
    prose = descriptions.load("v0.0")
    assert prose == {}
    bundle = load_bundle()
    infos = [info for info in builtin_registry(bundle) if info.group == "apps"]
    schemas = v3.build(infos, bundle, prose)["components"]["schemas"]
    assert "description" not in schemas["io.k8s.api.apps.v1.Deployment"]
    assert "description" not in v2.build(infos, bundle, prose)["definitions"]["io.k8s.api.apps.v1.Deployment"]
