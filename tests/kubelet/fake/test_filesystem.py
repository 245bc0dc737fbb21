"""The virtual file system: layers that are copied when written to, mounts, links, and the system's errors."""

import errno
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from apimachinery.clock import ManualClock
from kubelet.fake.changing import MAX_FILE_SIZE
from kubelet.fake.filesystem import FileSystem
from kubelet.fake.tree import Directory, File, Layer, build_tree


@pytest.fixture
def tree() -> Directory:
    return build_tree(
        {"/etc/passwd": b"root\n", "/etc/deep/er/file": b"deep", "/bin/tool": b"#!", "/link": "/etc", "/tmp": None},
        modes={"/bin/tool": 0o755, "/tmp": 0o1777},
    )


@pytest.fixture
def fs(tree: Directory) -> FileSystem:
    return FileSystem(ManualClock(), tree)


def test_containers_do_not_see_each_others_writes(tree: Directory) -> None:
    """One image's tree serves many; each has its own changes, at any depth."""
    one, other = FileSystem(ManualClock(), tree), FileSystem(ManualClock(), tree)
    one.write("/etc/deep/er/file", b"changed")
    one.write("/etc/deep/er/new", b"new")
    one.unlink("/etc/passwd")
    one.chmod("/bin/tool", 0o600)
    assert one.read("/etc/deep/er/file") == b"changed"
    assert other.read("/etc/deep/er/file") == b"deep"
    assert other.listdir("/etc/deep/er") == ["file"]
    assert other.read("/etc/passwd") == b"root\n"
    assert other.stat("/bin/tool").mode & 0o777 == 0o755


def test_a_file_may_have_several_names(tree: Directory, fs: FileSystem) -> None:
    """They are one file, of which the image and other containers keep their own."""
    other = FileSystem(ManualClock(), tree)
    fs.link("/etc/passwd", "/etc/second")
    fs.chmod("/etc/second", 0o600)
    fs.write("/etc/passwd", b"changed")
    assert fs.read("/etc/second") == b"changed"
    assert [fs.stat(path).nlink for path in ("/etc/passwd", "/etc/second")] == [2, 2]
    assert fs.stat("/etc/passwd") == fs.stat("/etc/second")
    assert (other.read("/etc/passwd"), other.stat("/etc/passwd").nlink) == (b"root\n", 1)
    fs.rename("/etc/passwd", "/etc/second")
    assert fs.exists("/etc/passwd")
    fs.rmtree("/etc/second")
    assert fs.stat("/etc/passwd").nlink == 1


def test_names_do_not_reach_over_mounts(fs: FileSystem) -> None:
    fs.mount_memory("/tmp")
    with pytest.raises(OSError, match="Invalid cross-device link"):
        fs.link("/etc/passwd", "/tmp/passwd")
    with pytest.raises(PermissionError):
        fs.link("/etc", "/folder")


def test_a_folder_as_the_root_of_its_own(fs: FileSystem) -> None:
    """What is below it is what it was, mounts included; nothing else is there."""
    fs.mkdir("/jail/etc", parents=True)
    fs.mount_memory("/jail/memory")
    inner = fs.confined("/jail")
    inner.write("/etc/name", b"inside")
    inner.write("/memory/file", b"mounted")
    fs.write("/jail/more", b"outside")
    assert (fs.read("/jail/etc/name"), fs.read("/jail/memory/file")) == (b"inside", b"mounted")
    assert inner.listdir("/") == ["etc", "memory", "more"]
    assert inner.realpath("/../../etc") == "/etc"
    with pytest.raises(NotADirectoryError):
        fs.confined("/etc/passwd")


def test_times_come_from_the_clock(tree: Directory) -> None:
    clock = ManualClock(datetime(2026, 5, 1, tzinfo=UTC))
    fs = FileSystem(clock, tree)
    assert fs.stat("/etc/passwd").mtime == 0
    fs.touch("/etc/passwd")
    assert fs.stat("/etc/passwd").mtime == datetime(2026, 5, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("path", "real"),
    [
        pytest.param("/etc/passwd", "/etc/passwd", id="plain"),
        pytest.param("//etc/./passwd", "/etc/passwd", id="dots"),
        pytest.param("/etc/../etc/passwd", "/etc/passwd", id="up"),
        pytest.param("/../../etc", "/etc", id="above-the-root"),
        pytest.param("/link/passwd", "/etc/passwd", id="link"),
        pytest.param("/link/../bin", "/bin", id="up-from-a-link"),
        pytest.param("/etc/new", "/etc/new", id="not-there-yet"),
    ],
)
def test_paths_are_resolved(fs: FileSystem, path: str, real: str) -> None:
    assert fs.realpath(path) == real


