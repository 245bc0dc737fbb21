"""``nonewprivs`` of upstream's tests: a program that belongs to root and takes on its owner's id, where it may."""

from kubelet.fake.image import FakeImage
from kubelet.fake.process import Process
from kubelet.images.base import shell_programs, system_tree


async def tell_effective_uid(process: Process) -> int:
    """Print whom it runs as: its owner, unless privileges may not grow."""
    await process.print(f"Effective uid: {process.uid if process.world.no_new_privs else 0}")
    return 0


def no_new_privs_image() -> FakeImage:
    """Return the image; the program's file has the bit that gives it its owner's id."""
    programs = {**shell_programs(), "/nnp": tell_effective_uid}
    return FakeImage(system_tree(programs, modes={"/nnp": 0o4755}), programs, ("/nnp",), size=6_700_000)
