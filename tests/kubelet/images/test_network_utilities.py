"""``curl``, ``wget`` and ``nc``: real connections over the pod network."""

import pytest

from tests.kubelet.images.node import Node

NETEXEC = ("netexec", "--http-port", "80")


async def pair(node: Node) -> tuple[str, str]:
    """Start a server and, in another pod, a place to ask from; return the latter's id and the server's address."""
    server = await node.start("agnhost", *NETEXEC, name="server")
    client = await node.start("curlimages/curl", "sleep", "1d", name="client")
    return client, node.ip(server)


@pytest.mark.parametrize(
    ("arguments", "stdout", "stderr", "code"),
    [
        pytest.param("http://IP/hostname", "server", "", 0, id="plain"),
        pytest.param("IP:80/hostname", "server", "", 0, id="no-scheme"),
        pytest.param("-s -o /dev/null -w '%{http_code}\\n' IP/echo?code=418", "418\n", "", 0, id="write-out"),
        pytest.param("-f IP/echo?code=500", "", "curl: (22) The requested URL returned error: 500\n", 22, id="fail"),
        pytest.param("-sf IP/echo?code=500", "", "", 22, id="silent"),
        pytest.param("-sS IP:81/", "", "curl: (7) Failed to connect to IP port 81", 7, id="refused"),
        pytest.param("-s nowhere.example", "", "", 6, id="unknown-host-silent"),
        pytest.param(
            "nowhere.example", "", "curl: (6) Could not resolve host: nowhere.example\n", 6, id="unknown-host"
        ),
        pytest.param("-g -q -s 'http://IP/echo?msg=[x]'", "[x]", "", 0, id="globoff"),
        pytest.param("-s -H 'X-Mine: a b' IP/header?key=x-mine", "a b", "", 0, id="header"),
        pytest.param("-sL 'IP/redirect?location=/hostname&code=302'", "server", "", 0, id="redirect"),
        pytest.param("-sG -d msg=posted IP/echo", "posted", "", 0, id="get-data"),
        pytest.param("-s -X PUT -d x IP/echo?msg=put", "put", "", 0, id="method"),
        pytest.param("ftp://IP/x", "", 'curl: (1) Protocol "ftp" not supported\n', 1, id="scheme"),
        pytest.param(
            "--interface 192.0.2.1 IP/",
            "",
            "curl: (45) bind failed with errno 99: Cannot assign requested address\n",
            45,
            id="interface",
        ),
        pytest.param("", "", "curl: (2) no URL specified\n", 2, id="nothing"),
        pytest.param("--nonsense IP", "", "curl: unrecognized option: nonsense\n", 2, id="option"),
    ],
)
async def test_curl(node: Node, arguments: str, stdout: str, stderr: str, code: int) -> None:
    client, ip = await pair(node)
    script = f"curl {arguments}".replace("IP", ip)
    result = await node.runtime.exec_sync(client, ("sh", "-c", script), None)
    assert result.stdout.decode() == stdout
    assert result.stderr.decode().startswith(stderr.replace("IP", ip))
    assert result.exit_code == code


async def test_curl_shows_heads_and_saves_bodies(node: Node) -> None:
    client, ip = await pair(node)
    head = await node.output(client, "curl", "-sI", ip)
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    both = await node.output(client, "curl", "-si", f"{ip}/hostname")
    assert both.endswith(b"\r\n\r\nserver")
    await node.output(client, "sh", "-c", f"cd /tmp && curl -sO {ip}/hostname && curl -s -o other {ip}/hostname")
    assert await node.output(client, "cat", "/tmp/hostname", "/tmp/other") == b"serverserver"


async def test_curl_gives_up_in_time(node: Node) -> None:
    """A server that never answers."""
    await node.runtime.pull_image("agnhost")
    pod = await node.sandbox("deaf")
    deaf = await node.run(pod, "nc -v -l -p 6379 -e 'sleep 1000'")
    await node.logged(deaf, b"listening")
    asking = await node.run(
        pod, image="agnhost", command=("sh", "-c", "curl -sS --max-time 5 localhost:6379; echo $?"), name="asking"
    )
    await node.pass_time(6)
    await node.exited(asking)
    assert node.log(asking) == b"curl: (28) Operation timed out after 5000 milliseconds with 0 bytes received\n28\n"


