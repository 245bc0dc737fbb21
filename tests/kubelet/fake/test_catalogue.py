"""Which image a reference stands for, and which cannot be pulled."""

import pytest

from kubelet.fake.catalogue import UNPULLABLE, Catalogue, NamedImage, matches
from kubelet.fake.image import FakeImage, parse_reference
from kubelet.fake.tree import build_tree
from kubelet.runtime import ImagePullFailed, RegistryUnavailable

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("pattern", "reference", "expected"),
    [
        pytest.param("nginx", "nginx", True, id="short"),
        pytest.param("nginx", "docker.io/library/nginx:1.29", True, id="any tag"),
        pytest.param("nginx", f"nginx@{DIGEST}", True, id="a digest"),
        pytest.param("nginx:1.29", "nginx:1.29", True, id="tag"),
        pytest.param("nginx:1.29", "nginx:1.28", False, id="another tag"),
        pytest.param("nginx:1.*", "nginx:1.28", True, id="tags"),
        pytest.param("nginx", "example.com/nginx", False, id="another registry"),
        pytest.param("*/nginx", "example.com/nginx", True, id="any registry"),
        pytest.param("team/app", "docker.io/team/app:v1", True, id="of a user"),
        pytest.param("example.com/*", "example.com/team/app:v1", True, id="a registry's"),
        pytest.param("localhost:5000/app", "localhost:5000/app:v1", True, id="a registry's port is no tag"),
        pytest.param("*:404", "any/thing:404", True, id="a tag of anything"),
    ],
)
def test_patterns(pattern: str, reference: str, expected: bool) -> None:
    assert matches(parse_reference(reference), pattern) is expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("busybox:non-existent", "docker.io/library/busybox:non-existent: not found", id="tag"),
        pytest.param("any/thing:404", "docker.io/any/thing:404: not found", id="number"),
        pytest.param("invalid.io/x/y", "lookup invalid.io: no such host", id="registry"),
        pytest.param("gone", "docker.io/library/gone:latest: not found", id="name"),
    ],
)
def test_images_that_cannot_be_pulled(text: str, reason: str) -> None:
    catalogue = Catalogue({}, image, unpullable=(*UNPULLABLE, "gone"))
    with pytest.raises(ImagePullFailed, match="failed to pull and unpack image") as refused:
        catalogue.check_pullable(parse_reference(text))
    assert str(refused.value).endswith(reason)


def test_a_registry_may_be_unavailable() -> None:
    with pytest.raises(RegistryUnavailable, match="503"):
        Catalogue({}, image).check_pullable(parse_reference("unavailable.io/x"))


@pytest.mark.parametrize("unpullable", [UNPULLABLE, ()])
def test_other_images_can_be_pulled(unpullable: tuple[str, ...]) -> None:
    Catalogue({}, image, unpullable=unpullable).check_pullable(parse_reference("registry.example.com/team/app:v1"))


def image() -> FakeImage:
    return FakeImage(build_tree({}))


def test_named_images_go_before_those_built_in() -> None:
    """Of two that match the one put in last counts; a source's images take the place of those it had before."""
    builtin, unknown, first, second = image(), image(), image(), image()
    catalogue = Catalogue({"nginx": builtin}, lambda: unknown)

    def found(text: str = "nginx") -> FakeImage:
        return catalogue.find(parse_reference(text))

    assert found() is builtin
    assert found("nobody/knows") is unknown
    catalogue.put("a", [NamedImage(["nginx:1.29", "other"], first)])
    assert (found(), found("nginx:1.29"), found("other")) == (builtin, first, first)
    catalogue.put("b", [NamedImage(["nginx"], second)])
    assert found("nginx:1.29") is second
    catalogue.put("b", [])
    assert found("nginx:1.29") is first
    catalogue.put("a", [NamedImage(["other"], first)])
    assert found("nginx:1.29") is builtin
