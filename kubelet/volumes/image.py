"""Volumes of an image's files (``pkg/volume/image``, v1.36): the runtime mounts them, the kubelet only names them."""

from apimachinery.types.pod import Container, Pod
from apimachinery.types.volumes import Volume


def image_volumes(pod: Pod, container: Container) -> list[Volume]:
    """Return the volumes of images that a container mounts."""
    mounted = {mount.name for mount in container.volume_mounts}
    return [volume for volume in pod.spec.volumes if volume.image is not None and volume.name in mounted]


def as_container(volume: Volume) -> Container:
    """Return what stands for an image volume where images are pulled for containers."""
    assert volume.image is not None
    return Container(
        name=f"volume {volume.name}", image=volume.image.reference, image_pull_policy=volume.image.pull_policy
    )