@pytest.mark.parametrize(
    ("code", "act"),
    [
        pytest.param(errno.ENOENT, lambda fs: fs.read("/nothing"), id="read-nothing"),
        pytest.param(errno.ENOENT, lambda fs: fs.write("/no/such/file", b""), id="write-nowhere"),
        pytest.param(errno.ENOENT, lambda fs: fs.mkdir("/no/such"), id="mkdir-nowhere"),
        pytest.param(errno.ENOENT, lambda fs: fs.unlink("/nothing"), id="unlink-nothing"),
        pytest.param(errno.ENOENT, lambda fs: fs.rename("/nothing", "/x"), id="rename-nothing"),
        pytest.param(errno.EISDIR, lambda fs: fs.read("/etc"), id="read-folder"),
        pytest.param(errno.EISDIR, lambda fs: fs.write("/etc", b""), id="write-folder"),
        pytest.param(errno.EISDIR, lambda fs: fs.unlink("/etc"), id="unlink-folder"),
        pytest.param(errno.ENOTDIR, lambda fs: fs.read("/etc/passwd/x"), id="below-a-file"),
        pytest.param(errno.ENOTDIR, lambda fs: fs.listdir("/etc/passwd"), id="list-file"),
        pytest.param(errno.ENOTDIR, lambda fs: fs.rmdir("/etc/passwd"), id="rmdir-file"),
        pytest.param(errno.EEXIST, lambda fs: fs.mkdir("/etc"), id="mkdir-again"),
        pytest.param(errno.EEXIST, lambda fs: fs.symlink("x", "/link"), id="link-again"),
        pytest.param(errno.ENOTEMPTY, lambda fs: fs.rmdir("/etc"), id="rmdir-full"),
        pytest.param(errno.EINVAL, lambda fs: fs.rename("/etc", "/etc/deep/etc"), id="into-itself"),
        pytest.param(errno.EINVAL, lambda fs: fs.readlink("/etc"), id="readlink-folder"),
        pytest.param(errno.EBUSY, lambda fs: fs.rmtree("/"), id="remove-root"),
    ],
)
def test_errors_are_the_systems(fs: FileSystem, code: int, act: Callable[[FileSystem], object]) -> None:
    with pytest.raises(OSError, match=re.escape(os.strerror(code))) as failure:
        act(fs)
    assert failure.value.errno == code


@pytest.mark.parametrize(
    ("path", "made"),
    [
        pytest.param("/etc/new", ["/etc/new"], id="one"),
        pytest.param("/etc/a/b/c/", ["/etc/a", "/etc/a/b", "/etc/a/b/c"], id="many"),
        pytest.param("/link/deep/x/./y", ["/etc/deep/x", "/etc/deep/x/y"], id="through a link"),
        pytest.param("/bin/../tmp/x/y", ["/tmp/x", "/tmp/x/y"], id="up again"),
        pytest.param("/link/deep", [], id="there already"),
        pytest.param("/", [], id="root"),
    ],
)
def test_folders_are_made_with_those_around_them(tree: Directory, fs: FileSystem, path: str, made: list[str]) -> None:
    before = set(fs.walk("/"))
    assert fs.mkdir(path, mode=0o700, parents=True, exist_ok=True) is bool(made)
    assert sorted(set(fs.walk("/")) - before) == made
    modes = [fs.stat(folder).mode & 0o777 for folder in made]
    assert modes == [0o755] * (len(made) - 1) + [0o700] * bool(made)
    assert set(FileSystem(ManualClock(), tree).walk("/")) == before, "the image stays as it was"


def test_links_that_go_round_are_found_out(fs: FileSystem) -> None:
    fs.symlink("/two", "/one")
    fs.symlink("/one", "/two")
    with pytest.raises(OSError, match="/one") as failure:
        fs.read("/one")
    assert failure.value.errno == errno.ELOOP


def test_dangling_links_can_be_written_through(fs: FileSystem) -> None:
    fs.symlink("/tmp/target", "/dangling")
    assert not fs.exists("/dangling")
    fs.write("/dangling", b"through")
    assert fs.read("/tmp/target") == b"through"
    assert fs.stat("/dangling", follow=False).is_link


