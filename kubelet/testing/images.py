"""Images: present or not, and which cannot be had."""

from collections.abc import Sequence

from kubelet.runtime import (
    ImagePullFailed,
    InvalidImageName,
    NotFound,
)
from kubelet.testing.bench import Bench, Check, refused


def image_checks() -> Sequence[Check]:
    """Return the checks of this module."""
    return [
        images_have_to_be_pulled,
        unpullable_images_are_refused,
        removed_images_have_to_be_pulled_again,
    ]


async def images_have_to_be_pulled(bench: Bench) -> None:
    runtime = bench.runtime
    assert runtime.image_status("alpine:3.22") is None
    pod = await bench.sandbox()
    await refused(NotFound, bench.create(pod, "true", image="alpine:3.22"))
    pulled = await runtime.pull_image("alpine:3.22")
    assert runtime.image_status("docker.io/library/alpine:3.22") == pulled
    assert pulled in runtime.list_images()
    main = await bench.create(pod, "true", image="alpine:3.22")
    assert runtime.container_status(main).image_ref == pulled.id


async def unpullable_images_are_refused(bench: Bench) -> None:
    for image, fault in (
        ("busybox:non-existent", ImagePullFailed),
        ("invalid.registry.k8s.io/invalid/alpine:3.1", ImagePullFailed),
        ("Not An Image", InvalidImageName),
    ):
        await refused(fault, bench.runtime.pull_image(image))


async def removed_images_have_to_be_pulled_again(bench: Bench) -> None:
    runtime = bench.runtime
    pod = await bench.sandbox()
    await runtime.pull_image("alpine:3.22")
    main = await bench.create(pod, "cat", image="alpine:3.22")
    await runtime.remove_image("docker.io/library/alpine:3.22")
    await runtime.remove_image("alpine:3.22")
    assert runtime.image_status("alpine:3.22") is None
    assert not any("alpine" in tag for image in runtime.list_images() for tag in image.repo_tags)
    await refused(NotFound, bench.create(pod, "true", image="alpine:3.22"))
    await runtime.start_container(main)
    assert (await runtime.exec_sync(main, ["echo", "still here"], None)).stdout == b"still here\n"
