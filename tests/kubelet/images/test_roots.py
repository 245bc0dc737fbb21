"""``chroot``: programs and files are those below the new root."""

import pytest

from tests.kubelet.builders import container, make_pod
from tests.kubelet.fake.world import open_world
from tests.kubelet.rig import open_rig

JAIL = "mkdir -p jail/bin jail/etc; cp /bin/sh /bin/cat /bin/ls jail/bin; echo inside > jail/etc/name; "


@pytest.mark.parametrize(
    ("script", "output"),
    [
        pytest.param("chroot jail cat /etc/name", "inside\n", id="files"),
        pytest.param("chroot jail sh -c 'cd ..; pwd; ls /'", "/\nbin\netc\n", id="no-way-out"),
        pytest.param("chroot jail sh -c 'echo new > /new'; cat jail/new", "new\n", id="written"),
        pytest.param("chroot jail sh -c 'date'; echo $?", "127\n", id="programs"),
        pytest.param("chroot jail /bin/sh -c 'cat /etc/name | cat'", "inside\n", id="pipe"),
        pytest.param("chroot jail < /dev/null; echo $?", "0\n", id="shell"),
        pytest.param("chroot --userspec=1000:1000 / sh -c id", "uid=1000 gid=1000 groups=1000\n", id="user"),
    ],
)
async def test_output(script: str, output: str) -> None:
    async with open_world() as world:
        assert (await world.sh(JAIL + script))[0] == output


async def test_a_user_may_not() -> None:
    async with open_world() as world:
        _, errors, code = await world.run("chroot", "/", uid=1000)
        assert (errors, code) == ("chroot: can't change root directory to '/': Operation not permitted\n", 125)


async def test_the_node_that_a_pod_debugs() -> None:
    """``chroot /host`` in a pod that mounts the node's root, as ``kubectl debug node/...`` makes it."""
    async with open_rig() as rig:
        mount = {"name": "host-root", "mountPath": "/host"}
        debugger = container("debugger", image="shell", command=["sleep", "1000"], volumeMounts=[mount])
        await rig.add(make_pod(debugger, volumes=[{"name": "host-root", "hostPath": {"path": "/"}}]))
        pod = make_pod()
        assert "ID=kubemu" in await rig.output(pod, "chroot /host cat /etc/os-release", "debugger")
        await rig.output(pod, "chroot /host sh -c 'echo from the pod > /tmp/file'", "debugger")
        assert rig.runtime.host.read("/tmp/file") == b"from the pod\n"
        pods = await rig.output(pod, "chroot /host ls /var/log/pods", "debugger")
        assert pods.startswith("default_")
