"""``hello-world``: greets and ends."""

from kubelet.fake.image import FakeImage
from kubelet.fake.process import Process
from kubelet.fake.tree import build_tree


async def hello(process: Process) -> int:
    await process.print(
        "\nHello from Docker!\nThis message shows that your installation appears to be working correctly.\n"
    )
    return 0


def hello_world_image() -> FakeImage:
    """Return the image, which has nothing else in it."""
    return FakeImage(build_tree({}), {"/hello": hello}, cmd=("/hello",), size=10_000)
