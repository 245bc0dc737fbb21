"""Which images there are, what they run by default, and what stands in for the others."""

import asyncio

import pytest

from kubelet.runtime import ContainerState, PortMapping, StartFailed
from tests.kubelet.images.node import Node


@pytest.mark.parametrize(
    "image",
    [
        "busybox",
        "alpine:3.22",
        "bash:5",
        "debian:13-slim",
        "ubuntu",
        "registry.k8s.io/e2e-test-images/busybox:1.37.0-1",
    ],
)
async def test_shell_images_have_nothing_to_do(node: Node, image: str) -> None:
    """Their shell reads an empty standard input, and ends."""
    started = await node.start(image)
    assert (await node.exited(started)).exit_code == 0


@pytest.mark.parametrize(
    ("image", "has"), [("bash", True), ("debian", True), ("ubuntu", True), ("busybox", False), ("alpine", False)]
)
async def test_bash_is_where_it_is(node: Node, image: str, has: bool) -> None:
    started = await node.start(image, "sh", "-c", "command -v bash")
    assert (await node.exited(started)).exit_code == (0 if has else 127)


@pytest.mark.parametrize("image", ["registry.k8s.io/pause:3.10.2", "pause"])
async def test_pause_pauses(node: Node, image: str) -> None:
    started = await node.start(image)
    await node.pass_time(1000)
    assert node.state(started) is ContainerState.RUNNING
    await node.runtime.stop_container(started, 30)
    assert node.runtime.container_status(started).exit_code == 0
    assert node.log(started) == b""


async def test_unknown_images_stay_up_and_take_connections(node: Node) -> None:
    """On the ports the pod declares, whatever they are asked to run."""
    ports = (PortMapping(6379), PortMapping(53, "UDP"))
    started = await node.start("example.com/team/app:v1", "serve", "--fast", ports=ports)
    _, writer = await asyncio.open_connection(node.ip(started), 6379)
    writer.write(b"PING\r\n")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert node.state(started) is ContainerState.RUNNING
    pod = node.runtime.container_status(started).sandbox_id
    for port, kind in zip(ports, ("tcp", "udp"), strict=True):
        second = await node.run(pod, image="example.com/team/app:v1", command=(), ports=(port,), name=f"second-{kind}")
        assert (await node.exited(second)).exit_code == 1
        assert f"listen {kind} 0.0.0.0:{port.container_port}: bind: Address already" in node.log(second).decode()
    await node.runtime.stop_container(started, 30)
    assert node.runtime.container_status(started).exit_code == 0


@pytest.mark.parametrize("image", ["example.com/team/app:v1", "nginx", "httpd", "registry.k8s.io/agnhost"])
async def test_images_can_be_looked_into(node: Node, image: str) -> None:
    """S5: what runs a program of its own has a shell and the utilities as well; other commands are not there."""
    started = await node.start(image)
    assert await node.output(started, "sh", "-c", "echo in | cat; find /bin -name sh") == b"in\n/bin/sh\n"
    with pytest.raises(StartFailed, match='exec: "serve": executable file not found in'):
        await node.runtime.exec_sync(started, ["serve"], None)


async def test_images_have_the_files_of_a_system(node: Node) -> None:
    started = await node.start("alpine", "sh", "-c", "grep ^NAME /etc/os-release; test -x /bin/ls && ls -d /tmp /root")
    await node.exited(started)
    assert node.log(started) == b'NAME="Alpine Linux"\n/root\n/tmp\n'
