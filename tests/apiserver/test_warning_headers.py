"""What a client is warned of fits in headers, whatever the client sent."""

import httpx
import pytest

from apiserver.warning_headers import warning_headers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('unknown field "a"', rb'299 - "unknown field \"a\""', id="quotes"),
        pytest.param("back\\slash", rb'299 - "back\\slash"', id="backslash"),
        pytest.param("a\r\nSet-Cookie: b\x00\x7f\x85", b'299 - "aSet-Cookie: b"', id="control-characters"),
        pytest.param("né", '299 - "né"'.encode(), id="not-ascii"),
        pytest.param("\ud800", b'299 - "?"', id="surrogate"),
    ],
)
def test_one_warning(text: str, expected: bytes) -> None:
    assert warning_headers([text]) == [(b"warning", expected)]


def test_what_is_said_twice_is_sent_once() -> None:
    assert len(warning_headers(["a", "b", "a"])) == 2


def test_clients_can_read_as_many_headers() -> None:
    assert len(warning_headers(map(str, range(200)))) == 80


def test_many_warnings_are_cut() -> None:
    found = warning_headers([f"{number} {'x' * 500}" for number in range(100)])
    assert len(found) == 4096 // 256
    assert all(len(value) == len('299 - ""') + 256 for _, value in found)


async def test_a_field_name_that_would_break_a_header(http: httpx.AsyncClient, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    answer = await http.post(path, json={"metadata": {"name": "a"}, "x\r\nevil: yes\x16": 1})
    assert answer.status_code == 201
    assert "evil" not in answer.headers
    assert answer.headers["warning"] == r'299 - "unknown field \"xevil: yes\""'
