"""Names and addresses: what containers of a pod find in their files, and whose address they have."""

from collections.abc import Sequence
from dataclasses import replace

from kubelet.runtime import DNSConfig, HostAlias, Mount, RuntimeFault, SandboxConfig
from kubelet.testing.bench import Bench, Check, refused

CONFIG = SandboxConfig(
    name="pod",
    namespace="default",
    uid="uid-pod",
    hostname="box",
    domain="sub.default.svc.cluster.local",
    host_aliases=(HostAlias("192.0.2.7", ("alias", "other")),),
    dns=DNSConfig(("192.0.2.53",), ("a.example", "b.example"), ("ndots:5",)),
)


def name_checks() -> Sequence[Check]:
    """Return the checks of this module."""
    return [
        files_name_the_pod,
        files_are_shared_and_can_be_written,
        mounts_go_before_the_pods_files,
        the_nodes_network_is_the_nodes_address,
        processes_are_shared_on_request,
    ]


async def _sandbox(bench: Bench, config: SandboxConfig) -> str:
    await bench.runtime.pull_image("busybox")
    return await bench.runtime.run_pod_sandbox(config)


async def files_name_the_pod(bench: Bench) -> None:
    pod = await _sandbox(bench, CONFIG)
    main = await bench.run(pod, "sleep 1000")
    ip = bench.runtime.pod_sandbox_status(pod).ip
    hosts = (await bench.output(main, "cat", "/etc/hosts")).decode().splitlines()
    assert hosts[0] == "# Kubernetes-managed hosts file."
    assert f"{ip}\tbox.sub.default.svc.cluster.local\tbox" in hosts
    assert hosts[-1] == "192.0.2.7\talias\tother"
    assert await bench.output(main, "cat", "/etc/hostname") == b"box\n"
    assert await bench.output(main, "hostname") == b"box\n"
    resolver = await bench.output(main, "cat", "/etc/resolv.conf")
    assert resolver == b"search a.example b.example\nnameserver 192.0.2.53\noptions ndots:5\n"


async def files_are_shared_and_can_be_written(bench: Bench) -> None:
    """S4: what one container writes there, the others read; a read-only root does not matter."""
    pod = await _sandbox(bench, CONFIG)
    one = await bench.run(pod, "sleep 1000", name="one", read_only_root=True)
    other = await bench.run(pod, "sleep 1000", name="other")
    await bench.output(one, "sh", "-c", "echo 192.0.2.8 added >> /etc/hosts")
    assert (await bench.output(other, "tail", "-n", "1", "/etc/hosts")) == b"192.0.2.8 added\n"


async def mounts_go_before_the_pods_files(bench: Bench) -> None:
    pod = await _sandbox(bench, CONFIG)
    bench.runtime.host.write("/own-hosts", b"mine\n")
    main = await bench.run(pod, "sleep 1000", mounts=(Mount("/etc/hosts", "/own-hosts"),))
    assert await bench.output(main, "cat", "/etc/hosts") == b"mine\n"


async def the_nodes_network_is_the_nodes_address(bench: Bench) -> None:
    """Pods on it have one address, one set of ports and the node's hosts; leaving it does not give it away."""
    config = replace(CONFIG, host_network=True)
    one, other = await _sandbox(bench, config), await _sandbox(bench, replace(config, uid="uid-other"))
    ips = {bench.runtime.pod_sandbox_status(pod).ip for pod in (one, other)}
    assert len(ips) == 1
    main = await bench.run(one, "nc -lk -p 7070 -e cat & echo ready; sleep 1000")
    await bench.logged(main, b"ready")
    second = await bench.run(other, "sleep 0.1; nc -l -p 7070")
    await bench.pass_time(1)
    await bench.exited(second)
    assert b"Address already in use" in bench.log(second)
    hosts = (await bench.output(main, "cat", "/etc/hosts")).decode().splitlines()
    assert hosts[0] == "# Kubernetes-managed hosts file (host network)."
    assert hosts[-1] == "192.0.2.7\talias\tother"
    await bench.runtime.remove_pod_sandbox(other)
    third = await _sandbox(bench, replace(CONFIG, uid="uid-third"))
    assert bench.runtime.pod_sandbox_status(third).ip not in ips


async def processes_are_shared_on_request(bench: Bench) -> None:
    """The pause container is number 1; containers see and end one another's processes."""
    pod = await _sandbox(bench, replace(CONFIG, share_process_namespace=True))
    one = await bench.run(pod, "sleep 1000", name="one")
    other = await bench.run(pod, "sleep 2000", name="other")
    listed = (await bench.output(one, "ps")).decode()
    assert "/pause" in listed.splitlines()[1]
    assert "sleep 2000" in listed
    number = next(line.split()[0] for line in listed.splitlines() if "sleep 2000" in line)
    await bench.output(one, "kill", number)
    assert (await bench.exited(other)).exit_code == 143
    alone = await bench.run(await _sandbox(bench, replace(CONFIG, uid="uid-alone")), "sleep 3000")
    assert b"sleep 1000" not in await bench.output(alone, "ps")
    await bench.output(one, "kill", "1")
    await bench.exited(one)
    await refused(RuntimeFault, bench.create(pod))
