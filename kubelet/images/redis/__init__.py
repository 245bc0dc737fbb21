"""``redis``: a server in memory that knows the usual commands, and ``redis-cli`` to talk to it."""

from kubelet.fake.image import FakeImage
from kubelet.images.base import shell_programs, system_tree
from kubelet.images.redis.client import redis_cli
from kubelet.images.redis.server import redis_server


def redis_image() -> FakeImage:
    """Return the image; its data folder is a volume for others, and stays empty."""
    programs = {
        **shell_programs(bash=True),
        "/usr/local/bin/redis-server": redis_server,
        "/usr/local/bin/redis-cli": redis_cli,
    }
    tree = system_tree(programs, files={"/data": None})
    return FakeImage(
        tree, programs, cmd=("redis-server",), working_dir="/data", size=52_000_000, memory=8 * 1024 * 1024
    )