def test_renaming_replaces_and_moves_trees(fs: FileSystem) -> None:
    fs.write("/tmp/a", b"a")
    fs.rename("/tmp/a", "/etc/passwd")
    assert fs.read("/etc/passwd") == b"a"
    fs.rename("/etc/deep", "/tmp/moved")
    assert fs.read("/tmp/moved/er/file") == b"deep"
    assert not fs.exists("/etc/deep")


def test_read_only_roots_take_no_change(tree: Directory) -> None:
    fs = FileSystem(ManualClock(), tree, readonly=True)
    acts: tuple[Callable[[], object], ...] = (
        lambda: fs.write("/etc/passwd", b""),
        lambda: fs.write("/new", b""),
        lambda: fs.mkdir("/folder"),
        lambda: fs.unlink("/link"),
        lambda: fs.chmod("/etc", 0o700),
        lambda: fs.rename("/etc/passwd", "/etc/other"),
    )
    for act in acts:
        with pytest.raises(OSError, match="Read-only file system") as failure:
            act()
        assert failure.value.errno == errno.EROFS
    fs.write("/dev/termination-log", b"fine")


def test_mounts_share_one_place(tree: Directory) -> None:
    """S4: two containers with one volume see each other's writes, wherever each has it."""
    host = FileSystem(ManualClock())
    host.mkdir("/volumes/data", parents=True)
    host.write("/volumes/one-file", b"file")
    first, second = FileSystem(ManualClock(), tree, readonly=True), FileSystem(ManualClock(), tree)
    first.mount("/data", host.offered("/volumes/data"))
    second.mount("/etc/deep/data", host.offered("/volumes/data"), readonly=True)
    second.mount("/etc/passwd", host.offered("/volumes/one-file"))
    first.write("/data/hello", b"hello")
    first.mkdir("/data/folder")
    assert second.read("/etc/deep/data/hello") == b"hello"
    assert host.listdir("/volumes/data") == ["folder", "hello"]
    assert second.read("/etc/passwd") == b"file"
    with pytest.raises(OSError, match="Read-only"):
        second.unlink("/etc/deep/data/hello")
    with pytest.raises(OSError, match="busy"):
        second.unlink("/etc/passwd")
    with pytest.raises(OSError, match="cross-device") as failure:
        first.rename("/data/hello", "/hello")
    assert failure.value.errno == errno.EXDEV
    assert [mount.path for mount in first.mounts()] == ["/", "/data"]


def test_open_files_outlive_their_names(fs: FileSystem) -> None:
    held = fs.open_for_writing("/tmp/log", truncate=True)
    fs.unlink("/tmp/log")
    fs.write_at(held, None, b"still here")  # type: ignore[arg-type]
    assert not fs.exists("/tmp/log")


def test_files_have_a_bound(fs: FileSystem) -> None:
    held = fs.open_for_writing("/tmp/large", truncate=True)
    with pytest.raises(OSError, match="No space left") as failure:
        fs.write_at(held, MAX_FILE_SIZE, b"x")  # type: ignore[arg-type]
    assert failure.value.errno == errno.ENOSPC


def test_walking_goes_parents_first_and_follows_no_links(fs: FileSystem) -> None:
    assert list(fs.walk("/etc")) == ["/etc", "/etc/deep", "/etc/deep/er", "/etc/deep/er/file", "/etc/passwd"]
    assert list(fs.walk("/link")) == ["/link"]


def test_the_null_device_forgets(fs: FileSystem) -> None:
    fs.write("/dev/null", b"gone")
    assert fs.read("/dev/null") == b""


def test_new_entries_take_the_group_of_a_folder_that_passes_it_on() -> None:
    fs = FileSystem(ManualClock())
    fs.mkdir("/shared")
    fs.chown("/shared", 0, 2000)
    fs.chmod("/shared", 0o2775)
    fs.write("/shared/file", b"", uid=1000, gid=1000)
    fs.mkdir("/shared/sub", uid=1000, gid=1000)
    fs.symlink("file", "/shared/link")
    found = {name: fs.stat(f"/shared/{name}", follow=False) for name in ("file", "sub", "link")}
    assert {name: stat.gid for name, stat in found.items()} == {"file": 2000, "sub": 2000, "link": 2000}
    assert found["sub"].mode & 0o7777 == 0o2755


