"""SPDY frames: what a client sends becomes events, however it is cut into pieces, and answers are frames."""

import itertools
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelet.streaming.spdy import (
    DICTIONARY,
    LONGEST_CONTROL_FRAME,
    ConnectionEnding,
    DataReceived,
    Event,
    ProtocolError,
    ResetStatus,
    SpdyConnection,
    StreamEnded,
    StreamOpened,
    StreamReset,
)
from tests.kubelet.streaming.peer import Peer, control, data


def test_the_dictionary_is_the_one_of_the_draft() -> None:
    """Every zlib stream made with it names this checksum, so another one would fail with every client."""
    assert (len(DICTIONARY), zlib.adler32(DICTIONARY)) == (1423, 0xE3C6A7C2)


def test_streams_are_opened_used_and_ended() -> None:
    peer, connection = Peer(), SpdyConnection()
    sent = peer.open(1, {"streamType": "error", "port": "80"}) + peer.open(3, {"streamType": "data"}, flags=1)
    events = connection.receive(sent + data(1, b"hello") + data(1, b"", end=True) + control(7, 0, bytes(8)))
    assert events == [
        StreamOpened(1, {"streamtype": "error", "port": "80"}),
        StreamOpened(3, {"streamtype": "data"}),
        StreamEnded(3),
        DataReceived(1, b"hello"),
        StreamEnded(1),
        ConnectionEnding(),
    ]


def test_a_reset_is_heard_and_what_has_no_meaning_here_is_passed_over() -> None:
    connection = SpdyConnection()
    settings, window, unknown = control(4, 0, bytes(4)), control(9, 0, bytes(8)), control(99, 0, b"?")
    assert connection.receive(settings + window + unknown + control(3, 0, struct.pack(">II", 5, 5))) == [StreamReset(5)]


def test_a_ping_is_answered() -> None:
    connection = SpdyConnection()
    ping = control(6, 0, struct.pack(">I", 7))
    assert connection.receive(ping) == []
    assert connection.take_output() == ping
    assert connection.take_output() == b""


def test_answers_are_frames() -> None:
    peer, connection = Peer(), SpdyConnection()
    connection.reply(1, {"Name": "value"})
    connection.send(1, b"abc")
    connection.send(1, b"", end=True)
    connection.reset(3, ResetStatus.REFUSED_STREAM)
    connection.go_away()
    output = connection.take_output()
    (length,) = struct.unpack_from(">I", output, 4)
    assert output[:4] == b"\x80\x03\x00\x02"
    assert peer.read_headers(output[12 : 8 + length]) == b"\0\0\0\1\0\0\0\4name\0\0\0\5value"
    rest = data(1, b"abc") + data(1, b"", end=True) + control(3, 0, struct.pack(">II", 3, 3)) + control(7, 0, bytes(8))
    assert output[8 + length :] == rest


def test_data_longer_than_a_frame_is_sent_in_several() -> None:
    connection, content = SpdyConnection(), b"x" * (0xFFFFFF + 10)
    connection.send(1, content, end=True)
    sent = connection.take_output()
    assert sent == data(1, content[:0xFFFFFF]) + data(1, content[0xFFFFFF:], end=True)


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        pytest.param(control(1, 0, bytes(12), version=2), "SPDY version 2 is not spoken", id="version"),
        pytest.param(struct.pack(">HHI", 0x8003, 1, LONGEST_CONTROL_FRAME + 1), "too long", id="long"),
        pytest.param(control(3, 0, b""), "type 3 is cut short", id="short reset"),
        pytest.param(control(1, 0, b"\0"), "type 1 is cut short", id="short open"),
        pytest.param(control(1, 0, bytes(10) + b"not zlib"), "do not decompress", id="headers"),
        pytest.param(b"GET / HTTP/1.1\r\n", None, id="HTTP"),
    ],
)
def test_what_is_not_spdy_is_refused(sent: bytes, why: str | None) -> None:
    connection = SpdyConnection()
    if why is None:
        # Read as a data frame of a stream nobody has opened: its users refuse that.
        assert all(isinstance(event, DataReceived) for event in connection.receive(sent))
        return
    with pytest.raises(ProtocolError, match=why):
        connection.receive(sent)


@pytest.mark.parametrize("plain", [b"\0\0\0\1\0\0\0\xffab", struct.pack(">I", 100_000), b"\0"], ids=repr)
def test_broken_headers_are_refused(plain: bytes) -> None:
    deflate = zlib.compressobj(zdict=DICTIONARY)
    block = deflate.compress(plain) + deflate.flush(zlib.Z_SYNC_FLUSH)
    with pytest.raises(ProtocolError):
        SpdyConnection().receive(control(1, 0, bytes(10) + block))


def test_headers_that_decompress_to_very_much_are_refused() -> None:
    deflate = zlib.compressobj(zdict=DICTIONARY)
    block = deflate.compress(bytes(10_000_000)) + deflate.flush(zlib.Z_SYNC_FLUSH)
    with pytest.raises(ProtocolError, match="too long"):
        SpdyConnection().receive(control(1, 0, bytes(10) + block))


def _joined(events: list[Event]) -> list[Event]:
    """Put pieces of data that follow one another together."""
    joined: list[Event] = []
    for event in events:
        last = joined[-1] if joined else None
        if isinstance(event, DataReceived) and isinstance(last, DataReceived) and last.stream == event.stream:
            joined[-1] = DataReceived(event.stream, last.data + event.data)
        else:
            joined.append(event)
    return joined


@given(
    contents=st.lists(st.binary(max_size=50), max_size=5),
    cuts=st.lists(st.integers(0, 400), max_size=10),
    headers=st.dictionaries(st.text("abc", min_size=1), st.text("xyz"), max_size=4),
)
def test_how_bytes_are_cut_does_not_matter(contents: list[bytes], cuts: list[int], headers: dict[str, str]) -> None:
    sent = Peer().open(1, headers) + b"".join(data(1, content) for content in contents) + data(1, b"", end=True)
    connection, events = SpdyConnection(), []
    edges = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
    for start, end in itertools.pairwise(edges):
        events += connection.receive(sent[start:end])
    whole = b"".join(contents)
    expected: list[Event] = [StreamOpened(1, headers)]
    if whole:
        expected.append(DataReceived(1, whole))
    assert _joined(events) == [*expected, StreamEnded(1)]
