"""Block devices as programs find them."""

from collections.abc import AsyncIterator

import pytest

from apimachinery.clock import ManualClock
from kubelet.fake.disk import Disk
from kubelet.fake.filesystem import FileSystem
from kubelet.fake.tree import BlockDevice
from tests.kubelet.fake.world import World, open_world

SIZE = 1024 * 1024
FULL = "No space left on device\n"
WRITING = "dd: error writing '/dev/xvda': "


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A container with an untouched device of 1 Mi at ``/dev/xvda``, and one of 64 Gi at ``/dev/xvdb``."""
    async with open_world(ManualClock()) as opened:
        opened.container.fs.make_block_device("/dev/xvda", SIZE)
        opened.container.fs.make_block_device("/dev/xvdb", 64 * 1024**3)
        yield opened


def disk(world: World, path: str = "/dev/xvda") -> Disk:
    node = world.container.fs.node(path)
    assert isinstance(node, BlockDevice)
    return node.disk


@pytest.mark.parametrize(
    ("script", "output"),
    [
        pytest.param("test -b /dev/xvda; echo $?; test -b /dev/null; echo $?; test -b /etc/hosts; echo $?", "0\n1\n1\n",
                     id="test -b"),
        pytest.param("[ -c /dev/xvda ]; echo $?; [ -f /dev/xvda ]; echo $?; [ -c /dev/null ]; echo $?", "1\n1\n0\n",
                     id="test -c"),
        pytest.param("[[ -b /dev/xvda ]] && echo yes", "yes\n", id="double bracket"),
        pytest.param("ls -l /dev/xvda | tr -s ' ' | cut -d' ' -f1-4", "brw-rw---- 1 root disk\n", id="ls"),
        pytest.param("stat -c '%F %a %s' /dev/xvda", "block special file 660 0\n", id="stat"),
        pytest.param("find /dev -type b", "/dev/xvda\n/dev/xvdb\n", id="find"),
        pytest.param("tar cf - /dev/xvda 2>/dev/null | tar tvf - | cut -c1", "b\n", id="tar"),
        pytest.param("blockdev --getsize64 /dev/xvda; blockdev --getsz /dev/xvda; blockdev --getss /dev/xvda",
                     "1048576\n2048\n512\n", id="blockdev"),
        pytest.param("blockdev --getsize64 /dev/xvdb", "68719476736\n", id="blockdev of a large one"),
        pytest.param("wc -c < /dev/xvda; tr -d '\\0' < /dev/xvda | wc -c", "1048576\n0\n", id="zeros at first"),
        pytest.param("dd if=/dev/xvda bs=4 count=1 status=none | od -An -tx1", " 00 00 00 00\n", id="od"),
        pytest.param("echo hello > /dev/xvda; head -n 1 /dev/xvda; wc -c < /dev/xvda", "hello\n1048576\n",
                     id="redirected"),
        pytest.param("echo long > /dev/xvda; echo x > /dev/xvda; head -c 5 /dev/xvda", "x\nng\n", id="not cut off"),
        pytest.param("set -C; echo x > /dev/xvda; head -c 1 /dev/xvda", "x", id="noclobber"),
        pytest.param("printf abc | dd of=/dev/xvda bs=512 seek=3 status=none; "
                     "dd if=/dev/xvda bs=512 skip=3 count=1 status=none | head -c 4 | tr '\\0' .", "abc.",
                     id="seek and skip"),
        pytest.param("printf abc | dd of=/dev/xvda bs=1 seek=5 conv=notrunc status=none; head -c 9 /dev/xvda | "
                     "tr '\\0' .", ".....abc.", id="notrunc"),
        pytest.param("seq 1 100000 > in; dd if=in of=/dev/xvda bs=4k status=none; "
                     "head -c $(wc -c < in) /dev/xvda | cmp - in && echo same", "same\n", id="over many chunks"),
        pytest.param("echo text > in; cp in /dev/xvda; head -n 1 /dev/xvda; cp /dev/xvda out; wc -c < out",
                     "text\n1048576\n", id="cp"),
        pytest.param("yes | dd of=/dev/xvdb bs=1k count=1 seek=60000000 status=none; "
                     "dd if=/dev/xvdb bs=1k skip=0 count=1 status=none | tr -d '\\0' | wc -c", "0\n", id="far away"),
        pytest.param("printf 'a\\nb\\n' > /dev/xvda; while read -r line && [ $line ]; do echo $line; done < /dev/xvda",
                     "a\nb\n", id="lines"),
    ],
)  # fmt: skip
async def test_output(world: World, script: str, output: str) -> None:
    assert await world.sh(script) == (output, "", 0)


@pytest.mark.parametrize(
    ("script", "errors"),
    [
        pytest.param("dd if=/dev/zero of=/dev/xvda bs=64k status=none", WRITING + FULL, id="dd without end"),
        pytest.param("echo | dd of=/dev/xvda bs=1M seek=1 status=none", WRITING + FULL, id="behind the end"),
        pytest.param("blockdev --getsz /dev/null", "blockdev: /dev/null: Inappropriate ioctl for device\n", id="null"),
        pytest.param("blockdev --getsize64 /dev/xvdc", "blockdev: can't open '/dev/xvdc': No such file or directory\n",
                     id="no such device"),
        pytest.param("cp /dev/xvdb copy", "cp: can't create 'copy': Cannot allocate memory\n", id="larger than memory"),
    ],
)  # fmt: skip
async def test_refusals(world: World, script: str, errors: str) -> None:
    assert await world.sh(script) == ("", errors, 1)


async def test_what_is_written_up_to_the_end_stays(world: World) -> None:
    _, said, status = await world.sh("seq 1 200000 > in; dd if=in of=/dev/xvda bs=64k")
    assert (status, WRITING + FULL in said) == (1, True)
    assert "16+0 records in" in said
    assert disk(world).read(0, SIZE) == world.container.fs.read("/home/me/in")[:SIZE]


async def test_an_untouched_device_takes_no_room(world: World) -> None:
    assert await world.sh("dd if=/dev/zero of=/dev/xvdb bs=1M count=2 status=none; echo x | dd of=/dev/xvdb seek=10000 "
                          "status=none") == ("", "", 0)  # fmt: skip
    assert sum(len(chunk) for chunk in disk(world, "/dev/xvdb").chunks.values()) <= 64 * 1024


async def test_only_its_group_may_use_a_device(world: World) -> None:
    for script in ("head -c 1 /dev/xvda", "echo x > /dev/xvda"):
        assert "Permission denied" in (await world.run("sh", "-c", script, uid=1000))[1]
    started = world.start(["sh", "-c", "echo x > /dev/xvda; head -n 1 /dev/xvda"], uid=1000, groups=[1000, 6])
    assert await started.done() == ("x\n", "", 0)


def test_a_device_of_another_file_system_is_the_same_disk() -> None:
    clock = ManualClock()
    node, inside = FileSystem(clock), FileSystem(clock, readonly=True)
    node.make_block_device("/dev/sdb", SIZE)
    inside.add_device("/dev/xvda", node, "/dev/sdb", writable=True)
    inside.write("/dev/xvda", b"text")
    inside.chmod("/dev/xvda", 0o666)
    assert node.read("/dev/sdb")[:5] == b"text\0"
    assert node.stat("/dev/sdb").mode & 0o777 == 0o660
    assert [entry.path for entry in inside.mounts()] == ["/"]
    assert node.tree_size("/") == 0


@pytest.mark.parametrize(
    ("size", "grown"), [pytest.param(2 * SIZE, 2 * SIZE, id="larger"), pytest.param(1, SIZE, id="smaller")]
)
def test_a_device_grows_and_keeps_what_is_on_it(size: int, grown: int) -> None:
    files = FileSystem(ManualClock())
    files.make_block_device("/dev/sdb", SIZE)
    files.write("/dev/sdb", b"text")
    files.make_block_device("/dev/sdb", size)
    assert files.read("/dev/sdb") == b"text" + bytes(grown - 4)
    files.mkdir("/dev/folder")
    with pytest.raises(FileExistsError):
        files.make_block_device("/dev/folder", size)
