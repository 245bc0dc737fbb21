"""Utilities where busybox differs from what the corpus compares with, and what they say when they fail."""

import pytest

from apimachinery.clock import ManualClock
from tests.kubelet.fake.world import CIDR, open_world
from tests.live.addresses import address

HELLO = "/home/me/hello"


@pytest.mark.parametrize(
    ("script", "output"),
    [
        pytest.param("ls -l hello", "-rw-r--r--    1 root     root             6 Jan  1 00:00 hello\n", id="ls-long"),
        pytest.param("ls -ld /tmp", "drwxrwxrwt    2 root     root          4096 Jan  1  1970 /tmp\n", id="ls-folder"),
        pytest.param("ln -s x l; ls -l l | cut -c1-10,57-", "lrwxrwxrwx l -> x\n", id="ls-link"),
        pytest.param("wc hello", "        1         1         6 hello\n", id="wc"),
        pytest.param("wc -l hello hello", "1 hello\n1 hello\n2 total\n", id="wc-total"),
        pytest.param("id", "uid=0(root) gid=0(root) groups=0(root)\n", id="id"),
        pytest.param("id -u; id -un; id -g; whoami", "0\nroot\n0\nroot\n", id="id-parts"),
        pytest.param("id nobody", "uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)\n", id="id-other"),
        pytest.param("hostname; hostname -i; uname -n", f"tester\n{address(CIDR, 2)}\ntester\n", id="hostname"),
        pytest.param("uname; uname -m; uname -o", "Linux\nx86_64\nGNU/Linux\n", id="uname"),
        pytest.param("date; date +%s", "Thu Jan  1 00:00:00 UTC 2026\n1767225600\n", id="date"),
        pytest.param("date -I; date -Iseconds; date -R", None, id="date-formats"),
        pytest.param("stat -c '%U:%G %a %s %F' hello", "root:root 644 6 regular file\n", id="stat"),
        pytest.param("chown nobody:nogroup hello; stat -c '%U:%u %G:%g' hello", None, id="chown"),
        pytest.param("mv -v hello moved", "'hello' -> 'moved'\n", id="mv-verbose"),
        pytest.param("which ls nothing; echo $?", "/bin/ls\n1\n", id="which"),
        pytest.param("cat -n hello", "     1\thello\n", id="cat-numbers"),
        pytest.param("tail -f /dev/null & kill $!; wait $!; echo $?", "143\n", id="tail-null"),
        pytest.param("sleep 0.0001s; echo $?", "0\n", id="sleep"),
        pytest.param("readlink -f hello; pwd", "/home/me/hello\n/home/me\n", id="readlink"),
        pytest.param("ps -o pid=,comm,args | head -n 1", "      COMMAND          COMMAND\n", id="ps-columns"),
        pytest.param("ps -o user,args | grep '[a]rgs$'", "root     ps -o user,args\n", id="ps-user"),
        pytest.param("chgrp nogroup hello; stat -c %G hello", "nogroup\n", id="chgrp"),
        pytest.param("printf 'a\\nlonger\\nab' | wc -L; arch", "6\nx86_64\n", id="wc-longest"),
        pytest.param("ps | head -n 1", "PID   USER     TIME  COMMAND\n", id="ps"),
    ],
)
async def test_output(script: str, output: str | None) -> None:
    special = {
        "date -I; date -Iseconds; date -R": (
            "2026-01-01\n2026-01-01T00:00:00+00:00\nThu, 01 Jan 2026 00:00:00 +0000\n"
        ),
        "chown nobody:nogroup hello; stat -c '%U:%u %G:%g' hello": "nobody:65534 nogroup:65534\n",
    }
    clock = ManualClock()
    async with open_world(clock) as world:
        world.fs.write(HELLO, b"hello\n")
        started = world.start(["sh", "-c", script])
        await clock.advance(1)
        assert (await started.done())[:2] == (special.get(script, output), "")


