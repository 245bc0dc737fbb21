"""Sandboxes: who owns what, and who reaches whom."""

from collections.abc import Sequence

from kubelet.runtime import (
    EventType,
    Mount,
    RuntimeFault,
    SandboxState,
)
from kubelet.testing.bench import Bench, Check, refused


def sandbox_checks() -> Sequence[Check]:
    """Return the checks of this module."""
    return [
        sandbox_is_first_and_last,
        stopping_the_sandbox_stops_its_containers,
        containers_share_the_address,
        containers_share_mounts,
        mounts_can_be_read_only,
        addresses_are_unique,
        pods_reach_each_other,
    ]


async def sandbox_is_first_and_last(bench: Bench) -> None:
    """S1: the sandbox is there before its containers, owns the address, and goes after them."""
    runtime = bench.runtime
    async with bench.recorded() as seen:
        pod = await bench.sandbox()
        status = runtime.pod_sandbox_status(pod)
        assert status.state is SandboxState.READY
        assert status.ip
        assert runtime.list_pod_sandboxes() == [status]
        main = await bench.run(pod, "sleep 1000")
        await runtime.stop_pod_sandbox(pod)
        assert runtime.pod_sandbox_status(pod).state is SandboxState.NOTREADY
        await runtime.remove_pod_sandbox(pod)
        await bench.until(lambda: len(seen) == 8)
    assert [(event.type, event.container_id) for event in seen] == [
        (EventType.CREATED, pod),
        (EventType.STARTED, pod),
        (EventType.CREATED, main),
        (EventType.STARTED, main),
        (EventType.STOPPED, main),
        (EventType.STOPPED, pod),
        (EventType.DELETED, main),
        (EventType.DELETED, pod),
    ]
    assert {(event.sandbox_id, event.pod_uid) for event in seen} == {(pod, "uid-pod")}
    assert runtime.list_pod_sandboxes() == []


async def stopping_the_sandbox_stops_its_containers(bench: Bench) -> None:
    """S2: the sandbox stands for the whole group; a container's end does not touch it."""
    runtime = bench.runtime
    pod = await bench.sandbox()
    short = await bench.run(pod, "exit 0", name="short")
    await bench.exited(short)
    assert runtime.pod_sandbox_status(pod).state is SandboxState.READY
    long = [await bench.run(pod, "sleep 1000", name=f"long-{number}") for number in range(2)]
    await runtime.stop_pod_sandbox(pod)
    assert [runtime.container_status(container).exit_code for container in long] == [137, 137]
    await refused(RuntimeFault, bench.create(pod, "true"))


async def containers_share_the_address(bench: Bench) -> None:
    """S3: containers of a pod reach each other on ``localhost`` and collide on a port both bind."""
    runtime = bench.runtime
    pod = await bench.sandbox()
    server = await bench.run(pod, "nc -v -lk -p 7000 -e cat", name="server")
    await bench.logged(server, b"listening")
    other = await bench.run(pod, "sleep 1000", name="other")
    assert await bench.output(other, "sh", "-c", "echo hello | nc localhost 7000") == b"hello\n"
    ip = runtime.pod_sandbox_status(pod).ip
    assert await bench.output(other, "hostname", "-i") == f"{ip}\n".encode()
    late = await bench.run(pod, "nc -l -p 7000", name="late")
    assert (await bench.exited(late)).exit_code == 1
    assert b"Address already in use" in bench.log(late)


async def containers_share_mounts(bench: Bench) -> None:
    """S4: what one container writes into a volume is read by the other, at once and by the host's name."""
    runtime = bench.runtime
    runtime.make_directory("/volumes/shared")
    runtime.write_file("/volumes/shared/from-host", b"host\n")
    pod = await bench.sandbox()
    first = await bench.run(pod, "sleep 1000", name="first", mounts=(Mount("/data", "/volumes/shared"),))
    second = await bench.run(pod, "sleep 1000", name="second", mounts=(Mount("/in/here", "/volumes/shared"),))
    await bench.output(first, "sh", "-c", "echo hello > /data/file; mkdir /data/folder")
    assert await bench.output(second, "cat", "/in/here/file", "/in/here/from-host") == b"hello\nhost\n"
    runtime.write_file("/volumes/shared/from-host", b"changed\n")
    assert await bench.output(first, "cat", "/data/from-host") == b"changed\n"
    assert await bench.output(second, "ls", "/in/here") == b"file\nfolder\nfrom-host\n"


async def mounts_can_be_read_only(bench: Bench) -> None:
    runtime = bench.runtime
    runtime.write_file("/volumes/config/key", b"value")
    pod = await bench.sandbox()
    mounts = (Mount("/etc/config", "/volumes/config", readonly=True), Mount("/etc/one", "/volumes/config/key"))
    main = await bench.run(pod, "sleep 1000", mounts=mounts)
    assert await bench.output(main, "cat", "/etc/config/key", "/etc/one") == b"valuevalue"
    refused = await runtime.exec_sync(main, ("touch", "/etc/config/other"), None)
    assert refused.exit_code == 1
    assert b"Read-only file system" in refused.stderr


async def addresses_are_unique(bench: Bench) -> None:
    """S5: no two pods have one address, and a freed one is not given out at once."""
    runtime = bench.runtime
    pods = [await bench.sandbox(f"pod-{number}") for number in range(5)]
    taken = [runtime.pod_sandbox_status(pod).ip for pod in pods]
    assert len(set(taken)) == 5
    await runtime.remove_pod_sandbox(pods[0])
    assert runtime.pod_sandbox_status(await bench.sandbox("next")).ip not in taken


async def pods_reach_each_other(bench: Bench) -> None:
    """S6: a program in one pod opens a real connection to another pod's address, and comes from its own."""
    runtime = bench.runtime
    here, there = await bench.sandbox("here"), await bench.sandbox("there")
    server = await bench.run(there, "nc -v -lk -p 7000 -e cat")
    await bench.logged(server, b"listening")
    client = await bench.run(here, "sleep 1000")
    ip = runtime.pod_sandbox_status(there).ip
    assert await bench.output(client, "sh", "-c", f"echo over there | nc {ip} 7000") == b"over there\n"
    nobody = await runtime.exec_sync(client, ("nc", "-z", ip, "7001"), None)
    assert nobody.exit_code == 1
