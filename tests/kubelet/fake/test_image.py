"""Image references: completed, refused, and those that cannot be pulled."""

import pytest

from kubelet.fake.image import image_id, parse_reference
from kubelet.runtime import InvalidImageName

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "repository", "tag", "short"),
    [
        pytest.param("nginx", "docker.io/library/nginx", "latest", "nginx", id="short"),
        pytest.param("nginx:1.27", "docker.io/library/nginx", "1.27", "nginx", id="tag"),
        pytest.param("docker.io/library/nginx:1.27", "docker.io/library/nginx", "1.27", "nginx", id="complete"),
        pytest.param("curlimages/curl", "docker.io/curlimages/curl", "latest", "curl", id="user"),
        pytest.param("registry.k8s.io/pause:3.10.2", "registry.k8s.io/pause", "3.10.2", "pause", id="registry"),
        pytest.param(
            "registry.k8s.io/e2e-test-images/agnhost:2.63.0",
            "registry.k8s.io/e2e-test-images/agnhost",
            "2.63.0",
            "agnhost",
            id="deep",
        ),
        pytest.param("localhost/mine", "localhost/mine", "latest", "mine", id="localhost"),
        pytest.param("localhost:5000/mine:v1", "localhost:5000/mine", "v1", "mine", id="port"),
        pytest.param(f"nginx@{DIGEST}", "docker.io/library/nginx", "", "nginx", id="digest"),
        pytest.param(f"nginx:1.27@{DIGEST}", "docker.io/library/nginx", "1.27", "nginx", id="tag-and-digest"),
        pytest.param("a__b/c-d.e_f", "docker.io/a__b/c-d.e_f", "latest", "c-d.e_f", id="separators"),
    ],
)
def test_references(text: str, repository: str, tag: str, short: str) -> None:
    reference = parse_reference(text)
    assert (reference.repository, reference.tag, reference.short_name) == (repository, tag, short)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "Nginx",
        "nginx:",
        "nginx:a b",
        "nginx@sha256:short",
        "/nginx",
        "nginx/",
        "a//b",
        "a:b:c",
        "http://nginx",
    ],
)
def test_what_is_no_reference(text: str) -> None:
    with pytest.raises(InvalidImageName, match="invalid reference format"):
        parse_reference(text)


def test_ids_are_the_same_everywhere() -> None:
    assert image_id(parse_reference("nginx")) == image_id(parse_reference("docker.io/library/nginx:latest"))
    assert image_id(parse_reference("nginx:1")) != image_id(parse_reference("nginx:2"))
    assert image_id(parse_reference("nginx")).startswith("docker.io/library/nginx@sha256:")
