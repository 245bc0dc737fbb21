"""Utilities about processes, and those that run others."""

import pytest

from apimachinery.clock import ManualClock
from kubelet.images.utilities import _FAMILIES, find_utility
from tests.kubelet.fake.world import World, open_world


def test_every_program_is_there() -> None:
    for module, names in _FAMILIES.items():
        for entry in names.split():
            name, _, function = entry.partition("=")
            assert callable(find_utility(module, function or name)), entry


async def timed(world: World, clock: ManualClock, script: str) -> tuple[str, str, int]:
    started = world.start(["sh", "-c", script])
    for _ in range(20):
        await clock.advance(1)
    return await started.done()


@pytest.mark.parametrize(
    ("script", "output", "errors"),
    [
        pytest.param("timeout 2 sleep 5; echo $?", "124\n", "", id="timeout"),
        pytest.param("timeout 2 sh -c 'exit 3'; echo $?", "3\n", "", id="timeout-in-time"),
        pytest.param("timeout -s KILL 1 sleep 1d; echo $?", "137\n", "", id="timeout-kill"),
        pytest.param("timeout -k 1 1 sh -c 'trap : TERM; while :; do sleep 1; done'; echo $?", "137\n", "",
                     id="timeout-kill-after"),
        pytest.param("timeout 1 nothing; echo $?", "127\n",
                     "timeout: can't execute 'nothing': No such file or directory\n", id="timeout-nothing"),
        pytest.param("sleep 10 & pgrep sleep > a; pidof sleep > b; cmp a b && killall sleep; wait $!; echo $?",
                     "143\n", "", id="killall"),
        pytest.param("killall nobody; echo $?", "1\n", "killall: nobody: no process killed\n", id="killall-nobody"),
        pytest.param("sleep 5 & pgrep -fx 'sleep 5' | wc -l; pkill -9 -fx 'sleep 5'; wait $!; echo $?", "1\n137\n", "",
                     id="pkill"),
        pytest.param("pgrep nobody; echo $?", "1\n", "", id="pgrep-nobody"),
        pytest.param("nohup sleep 5 & sleep 1; kill -HUP $!; wait $!; echo $?", "0\n", "", id="nohup"),
        pytest.param("nice -n 5 echo a; setsid echo b; nice", "a\nb\n0\n", "", id="nice"),
        pytest.param("sleep 3 & time -p wait; command time -p sleep 2", "", None, id="time"),
        pytest.param("stress --vm 1 --vm-bytes 10M -t 2s; echo $?", "0\n", None, id="stress"),
        pytest.param("uptime", " 00:00:00 up 1 day,  0:00,  0 users,  load average: 0.00, 0.00, 0.00\n", "",
                     id="uptime"),
        pytest.param("free -m | grep Mem | tr -s ' '",
                     "Mem: 8192 2048 6144 0 0 6144\n", "", id="free"),
        pytest.param("top -b -n 1 | grep 'n [1]$' | tr -s ' ' | cut -d' ' -f5-", None, "", id="top"),
        pytest.param("groups; id -G", "root\n0\n", "", id="groups"),
        pytest.param("tty; stty size", "not a tty\n", "stty: standard input: Not a tty\n", id="no-terminal"),
        pytest.param("umount /tmp; echo $?", "1\n", "umount: can't unmount /tmp: Operation not permitted\n",
                     id="umount"),
        pytest.param("usleep 1000; echo $?", "0\n", "", id="usleep"),
    ],
)  # fmt: skip
async def test_output(script: str, output: str | None, errors: str | None) -> None:
    clock = ManualClock()
    async with open_world(clock) as world:
        out, said, _ = await timed(world, clock, script)
        assert output is None or out == output
        assert errors is None or said == errors


async def test_groups_of_a_pod() -> None:
    async with open_world() as world:
        started = world.start(["id"], uid=1001, gid=2002, groups=(2002, 33, 3000))
        assert await started.done() == ("uid=1001 gid=2002 groups=2002,33(www-data),3000\n", "", 0)


@pytest.mark.parametrize(
    ("script", "output", "errors"),
    [
        pytest.param("dd if=/dev/zero of=f bs=1k count=3 status=none; stat -c %s f", "3072\n", "", id="dd"),
        pytest.param("echo abcdef | dd bs=1 skip=2 count=3 2>/dev/null", "cde", "", id="dd-skip"),
        pytest.param("printf aaaaaa > f; printf bb | dd of=f bs=1 seek=2 conv=notrunc 2>/dev/null; cat f", "aabbaa", "",
                     id="dd-seek"),
        pytest.param("dd if=nothing", "", "dd: can't open 'nothing': No such file or directory\n", id="dd-nothing"),
        pytest.param("seq 3 | dd > /dev/null", "", None, id="dd-counts"),
        pytest.param("truncate -s 5 f; stat -c %s f; truncate -s +1K f; stat -c %s f; truncate -s 2 f; stat -c %s f",
                     "5\n1029\n2\n", "", id="truncate"),
        pytest.param("f=$(mktemp); stat -c '%a %s' $f; d=$(mktemp -d /tmp/d.XXXX); test -d $d && echo ${#d}",
                     "600 0\n11\n", "", id="mktemp"),
        pytest.param("mktemp x", "", "mktemp: x: Invalid argument\n", id="mktemp-template"),
        pytest.param("echo x > f; install -m 600 f g; stat -c %a g; install -d a/b; install f a/b; ls a/b",
                     "600\nf\n", "",
                     id="install"),
        pytest.param("mkdir d; printf x > d/f; du -s d; du -a d | wc -l; du -sh d", "8\td\n2\n8.0K\td\n", "", id="du"),
        pytest.param("ln -s /etc l; realpath l/../etc/passwd", "/etc/passwd\n", "", id="realpath"),
    ],
)  # fmt: skip
async def test_files(script: str, output: str, errors: str | None) -> None:
    async with open_world() as world:
        out, said, _ = await world.sh(script)
        assert out == output
        assert errors is None or said == errors
