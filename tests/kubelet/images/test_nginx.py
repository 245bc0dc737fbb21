"""``nginx``: what comes of its configuration, as ConfigMaps bring it."""

import asyncio

import httpx
import pytest

from kubelet.images.nginx.config import BadConfig, Directive, parse
from kubelet.runtime import Mount
from tests.kubelet.images.node import Node

CONF = "/etc/nginx/conf.d"


async def start(node: Node, site: str, name: str = "pod", **changes: object) -> str:
    """Run nginx with one site of its own."""
    node.runtime.write_file(f"/sites/{name}/default.conf", site.encode())
    return await node.start("nginx", name=name, mounts=(Mount(CONF, f"/sites/{name}"),), **changes)


SITE = """
# a comment
server {
    listen 8080 default_server;
    root /usr/share/nginx/html;
    add_header X-All "yes; really";
    location = /healthz { return 200 'ok on $host\n'; default_type text/html; }
    location /old/ { return 301 /new$uri; }
    location /gone { return 410; }
    location /etc/ { alias /etc/nginx/; autoindex on; }
    location /app/ { try_files $uri /index.html; }
    location /none/ { try_files $uri =403; }
}
server { listen 8080; server_name other.example; location / { return 200 other; } }
"""


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        pytest.param("/", 200, "Welcome to nginx!", id="files"),
        pytest.param("/healthz", 200, "ok on 127.", id="return a text"),
        pytest.param("/healthz/x", 404, "404 Not Found", id="exact"),
        pytest.param("/old/page", 301, "301 Moved", id="redirect"),
        pytest.param("/gone", 410, "410 Gone", id="a status"),
        pytest.param("/etc/nginx.conf", 200, "conf.d", id="alias"),
        pytest.param("/etc/", 200, 'href="nginx.conf"', id="listing"),
        pytest.param("/app/any/page", 200, "Welcome to nginx!", id="fall back"),
        pytest.param("/none/x", 403, "403 Forbidden", id="fall back to a status"),
    ],
)
async def test_locations(node: Node, browser: httpx.AsyncClient, path: str, status: int, text: str) -> None:
    web = await start(node, SITE)
    answer = await browser.get(node.url(web, path, 8080))
    assert answer.status_code == status
    assert text in answer.text
    if status == 200:
        assert answer.headers["x-all"] == "yes; really"
    if status == 301:
        assert answer.headers["location"] == "/new/old/page"


async def test_servers_go_by_name(node: Node, browser: httpx.AsyncClient) -> None:
    web = await start(node, SITE)
    answer = await browser.get(node.url(web, "/healthz", 8080), headers={"Host": "other.example"})
    assert answer.text == "other"


async def test_it_passes_requests_on(node: Node, browser: httpx.AsyncClient) -> None:
    """In turn to those of a group, and with 502 when nobody is there: the tutorial's front and back end."""
    backs = [await node.start("agnhost", "netexec", name=name) for name in ("a", "b")]
    places = "".join(f"server {node.ip(back)}:8080;" for back in backs)
    front = await start(
        node,
        f"upstream backend {{ {places} }} server {{ listen 8080; location / {{ proxy_pass http://backend; }} "
        f"location /api/ {{ proxy_pass http://backend/echo?msg=; }} "
        f"location /dead {{ proxy_pass http://{node.ip(backs[0])}:9; }} }}",
        name="front",
    )
    said = [(await browser.get(node.url(front, "/hostname", 8080))).text for _ in range(3)]
    assert said == ["a", "b", "a"]
    assert (await browser.get(node.url(front, "/api/hi", 8080))).text == "hi"
    assert (await browser.get(node.url(front, "/dead", 8080))).status_code == 502
    assert b"while connecting to upstream" in node.log(front)


@pytest.mark.parametrize(
    ("site", "problem"),
    [
        pytest.param("server { location / {", 'unexpected end of file, expecting "}" in /etc/nginx/conf.d', id="open"),
        pytest.param("server { listen 80 }", 'unexpected "}" in', id="no semicolon"),
        pytest.param("server { listen 80; } }", 'unexpected "}" in', id="too many"),
        pytest.param(
            "server { location / { proxy_pass http://nobody; } }", 'host not found in upstream "nobody"', id="host"
        ),
    ],
)
async def test_it_does_not_start_with_a_bad_configuration(node: Node, site: str, problem: str) -> None:
    web = await start(node, site)
    assert (await node.exited(web)).exit_code == 1
    assert f"nginx: [emerg] {problem}" in node.log(web).decode()


async def test_it_reads_its_configuration_anew(node: Node, browser: httpx.AsyncClient) -> None:
    """A bad one changes nothing; ``-t`` says what is wrong with it."""
    web = await start(node, "server { location / { return 200 one; } }")
    assert (await node.runtime.exec_sync(web, ["nginx", "-t"], None)).exit_code == 0
    for site, text, code in (("{ return 200 two; } }", "two", 0), ("{ return 200 three;", "two", 1)):
        node.runtime.write_file("/sites/pod/default.conf", f"server {{ location / {site}".encode())
        assert (await node.runtime.exec_sync(web, ["nginx", "-t"], None)).exit_code == code
        await node.output(web, "nginx", "-s", "reload")
        await node.pass_time(0)
        assert (await browser.get(node.url(web))).text == text
    await node.output(web, "nginx", "-s", "quit")
    assert (await node.exited(web)).exit_code == 0


async def test_templates_are_filled_in(node: Node, browser: httpx.AsyncClient) -> None:
    template = b"server { listen ${PORT}; location / { return 200 '$NAME at $host'; } }"
    node.runtime.write_file("/templates/default.conf.template", template)
    mounts = (Mount("/etc/nginx/templates", "/templates"),)
    web = await node.start("nginx", mounts=mounts, env={"PORT": "8088", "NAME": "me"})
    assert (await browser.get(node.url(web, "/", 8088))).text.startswith("me at 127.")


async def test_a_port_that_is_taken(node: Node) -> None:
    web = await start(node, "server { listen 80; }")
    pod = node.runtime.container_status(web).sandbox_id
    other = await node.run(pod, image="nginx", command=(), name="other")
    assert (await node.exited(other)).exit_code == 1
    assert b"nginx: [emerg] bind() to 0.0.0.0:80 failed" in node.log(other)
    await asyncio.wait_for(node.runtime.stop_container(web, 30), 10)


def test_what_is_parsed() -> None:
    text = 'a \'b; c\' "d\\"e"; f { g; } # h'
    assert parse(text, "x") == (Directive("a", ["b; c", 'd"e']), Directive("f", [], [Directive("g", [])]))
    with pytest.raises(BadConfig, match='expecting ";" or "}" in x'):
        parse("a b", "x")
