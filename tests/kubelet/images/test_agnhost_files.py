"""``agnhost``: sub-commands that look at files, names and lines."""

import re

import pytest

from kubelet.runtime import DNSConfig, ExecResult, SandboxConfig
from tests.kubelet.images.node import Node

AGNHOST = "agnhost"


@pytest.mark.parametrize(
    ("flags", "code", "output"),
    [
        pytest.param(["--file_content=/f"], 0, 'content of file "/f": hello\n\n', id="content"),
        pytest.param(["--file_mode=/f"], 0, 'mode of file "/f": -r--r-----\n', id="mode"),
        pytest.param(["--file_mode=/link"], 0, 'mode of file "/link": -r--r-----\n', id="mode through a link"),
        pytest.param(["--file_mode", "/tmp"], 0, 'mode of file "/tmp": dtrwxrwxrwx\n', id="mode of a folder"),
        pytest.param(["--file_perm=/tmp"], 0, 'perms of file "/tmp": -rwxrwxrwx\n', id="permissions"),
        pytest.param(["--file_owner=/f"], 0, 'owner UID of "/f": 1001\nowner GID of "/f": 2002\n', id="owner"),
        pytest.param(["--fs_type=/"], 0, 'mount type of "/": 2035054128\n', id="type"),
        pytest.param(
            ["--new_file_0666=/new", "--file_perm=/new"],
            0,
            'content of file "/new": mount-tester new file\n\nperms of file "/new": -rw-rw-rw-\n',
            id="a new file comes before the looks",
        ),
        pytest.param(
            ["--file_content=/no", "--file_perm=/f"],
            1,
            'perms of file "/f": -r--r-----\n'
            'error reading file content for "/no": open /no: no such file or directory\n',
            id="a failure does not end it",
        ),
    ],
)
async def test_mounttest(node: Node, flags: list[str], code: int, output: str) -> None:
    vessel = await node.start(AGNHOST)
    await node.output(vessel, "sh", "-c", "echo hello > /f; chmod 440 /f; chown 1001:2002 /f; ln -s /f /link")
    result = await node.runtime.exec_sync(vessel, ["/agnhost", "mounttest", *flags], None)
    assert result == ExecResult(output.encode(), b"", code)


async def test_mounttest_watches_a_file(node: Node) -> None:
    watching = await node.start(
        AGNHOST, "mounttest", "--file_content_in_loop=/f", "--break_on_expected_content=false", "--retry_time=5"
    )
    assert node.entries(watching) == ["Error reading file /f: open /f: no such file or directory, retrying"]
    await node.output(watching, "sh", "-c", "echo -n new > /f")
    await node.pass_time(2)
    assert node.entries(watching)[1:] == ['content of file "/f": new']
    await node.pass_time(4)
    assert (await node.exited(watching)).exit_code == 0


async def test_mounttest_stops_at_what_it_expects(node: Node) -> None:
    watching = await node.start(AGNHOST, "mounttest", "--new_file_0644=/f", "--file_content_in_loop=/f")
    assert (await node.exited(watching)).exit_code == 0


async def test_names(node: Node) -> None:
    """What ``/etc`` of a pod has, asked for in a container that does something else."""
    await node.runtime.pull_image(AGNHOST)
    dns = DNSConfig(["2.2.2.2", "3.3.3.3"], ["one.example", "two.example"])
    pod = await node.runtime.run_pod_sandbox(SandboxConfig("p", "default", "uid-p", hostname="p", dns=dns))
    started = await node.run(pod, image=AGNHOST, command=())
    assert await node.output(started, "/agnhost", "dns-suffix") == b"one.example,two.example"
    assert await node.output(started, "/agnhost", "dns-server-list") == b"2.2.2.2,3.3.3.3"
    hosts = await node.output(started, "/agnhost", "etc-hosts")
    assert hosts == await node.output(started, "cat", "/etc/hosts") + b"\n"


async def test_logs_generator(node: Node) -> None:
    """Evenly spread over its time."""
    started = await node.start(AGNHOST, "logs-generator", "--log-lines-total", "4", "--run-duration", "8s")
    for written in (1, 2, 3, 4):
        assert len(node.entries(started)) == written
        await node.pass_time(2)
    assert (await node.exited(started)).exit_code == 0
    form = r"I0101 [\d:.]+ +\d+ log.go:\d+\] (\d) (GET|POST|PUT) /api/v1/namespaces/\S+/pods/\w{3,4} [2-5]\d\d"
    found = [re.fullmatch(form, line) for line in node.entries(started)]
    assert [match and match[1] for match in found] == ["0", "1", "2", "3"]


@pytest.mark.parametrize("flags", [[], ["-t", "0", "-d", "1s"], ["-t", "3", "-d", "0"], ["-t", "x"]])
async def test_logs_generator_needs_something_to_do(node: Node, flags: list[str]) -> None:
    started = await node.start(AGNHOST, "logs-generator", *flags)
    assert (await node.exited(started)).exit_code != 0


@pytest.mark.parametrize(
    ("argument", "output"), [("--version", "app version 2.63.0\n"), ("help", "Available Commands:\n  connect\n")]
)
async def test_what_it_is(node: Node, argument: str, output: str) -> None:
    started = await node.start(AGNHOST, argument)
    assert (await node.exited(started)).exit_code == 0
    assert output in node.log(started).decode()
