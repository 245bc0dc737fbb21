"""``nginx`` and ``httpd``: real HTTP from the container's own files."""

import asyncio
import re

import httpx
import pytest

from kubelet.runtime import ContainerState, Mount
from tests.kubelet.images.node import Node


@pytest.mark.parametrize(
    ("image", "server", "words"),
    [
        pytest.param("nginx:1.27", "nginx/", "Welcome to nginx!", id="nginx"),
        pytest.param("docker.io/library/httpd", "Apache/", "It works!", id="httpd"),
    ],
)
async def test_the_first_page(node: Node, browser: httpx.AsyncClient, image: str, server: str, words: str) -> None:
    """S32: whoever asks the pod's address over HTTP is answered."""
    web = await node.start(image)
    answer = await browser.get(node.url(web))
    assert answer.status_code == 200
    assert words in answer.text
    assert answer.headers["server"].startswith(server)
    assert answer.headers["content-type"] == "text/html"
    assert answer.headers["date"] == "Thu, 01 Jan 2026 00:00:00 GMT"


async def test_files_are_the_containers(node: Node, browser: httpx.AsyncClient) -> None:
    """What an exec writes and what a volume shows is served; what is not there is not found."""
    node.runtime.write_file("/volumes/site/page.html", b"<p>from a volume</p>")
    web = await node.start("nginx", mounts=(Mount("/usr/share/nginx/html/site", "/volumes/site"),))
    await node.output(web, "sh", "-c", "echo mine > /usr/share/nginx/html/mine.txt")
    mine = await browser.get(node.url(web, "/mine.txt"))
    assert (mine.text, mine.headers["content-type"]) == ("mine\n", "text/plain")
    assert (await browser.get(node.url(web, "/site/page.html?x=1"))).text == "<p>from a volume</p>"
    missing = await browser.get(node.url(web, "/nothing"))
    assert missing.status_code == 404
    assert "404 Not Found" in missing.text
    moved = await browser.get(node.url(web, "/site"))
    assert (moved.status_code, moved.headers["location"]) == (301, "/site/")
    assert (await browser.get(node.url(web, "/site/"))).status_code == 403


async def test_other_methods(node: Node, browser: httpx.AsyncClient) -> None:
    web = await node.start("nginx")
    head = await browser.head(node.url(web))
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 100
    assert (await browser.post(node.url(web), content=b"data")).status_code == 405


async def test_what_is_asked_is_logged(node: Node, browser: httpx.AsyncClient) -> None:
    """In each server's own format."""
    line = r'127\.\d+\.\d+\.\d+ - - \[01/Jan/2026:00:00:00 \+0000\] "GET /x\?y HTTP/1\.1" 404 \d+'
    for image, ending in (("nginx", r' "-" "tester/1" "-"'), ("httpd", "")):
        web = await node.start(image, name=image)
        await browser.get(node.url(web, "/x?y"), headers={"User-Agent": "tester/1"})
        assert re.fullmatch(line + ending, node.entries(web)[-1])


async def raw(node: Node, web: str, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(*node.network.endpoint(node.ip(web), 80))
    writer.write(sent)
    received = await reader.read()
    writer.close()
    await writer.wait_closed()
    return received


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"hello\r\n\r\n", id="no-http"),
        pytest.param(b"GET / HTTP/9.9\r\n\r\n", id="unknown-version"),
        pytest.param(b"GET / HTTP/1.1\r\nbad header\r\n\r\n", id="bad-header"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", id="tls"),
    ],
)
async def test_nonsense_is_refused(node: Node, sent: bytes) -> None:
    web = await node.start("nginx")
    assert (await raw(node, web, sent)).startswith(b"HTTP/1.1 400 Bad Request\r\n")


async def test_pipelined_requests_are_answered_in_order(node: Node) -> None:
    web = await node.start("nginx")
    first, second = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert (await raw(node, web, first + second)).count(b"HTTP/1.1 404") == 2
    assert [entry.split('"')[1] for entry in node.entries(web)] == ["GET /a HTTP/1.1", "GET /b HTTP/1.1"]


@pytest.mark.parametrize("path", ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2f..%2fetc/passwd"])
async def test_nobody_leaves_the_root(node: Node, path: str) -> None:
    web = await node.start("nginx")
    answer = await raw(node, web, f"GET {path} HTTP/1.0\r\n\r\n".encode())
    assert b"root:" not in answer
    assert answer.split()[1] in {b"400", b"404"}


async def test_term_ends_it_well(node: Node, browser: httpx.AsyncClient) -> None:
    """The port is free again, and open connections are closed."""
    web = await node.start("nginx")
    await browser.get(node.url(web))
    await node.runtime.stop_container(web, 30)
    assert node.runtime.container_status(web).exit_code == 0
    with pytest.raises(httpx.TransportError):
        await browser.get(node.url(web))


async def test_a_taken_port_ends_the_second(node: Node) -> None:
    """S3: two web servers of one pod collide."""
    await node.runtime.pull_image("nginx")
    pod = await node.sandbox()
    first = await node.run(pod, image="nginx", command=(), name="first")
    await node.pass_time(0)
    second = await node.run(pod, image="nginx", command=(), name="second")
    assert (await node.exited(second)).exit_code == 1
    assert b"bind() to 0.0.0.0:80 failed (98: Address already in use)" in node.log(second)
    assert node.state(first) is ContainerState.RUNNING


async def test_asking_for_the_version_serves_nothing(node: Node) -> None:
    web = await node.start("nginx")
    result = await node.runtime.exec_sync(web, ("nginx", "-v"), None)
    assert (result.exit_code, result.stderr[:15]) == (0, b"nginx version: ")


async def test_the_same_again_is_answered_from_the_files_of_the_moment(node: Node) -> None:
    """Whatever comes between two equal requests of a kept connection: other pieces, another file, none at all."""
    web = await node.start("nginx")
    page = "/usr/share/nginx/html/page.txt"
    await node.output(web, "sh", "-c", f"printf one > {page}")
    request = b"GET /page.txt HTTP/1.1\r\nHost: x\r\n\r\n"
    reader, writer = await asyncio.open_connection(*node.network.endpoint(node.ip(web), 80))

    async def answer(*pieces: bytes) -> bytes:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        found = re.search(rb"Content-Length: (\d+)", head)
        assert found is not None
        return head.split()[1] + b" " + await reader.readexactly(int(found[1]))

    assert [await answer(request) for _ in range(3)] == [b"200 one"] * 3
    await node.output(web, "sh", "-c", f"printf two > {page}")
    assert await answer(request) == b"200 two"
    writer.write(request + request)
    assert [await answer(), await answer()] == [b"200 two", b"200 two"]
    # What looks like the same request may be the body of another.
    posted = b"POST /page.txt HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(request)
    assert (await answer(posted, request)).startswith(b"405 ")
    assert await answer(request) == b"200 two"
    await node.output(web, "rm", page)
    assert (await answer(request)).startswith(b"404 ")
    assert len([line for line in node.entries(web) if '"GET /page.txt HTTP/1.1"' in line]) == 8
    writer.close()
    await writer.wait_closed()
