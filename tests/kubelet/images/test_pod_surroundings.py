"""What programs see of the pod they are in: its parameters of the kernel, user, groups and files."""

from typing import Any

import pytest

from kubelet.container_config import sandbox_config
from kubelet.runtime import DNSConfig, SandboxConfig
from tests.kubelet.builders import make_pod
from tests.kubelet.images.node import Node


def test_sysctls_of_a_pod() -> None:
    sysctls = [{"name": "kernel.shm_rmid_forced", "value": "1"}]
    pod = make_pod({"name": "a", "image": "busybox"}, securityContext={"sysctls": sysctls})
    assert sandbox_config(pod, 0, dns=DNSConfig(), cluster_domain="").sysctls == {"kernel.shm_rmid_forced": "1"}


@pytest.mark.parametrize(
    ("script", "changes", "log"),
    [
        pytest.param("/bin/sysctl kernel.shm_rmid_forced", {}, b"kernel.shm_rmid_forced = 1\n", id="sysctl"),
        pytest.param("id", {"run_as_user": 1001, "run_as_group": 2002, "supplemental_groups": (3003,)},
                     b"uid=1001 gid=2002 groups=2002,3003\n", id="id"),
        pytest.param("echo test > /file; echo $?", {"read_only_root": True},
                     b"sh: can't create /file: Read-only file system\n1\n", id="read-only-root"),
        pytest.param("echo test > /file", {"run_as_user": 1001}, b"sh: can't create /file: Permission denied\n",
                     id="no-right"),
        pytest.param("echo -n OK > /dev/termination-custom-log && cat /dev/termination-custom-log",
                     {"run_as_user": 1001, "termination_message_path": "/dev/termination-custom-log"}, b"OK",
                     id="last-words"),
        pytest.param("grep Groups /proc/self/status; grep -c . /proc/1/cmdline",
                     {"run_as_user": 5, "supplemental_groups": (7,)}, b"Groups:\t0 7\n1\n", id="status"),
    ],
)  # fmt: skip
async def test_output(node: Node, script: str, changes: dict[str, Any], log: bytes) -> None:
    await node.runtime.pull_image("busybox")
    config = SandboxConfig(name="pod", namespace="default", uid="u", sysctls={"kernel.shm_rmid_forced": "1"})
    started = await node.run(await node.runtime.run_pod_sandbox(config), script, **changes)
    await node.exited(started)
    assert node.log(started) == log