@pytest.mark.parametrize(
    "look",
    [
        lambda fs: fs.read("/etc/passwd"),
        lambda fs: fs.listdir("/etc"),
        lambda fs: fs.write("/etc/deep/er/file", b"new"),
        lambda fs: fs.is_mount_point("/etc"),
        lambda fs: fs.confined("/etc"),
        FileSystem.mounts,
    ],
    ids=["read", "list", "write", "is mounted", "confine", "list mounts"],
)
def test_what_is_mounted_later_is_there_for_who_looks_first(
    fs: FileSystem, look: Callable[[FileSystem], object]
) -> None:
    """In the order in which it would have been mounted at once; nothing is made before."""
    node = FileSystem(ManualClock(), build_tree({"/file": b"volume"}))
    made: list[str] = []

    def mount(path: str, content: bytes) -> None:
        made.append(path)
        fs.mount_file(path, File(Layer(), 0o644, content))

    def rest() -> None:
        mount("/etc/passwd", b"first")
        mount("/bin/tool", b"first")
        fs.put_mounts(taken)
        mount("/link/deep/er/file", b"last")

    fs.mount("/bin/tool", node.offered("/file"))
    taken = fs.take_mounts()
    fs.mount_later(rest)
    assert fs.exists("/")
    assert not made
    look(fs)
    assert made == ["/etc/passwd", "/bin/tool", "/link/deep/er/file"]
    assert [entry.path for entry in fs.mounts()] == ["/", "/etc/passwd", "/bin/tool", "/etc/deep/er/file"]
    assert (fs.read("/etc/passwd"), fs.read("/bin/tool")) == (b"first", b"volume"), "a volume is in its place"
    assert len(made) == 3, "once is enough"


def test_memory_is_a_mount_that_comes_along_and_goes_with_its_folder() -> None:
    host, container = FileSystem(ManualClock(), kind="ext4"), FileSystem(ManualClock())
    host.mkdir("/pods/a/shm", parents=True)
    host.mount_memory("/pods/a/shm", limit=4096)
    assert host.is_mount_point("/pods/a/shm")
    container.mount("/dev/shm", host.offered("/pods/a/shm"))
    container.mount("/pods", host.offered("/pods"), readonly=True, recursive_readonly=True)
    container.write("/dev/shm/x", b"12345")
    assert [(mount.path, mount.kind, mount.readonly, mount.limit, mount.used) for mount in container.mounts()] == [
        ("/", "overlay", False, 0, 0),
        ("/dev/shm", "tmpfs", False, 4096, 5),
        ("/pods", "ext4", True, 0, 0),
        ("/pods/a/shm", "tmpfs", True, 4096, 5),
    ]
    with pytest.raises(OSError, match="Read-only"):
        container.write("/pods/a/shm/x", b"")
    host.rmtree("/pods/a")
    assert [mount.path for mount in host.mounts()] == ["/"]
    host.mkdir("/pods/a/shm", parents=True)
    assert host.listdir("/pods/a/shm") == []


def test_memory_has_only_so_much_room() -> None:
    host, container = FileSystem(ManualClock(), kind="ext4"), FileSystem(ManualClock())
    host.mkdir("/shm")
    host.mount_memory("/shm", limit=10)
    container.mount("/cache", host.offered("/shm"))
    container.write("/cache/a", b"123456")
    with pytest.raises(OSError, match="No space left"):
        container.write("/cache/b", b"12345")
    container.write("/cache/b", b"1234")
    with pytest.raises(OSError, match="No space left"):
        container.write("/cache/b", b"5", append=True)
    file = container.open_for_writing("/cache/b", truncate=False)
    assert isinstance(file, File)
    with pytest.raises(OSError, match="No space left"):
        container.write_at(file, None, b"5")
    assert container.read("/cache/b") == b"1234"
    container.write("/cache/a", b"12")
    assert container.write_at(file, None, b"5678") == 8
    container.unlink("/cache/b")
    container.write("/cache/c", b"12345678")
    container.write("/elsewhere", b"more than ten bytes")


def test_memory_that_is_taken_up_again_has_no_more_room() -> None:
    host, after = FileSystem(ManualClock()), FileSystem(ManualClock())
    host.mkdir("/shm")
    host.mount_memory("/shm", limit=4)
    host.write("/shm/a", b"123")
    after.load_memory(host.saved_memory())
    assert after.read("/shm/a") == b"123"
    with pytest.raises(OSError, match="No space left"):
        after.write("/shm/b", b"45")
