"""Requests and responses of HTTP probes, apart from the network."""

import pytest

from apimachinery.types.probes import HTTPHeader
from kubelet.prober.http_message import ResponseReader, follow, header_lines, redirected, request, target


@pytest.mark.parametrize(
    ("path", "asked", "text"),
    [
        pytest.param("/healthz", "/healthz", "http://10.0.0.1:80/healthz", id="plain"),
        pytest.param("healthz", "/healthz", "http://10.0.0.1:80/healthz", id="no slash"),
        pytest.param("", "/", "http://10.0.0.1:80", id="empty"),
        pytest.param("/a?b=c&d", "/a?b=c&d", "http://10.0.0.1:80/a?b=c&d", id="query"),
        pytest.param("/a b", "/a%20b", "http://10.0.0.1:80/a%20b", id="a space"),
        pytest.param("/a%20b", "/a%20b", "http://10.0.0.1:80/a%20b", id="quoted already"),
        pytest.param("/a#b", "/a", "http://10.0.0.1:80/a", id="fragment"),
    ],
)
def test_the_url_of_a_probe(path: str, asked: str, text: str) -> None:
    """S32."""
    found = target("http", "10.0.0.1", 80, path)
    assert (found.path, found.text) == (asked, text)


def test_an_address_of_version_6_is_bracketed() -> None:
    assert target("http", "::1", 80, "/").text == "http://[::1]:80/"


@pytest.mark.parametrize(
    ("location", "text"),
    [
        pytest.param("/b", "http://10.0.0.1:80/b", id="path"),
        pytest.param("b?c", "http://10.0.0.1:80/x/b?c", id="relative"),
        pytest.param("https://10.0.0.1/b", "https://10.0.0.1:443/b", id="another scheme"),
        pytest.param("http://10.0.0.1:8080", "http://10.0.0.1:8080", id="another port"),
        pytest.param("http://10.0.0.2/b", None, id="another host"),
        pytest.param("ftp://10.0.0.1/b", None, id="no HTTP"),
        pytest.param("http://[", None, id="nonsense"),
    ],
)
def test_where_a_redirect_leads(location: str, text: str | None) -> None:
    origin = target("http", "10.0.0.1", 80, "/x/a")
    found = redirected(origin, origin, location)
    assert (found.text if found else None) == text


def test_headers_that_are_repeated() -> None:
    """The first ``Host`` counts; others go out as often as they are given."""
    given = [("X-A", "1"), ("host", "one"), ("Host", "two"), ("X-A", "2")]
    lines = header_lines([HTTPHeader(name=name, value=value) for name, value in given], "kube-probe/1.36")
    assert request(target("http", "10.0.0.1", 80, "/"), lines).decode() == (
        "GET / HTTP/1.1\r\nHost: one\r\nUser-Agent: kube-probe/1.36\r\nX-A: 1\r\nX-A: 2\r\nAccept: */*\r\n"
        "Connection: close\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("chunks", "complete", "ended"),
    [
        pytest.param([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", b"ok"], True, True, id="length"),
        pytest.param([b"HTTP/1.1 200 OK\r\n\r\n", b"ok"], False, True, id="to the end of the connection"),
        pytest.param([b"HTTP/1.1 200 OK\r\nContent-"], False, False, id="cut off"),
        pytest.param(
            [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n"], True, True, id="not the first"
        ),
    ],
)
def test_when_a_response_is_complete(chunks: list[bytes], *, complete: bool, ended: bool) -> None:
    reader = ResponseReader()
    for chunk in chunks:
        reader.feed(chunk)
    assert (reader.complete, reader.end()) == (complete, ended)


def test_a_redirect_that_leads_nowhere_is_judged() -> None:
    origin, reader = target("http", "10.0.0.1", 80, "/"), ResponseReader()
    reader.feed(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n")
    assert follow(origin, origin, reader) is None
