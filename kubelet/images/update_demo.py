"""``nautilus`` and ``kitten`` of upstream's tests: each serves a file that names its picture."""

from kubelet.fake.image import FakeImage
from kubelet.fake.process import Process
from kubelet.images.agnhost.webserver import test_webserver
from kubelet.images.base import shell_programs, system_tree


async def serve(process: Process) -> int:
    """Serve the image's files on port 80."""
    return await test_webserver(process, process.argv[1:])


def update_demo_image(picture: str) -> FakeImage:
    """Return the image of one of them, which may be mounted as a volume as well."""
    programs = {**shell_programs(), "/test-webserver": serve}
    data = f'{{"image":"{picture}.jpg"}}\n'.encode()
    release = 'NAME="Alpine Linux"\nID=alpine\nPRETTY_NAME="Alpine Linux v3.22"\n'
    tree = system_tree(programs, os_release=release, files={"/data.json": data})
    return FakeImage(tree, programs, ("/test-webserver",), size=35_000_000)
