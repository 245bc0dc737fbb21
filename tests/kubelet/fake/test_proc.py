"""``/proc`` and ``/dev``: what containers see there."""

import pytest

from apimachinery.clock import ManualClock, ScaledClock
from kubelet.fake.tree import Layer
from kubelet.fake.tree_snapshot import decode, encode
from tests.kubelet.fake.world import open_world


@pytest.mark.parametrize(
    ("script", "output"),
    [
        pytest.param("grep Cpus_allowed_list /proc/self/status | cut -f2", "0-3\n", id="cpus"),
        pytest.param("cat /proc/self/cmdline | tr '\\0' ' '", "cat /proc/self/cmdline ", id="cmdline"),
        pytest.param("cd /tmp; readlink /proc/self/cwd", "/tmp\n", id="cwd"),
        pytest.param("X=1 cat /proc/self/environ | tr '\\0' '\\n' | grep X", "X=1\n", id="environ"),
        pytest.param("sleep 100 & tr '\\0' ' ' < /proc/$!/cmdline; kill $!", "sleep 100 ", id="others"),
        pytest.param("sleep 100 & kill $!; wait $!; ls /proc/$! 2>/dev/null || echo gone", "gone\n", id="ended"),
        pytest.param("cat /proc/sys/kernel/shm_rmid_forced", "1\n", id="sysctl-file"),
        pytest.param("sysctl kernel.shm_rmid_forced", "kernel.shm_rmid_forced = 1\n", id="sysctl"),
        pytest.param("sysctl -n net/core/somaxconn kernel.hostname", "4096\ntester\n", id="sysctl-values"),
        pytest.param("grep -c processor /proc/cpuinfo; nproc", "4\n4\n", id="processors"),
        pytest.param("head -n 1 /proc/meminfo", "MemTotal:        8388608 kB\n", id="memory"),
        pytest.param("cut -d' ' -f1-3 /proc/mounts | head -n 2", "overlay / overlay\nproc /proc proc\n", id="mounts"),
        pytest.param("stat -c %s /proc/version; wc -l < /proc/version", "0\n1\n", id="sizes"),
        pytest.param("cat /dev/zero | head -c 3 | od -An -tx1", " 00 00 00\n", id="zero"),
        pytest.param("head -c 100000 /dev/urandom | wc -c", "100000\n", id="urandom"),
        pytest.param("echo a | cat /dev/stdin; echo b > /dev/stdout; ls /dev/fd/", "a\nb\n0\n1\n2\n", id="streams"),
        pytest.param("{ echo a > /dev/stderr; } 2>&1 >/dev/null; echo b | tee /dev/fd/1", "a\nb\nb\n", id="redirected"),
        pytest.param("ln -s /dev/stdout log; echo line | tee log", "line\nline\n", id="linked-log"),
        pytest.param("echo x > /dev/shm/f; cat /dev/shm/f", "x\n", id="shm"),
    ],
)  # fmt: skip
async def test_output(script: str, output: str) -> None:
    async with open_world() as world:
        world.container.sysctls = {"kernel.shm_rmid_forced": "1"}
        assert await world.sh(script) == (output, "", 0)


@pytest.mark.parametrize(
    ("script", "errors"),
    [
        pytest.param("mkdir /proc/x", "mkdir: can't create directory '/proc/x': Read-only file system\n", id="mkdir"),
        pytest.param("rm -r /proc/1x", "rm: can't remove '/proc/1x': No such file or directory\n", id="rm"),
        pytest.param("echo 1 > /proc/sys/vm/swappiness",
                     "sh: can't create /proc/sys/vm/swappiness: Read-only file system\n", id="sysctl-file"),
        pytest.param("sysctl -w vm.swappiness=1", "sysctl: error setting key 'vm.swappiness': Read-only file system\n",
                     id="sysctl-set"),
        pytest.param("sysctl no.such", "sysctl: error: 'no/such' is an unknown key\n", id="sysctl-unknown"),
        pytest.param("cat /dev/tty", "cat: can't open '/dev/tty': No such device or address\n", id="tty"),
        pytest.param("echo x | tee /dev/full > /dev/null", "tee: No space left on device\n", id="full"),
        pytest.param("sort /dev/zero", "sort: out of memory\n", id="all-of-zero"),
        pytest.param("sed p /dev/zero", "sed: out of memory\n", id="zero-by-lines"),
    ],
)  # fmt: skip
async def test_refusals(script: str, errors: str) -> None:
    async with open_world(ScaledClock(1000)) as world:
        out, said, code = await world.sh(script)
        assert (out, said) == ("", errors)
        assert code


async def test_what_a_container_writes_elsewhere_keeps_proc_live() -> None:
    """Copying the root for a write leaves ``/proc`` what it is, and so does saving it."""
    async with open_world() as world:
        base = world.fs.root
        await world.sh("echo x > /file; rm /dev/random")
        saved = encode(world.fs.root, base)
        restored = decode(saved, base, Layer())
        assert sorted(restored.entries) == sorted(world.fs.root.entries)  # type: ignore[attr-defined]
        assert (await world.sh("cat /proc/self/status | wc -l; ls /dev/random"))[0] == "19\n"


async def test_endless_devices_starve_nobody() -> None:
    clock = ManualClock()
    async with open_world(clock) as world:
        endless = world.start(["sh", "-c", "cat /dev/urandom > /dev/null"])
        assert await world.sh("echo answered") == ("answered\n", "", 0)
        assert endless.process.exit_code is None