@pytest.mark.parametrize(
    ("command", "errors", "code"),
    [
        pytest.param("cat nothing", "cat: can't open 'nothing': No such file or directory\n", 1, id="cat"),
        pytest.param("cat /etc", "cat: read error: Is a directory\n", 1, id="cat-folder"),
        pytest.param("ls nothing", "ls: nothing: No such file or directory\n", 1, id="ls"),
        pytest.param("rm nothing", "rm: can't remove 'nothing': No such file or directory\n", 1, id="rm"),
        pytest.param("rm /etc", "rm: '/etc' is a directory\n", 1, id="rm-folder"),
        pytest.param("mkdir /etc", "mkdir: can't create directory '/etc': File exists\n", 1, id="mkdir"),
        pytest.param("rmdir /etc", "rmdir: '/etc': Directory not empty\n", 1, id="rmdir"),
        pytest.param("touch /no/file", "touch: /no/file: No such file or directory\n", 1, id="touch"),
        pytest.param("cp nothing x", "cp: can't stat 'nothing': No such file or directory\n", 1, id="cp"),
        pytest.param("mv nothing x", "mv: can't rename 'nothing': No such file or directory\n", 1, id="mv"),
        pytest.param("grep x nothing", "grep: nothing: No such file or directory\n", 2, id="grep"),
        pytest.param("grep '[' /etc/passwd", "grep: bad regex '['", 2, id="grep-regex"),
        pytest.param("head nothing", "head: nothing: No such file or directory\n", 1, id="head"),
        pytest.param("sleep soon", "sleep: invalid number 'soon'\n", 1, id="sleep"),
        pytest.param("sleep", "sleep: missing operand\n", 1, id="sleep-nothing"),
        pytest.param("sed -n", "sed: usage: ", 1, id="sed-nothing"),
        pytest.param("sed k", "sed: unsupported command k\n", 1, id="sed-command"),
        pytest.param("sed s/a/b", "sed: unmatched delimiter\n", 1, id="sed-delimiter"),
        pytest.param("cut hello", "cut: expected a list of bytes, characters, or fields\n", 1, id="cut"),
        pytest.param("ls --nonsense", "ls: unrecognized option: nonsense\n", 1, id="long-option"),
        pytest.param("cat -Z", "cat: invalid option -- 'Z'\n", 1, id="option"),
        pytest.param("tail -n", "tail: option requires an argument -- 'n'\n", 1, id="option-argument"),
        pytest.param("env nothing", "env: can't execute 'nothing': No such file or directory\n", 127, id="env"),
        pytest.param("xargs nothing", "xargs: nothing: No such file or directory\n", 127, id="xargs"),
        pytest.param("kill -TERM 999", "kill: can't kill pid 999: No such process\n", 1, id="kill"),
        pytest.param("expr 1 +", "expr: syntax error\n", 2, id="expr"),
        pytest.param("expr a / b", "expr: non-integer argument\n", 2, id="expr-number"),
        pytest.param("chmod 9 /etc", "chmod: invalid mode '9'\n", 1, id="chmod"),
        pytest.param("date -d never", "date: invalid date 'never'\n", 1, id="date"),
        pytest.param("hostname other", "hostname: sethostname: Operation not permitted\n", 1, id="hostname"),
        pytest.param("ln /etc hard", "ln: hard: Operation not permitted\n", 1, id="hard-link-of-a-folder"),
        pytest.param("ln /dev/null hard", "ln: hard: Operation not permitted\n", 1, id="hard-link-of-a-device"),
        pytest.param(
            "chroot /nothing ls", "chroot: can't change root directory to '/nothing': No such", 125, id="chroot"
        ),
        pytest.param(
            "chroot /home ls", "chroot: can't execute 'ls': No such file or directory\n", 127, id="chroot-empty"
        ),
        pytest.param("link hello", "link: missing operand\n", 1, id="link"),
    ],
)
async def test_complaints(command: str, errors: str, code: int) -> None:
    async with open_world() as world:
        program, *arguments = command.replace("'['", "[").split()
        _, said, status = await world.run(program, *arguments)
        assert said.startswith(errors)
        assert status == code


async def test_tail_follows_a_growing_file() -> None:
    clock = ManualClock()
    async with open_world(clock) as world:
        world.fs.write("/home/me/log", b"old\n")
        started = world.start(["tail", "-f", "log"])
        await clock.settle()
        assert bytes(started.stdout.data) == b"old\n"
        world.fs.write("/home/me/log", b"new\n", append=True)
        await clock.advance(1.5)
        assert bytes(started.stdout.data) == b"old\nnew\n"


async def test_idle_tails_have_no_timers() -> None:
    clock = ManualClock()
    async with open_world(clock) as world:
        world.start(["tail", "-f", "/dev/null"])
        world.start(["sleep", "infinity"])
        await clock.settle()
        assert clock.sleepers == 0


async def test_new_files_belong_to_their_maker() -> None:
    async with open_world() as world:
        world.fs.chmod("/home/me", 0o777)
        await world.run("sh", "-c", "umask 027; echo x > file; mkdir folder", uid=1000)
        for name, mode in (("file", 0o640), ("folder", 0o750)):
            found = world.fs.stat(f"/home/me/{name}")
            assert (found.uid, found.gid, found.mode & 0o777) == (1000, 1000, mode)


async def test_sed_edits_lines_as_they_come() -> None:
    async with open_world() as world:
        assert await world.sh("yes | sed s/y/n/ | head -n 2") == ("n\nn\n", "", 0)
        assert await world.sh("head -c 200000 /dev/zero | tr '\\0' x | sed s/x/y/ | wc -l -c") == (
            "        0    200000\n",
            "",
            0,
        )