@pytest.mark.parametrize(
    ("arguments", "stdout", "stderr", "code"),
    [
        pytest.param("-qO- http://IP/hostname", "server", "", 0, id="quiet"),
        pytest.param("-O - IP/hostname", "server", "Connecting to IP:80 (IP:80)\n", 0, id="loud"),
        pytest.param(
            "-q -O- IP/echo?code=404", "", "wget: server returned error: HTTP/1.1 404 Not Found\n", 1, id="404"
        ),
        pytest.param(
            "-qO- IP:81", "", "wget: can't connect to remote host (IP): Connection refused\n", 1, id="refused"
        ),
        pytest.param("-qO- nowhere", "", "wget: bad address 'nowhere'\n", 1, id="unknown-host"),
        pytest.param("-qO- --post-data=x IP/echo?msg=posted", "posted", "", 0, id="post"),
        pytest.param("-q --spider IP/hostname", "", "", 0, id="spider"),
        pytest.param("-qO- --header 'X-A: b' IP/header?key=X-A", "b", "", 0, id="header"),
    ],
)
async def test_wget(node: Node, arguments: str, stdout: str, stderr: str, code: int) -> None:
    client, ip = await pair(node)
    script = f"wget {arguments}".replace("IP", ip)
    result = await node.runtime.exec_sync(client, ("sh", "-c", script), None)
    assert result.stdout.decode() == stdout
    assert result.stderr.decode().startswith(stderr.replace("IP", ip))
    assert result.exit_code == code


async def test_wget_saves_what_it_gets(node: Node) -> None:
    client, ip = await pair(node)
    result = await node.runtime.exec_sync(client, ("sh", "-c", f"cd /tmp; wget {ip}/hostname; cat hostname"), None)
    assert result.stdout == b"server"
    assert b"saving to 'hostname'\n" in result.stderr
    assert b"'hostname' saved\n" in result.stderr


async def test_nc_tells_open_ports(node: Node) -> None:
    client, ip = await pair(node)
    for port, code in (("80", 0), ("81", 1)):
        assert (await node.runtime.exec_sync(client, ("nc", "-z", ip, port), None)).exit_code == code
    result = await node.runtime.exec_sync(client, ("nc", "-zv", ip, "80"), None)
    assert result.stderr.decode() == f"{ip} ({ip}:80) open\n"
    refused = await node.runtime.exec_sync(client, ("nc", "-v", ip, "81"), None)
    assert refused.stderr.decode() == f"nc: {ip} ({ip}:81): Connection refused\n"


async def test_nc_gets_an_answer_from_a_web_server(node: Node) -> None:
    """Whatever it sends: tests only look whether anything comes back."""
    client, ip = await pair(node)
    script = f"echo hostname | nc -v -t -w 2 {ip} 80"
    assert (await node.output(client, "/bin/sh", "-c", script)).startswith(b"HTTP/1.1 400 Bad Request")


async def test_nc_listens_once_or_for_ever(node: Node) -> None:
    pod = await node.sandbox()
    once = await node.run(pod, "nc -v -l -p 7000 > /tmp/got; cat /tmp/got", name="once")
    await node.logged(once, b"listening on [::]:7000")
    ip = node.ip(once)
    client = await node.run(pod, "sleep 1d", name="client")
    await node.output(client, "sh", "-c", f"echo hello | nc {ip} 7000")
    assert (await node.exited(once)).exit_code == 0
    assert node.log(once).endswith(b"hello\n")


async def test_names_come_from_the_hosts_file(node: Node) -> None:
    client, ip = await pair(node)
    await node.output(client, "sh", "-c", f"echo '{ip} web web.example # mine' >> /etc/hosts")
    assert await node.output(client, "curl", "-s", "web.example/hostname") == b"server"


async def test_the_curl_image_takes_options_addresses_and_commands(node: Node) -> None:
    server = await node.start("agnhost", *NETEXEC, name="server")
    url = f"http://{node.ip(server)}/hostname"
    for number, arguments in enumerate([("-s", url), (url,), ("curl", "-s", url), ("sh", "-c", f"curl -s {url}")]):
        asking = await node.start("curlimages/curl:8.17.0", *arguments, name=f"asking-{number}")
        assert (await node.exited(asking)).exit_code == 0
        assert node.log(asking) == b"server"
