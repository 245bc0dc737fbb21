"""What is on a block device."""

import errno

import pytest

from kubelet.fake.disk import CHUNK, MOST_KEPT, Disk

GIB = 1024**3


@pytest.mark.parametrize(
    ("writes", "position", "count", "found", "kept"),
    [
        pytest.param([], 0, 4, b"\0\0\0\0", 0, id="never written"),
        pytest.param([], GIB - 2, 10, b"\0\0", 0, id="the end"),
        pytest.param([], GIB, 10, b"", 0, id="behind the end"),
        pytest.param([(3, b"abc")], 2, 5, b"\0abc\0", 1, id="inside of a chunk"),
        pytest.param([(CHUNK - 1, b"ab")], CHUNK - 2, 4, b"\0ab\0", 2, id="over a border"),
        pytest.param([(0, b"abc"), (1, b"x")], 0, 4, b"axc\0", 1, id="again"),
        pytest.param([(5, b"abc"), (5, b"\0\0\0")], 5, 3, b"\0\0\0", 0, id="zeros are forgotten"),
        pytest.param([(0, bytes(4 * CHUNK))], 0, 1, b"\0", 0, id="zeros cost nothing"),
    ],
)
def test_what_is_read(writes: list[tuple[int, bytes]], position: int, count: int, found: bytes, kept: int) -> None:
    disk = Disk(GIB)
    for where, data in writes:
        assert disk.write(where, data) == len(data)
    assert disk.read(position, count) == found
    assert len(disk.chunks) == kept


@pytest.mark.parametrize(
    ("position", "written"),
    [
        pytest.param(96, 4, id="fits"),
        pytest.param(98, 2, id="in part"),
        pytest.param(100, None, id="at the end"),
        pytest.param(200, None, id="behind the end"),
    ],
)
def test_what_there_is_room_for(position: int, written: int | None) -> None:
    disk = Disk(100)
    if written is None:
        with pytest.raises(OSError, match="No space left") as refusal:
            disk.write(position, b"abcd")
        assert refusal.value.errno == errno.ENOSPC
    else:
        assert disk.write(position, b"abcd") == written
    assert disk.read(0, 1000)[position:] == b"abcd"[: written or 0]


def test_a_device_keeps_so_much_and_no_more() -> None:
    full = {number: b"x" * CHUNK for number in range(MOST_KEPT // CHUNK)}
    disk = Disk(2 * MOST_KEPT, full)
    with pytest.raises(OSError, match="No space left"):
        disk.write(MOST_KEPT, b"more")
    assert disk.write(0, b"other") == len(b"other")
    assert disk.write(MOST_KEPT, bytes(10)) == 10
