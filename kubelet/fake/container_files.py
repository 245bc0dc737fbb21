"""What a container's files are put together from: its image's tree, and what is mounted."""

from apimachinery.clock import Clock
from kubelet.fake.cgroup import CGROUP_ROOT, ControlGroup
from kubelet.fake.filesystem import FileSystem, Offer
from kubelet.fake.image import FakeImage
from kubelet.fake.image_store import ImageStore
from kubelet.fake.mounts import CGROUP
from kubelet.fake.pod_files import POD_FILES
from kubelet.fake.pod_space import PodSpace
from kubelet.fake.roots import Roots
from kubelet.fake.tree import TERMINATION_LOG, Directory, File, Layer, Node
from kubelet.fake.usage import Usage
from kubelet.runtime import ContainerConfig, Mount, RuntimeFault


class _Rest:
    """Mounts what every container has of its own. Nobody ever looks at the files of most."""

    __slots__ = ("_fs", "_mounts", "_pod", "_usage")

    def __init__(self, fs: FileSystem, pod: PodSpace, usage: Usage) -> None:
        self._fs = fs
        self._pod = pod
        self._usage = usage
        self._mounts = fs.take_mounts()

    def __call__(self) -> None:
        # A volume that is mounted in the place of a pod's file goes before it.
        self._pod.files.mount(self._fs)
        self._fs.put_mounts(self._mounts)
        self._fs.mount_tree(CGROUP_ROOT, ControlGroup(self._usage), CGROUP)


class ContainerFiles:
    """Makes the file systems of one node's containers. ``host`` is the node's own, ``images`` what is present there."""

    def __init__(self, clock: Clock, host: FileSystem, images: ImageStore) -> None:
        self._clock = clock
        self._host = host
        self._images = images
        self._roots = Roots(clock)

    def file_system(self, image: FakeImage, config: ContainerConfig) -> FileSystem:
        """Return a new container's file system, with :meth:`the rest <mount_the_rest>` not yet mounted.

        Raises ``OSError`` for a mount that cannot be, and :class:`RuntimeFault`.
        """
        mounts = sorted(config.mounts, key=lambda mount: mount.container_path)
        shown = [self._image_tree(mount) if mount.image else self._host.offered(mount.host_path) for mount in mounts]
        points = [
            (mount.container_path, isinstance(what.node if isinstance(what, Offer) else what, Directory))
            for mount, what in zip(mounts, shown, strict=True)
        ]
        points += [(device.container_path, False) for device in config.devices]
        points += [(path, False) for path in POD_FILES]
        root = self._roots.root(image.root, (*points, (CGROUP_ROOT, True)))
        fs = FileSystem(self._clock, root, readonly=config.read_only_root)
        for mount, what in zip(mounts, shown, strict=True):
            if isinstance(what, Offer):
                fs.mount(
                    mount.container_path, what, readonly=mount.readonly, recursive_readonly=mount.recursive_readonly
                )
            else:
                fs.mount_tree(mount.container_path, what)
        for device in config.devices:
            fs.add_device(device.container_path, self._host, device.host_path, writable="w" in device.permissions)
        if config.termination_message_path != TERMINATION_LOG:
            # The usual one every image has; another is a mount of its own, for anybody to write to.
            fs.mount_file(config.termination_message_path, File(Layer(), 0o666))
        return fs

    def mount_the_rest(self, fs: FileSystem, pod: PodSpace, usage: Usage) -> None:
        """Show a container what its pod adds, and its limits and usage."""
        fs.mount_later(_Rest(fs, pod, usage))

    def _image_tree(self, mount: Mount) -> Node:
        """Return what of an image is mounted; raise :class:`RuntimeFault` when it has no such folder or file."""
        root = self._images.content(mount.image)[1].root
        try:
            return FileSystem(self._clock, root).node(f"/{mount.image_sub_path}")
        except OSError as error:
            raise RuntimeFault(
                f'failed to mount image volume "{mount.image}": subpath "{mount.image_sub_path}" does not exist'
            ) from error
