"""What the corpus cannot compare: messages, busybox's own ways, bounds, and signals over time."""

import signal

import pytest

from apimachinery.clock import ManualClock, RealClock
from tests.kubelet.fake.world import open_world


@pytest.mark.parametrize(
    ("script", "message", "code"),
    [
        pytest.param("nope", "sh: nope: not found\n", 127, id="unknown-command"),
        pytest.param("./nope", "sh: ./nope: not found\n", 127, id="unknown-path"),
        pytest.param("/etc/passwd", "sh: /etc/passwd: Permission denied\n", 126, id="no-program"),
        pytest.param("if", 'sh: syntax error: unexpected "if"\n', 2, id="unfinished"),
        pytest.param("echo 'x", "sh: syntax error", 2, id="unfinished-quote"),
        pytest.param("echo a; fi", 'sh: syntax error: unexpected "fi"\n', 2, id="stray-word"),
        pytest.param("echo > /no/such/file", "sh: can't create /no/such/file: nonexistent directory\n", 1, id="create"),
        pytest.param("cat < nothing", "sh: can't open nothing: no such file\n", 1, id="open"),
        pytest.param("set -u; echo $nothing", "sh: nothing: parameter not set\n", 2, id="unset"),
        pytest.param("echo ${x:?is needed}", "sh: x: is needed\n", 2, id="required"),
        pytest.param("readonly x=1; x=2", "sh: x: is read only\n", 2, id="readonly"),
        pytest.param("echo $((1 / 0))", "sh: divide by zero\n", 2, id="divide"),
        pytest.param("cd /nothing", "sh: cd: can't cd to /nothing: No such file or directory\n", 2, id="cd"),
        pytest.param("exec nothing; echo no", "sh: exec: nothing: not found\n", 127, id="exec"),
        pytest.param("set -x; echo a 'b c'", "+ echo a 'b c'\n", 0, id="trace"),
        pytest.param("shift 5", "sh: shift: can't shift that many\n", 1, id="shift"),
        pytest.param("kill 999", "sh: kill: can't kill pid 999: No such process\n", 1, id="kill"),
        pytest.param("f() { f; }; f", "sh: function nesting too deep\n", 2, id="endless-recursion"),
        pytest.param("cat <<", 'sh: syntax error: unexpected "<<"\n', 2, id="document-without-a-name"),
        pytest.param("diff <(echo a) b", "sh: syntax error", 2, id="what-only-bash-has"),
    ],
)
async def test_messages(script: str, message: str, code: int) -> None:
    async with open_world() as world:
        _, errors, status = await world.sh(script)
        assert errors.startswith(message)
        assert status == code


@pytest.mark.parametrize(
    ("script", "output"),
    [
        pytest.param("echo -e 'a\\tb'; echo 'a\\tb'", "a\tb\na\\tb\n", id="echo"),
        pytest.param("[[ abc == a* ]] && [[ ! -e nothing && x != y ]] && echo yes", "yes\n", id="double-brackets"),
        pytest.param(
            'v=a.b; [[ axb =~ ^$v$ ]] && [[ ! axb =~ ^"$v"$ ]] && [[ ! axb =~ a\\.b ]] && echo yes',
            "yes\n",
            id="quoted-expressions",
        ),
        pytest.param("[[ 'a b' =~ ^a.b$ ]] && [[ -z $nothing || -n x ]] && echo yes", "yes\n", id="expressions"),
        pytest.param("x=3; ((x++)); echo $x; ((x > 10)) || echo less", "4\nless\n", id="double-parentheses"),
        pytest.param("echo both &> f; cat f; echo $'a\\tb'", "both\na\tb\n", id="bashisms"),
        pytest.param("cat <<< 'here $HOME'", "here $HOME\n", id="here-string"),
        pytest.param("function f { echo $1; }; f x", "x\n", id="function-word"),
        pytest.param("echo 'echo lib $1' > l; . ./l arg", "lib arg\n", id="source-with-arguments"),
        pytest.param("set -o pipefail; false | true; echo $?", "1\n", id="pipefail"),
        pytest.param("type echo nothing; echo $?", "echo is a shell builtin\nnothing: not found\n127\n", id="type"),
    ],
)
async def test_beyond_posix(script: str, output: str) -> None:
    async with open_world() as world:
        assert (await world.sh(script))[0] == output


async def test_scripts_run_by_their_first_line() -> None:
    async with open_world() as world:
        world.fs.write("/home/me/run", b"#!/bin/sh -e\necho $0 $1\nfalse\necho never\n", mode=0o755)
        assert await world.run("/home/me/run", "arg") == ("/home/me/run arg\n", "", 1)
        world.fs.write("/home/me/env", b"#!/usr/bin/env sh\necho by env\n", mode=0o755)
        assert await world.run("./env") == ("by env\n", "", 0)


async def test_copies_and_links_of_programs_run_too() -> None:
    async with open_world() as world:
        assert await world.sh("cp /bin/echo mine; ./mine copied; ln -s /bin/echo l; ./l linked") == (
            "copied\nlinked\n",
            "",
            0,
        )


async def test_odd_names_reach_children_all_the_same() -> None:
    """A ConfigMap's keys need not be names of variables."""
    async with open_world() as world:
        output, _, _ = await world.run("sh", "-c", "env", env={"p-data-1": "odd", "fine": "yes"})
        assert {"p-data-1=odd", "fine=yes"} <= set(output.splitlines())


async def test_a_trap_waits_for_the_command_in_the_foreground() -> None:
    clock = ManualClock()
    async with open_world(clock) as world:
        started = world.start(["sh", "-c", "trap 'echo caught; exit 4' TERM; sleep 10; echo never"])
        await clock.settle()
        started.process.deliver(signal.SIGTERM)
        await clock.advance(9)
        assert bytes(started.stdout.data) == b""
        await clock.advance(2)
        assert await started.done() == ("caught\n", "", 4)


async def test_a_trap_interrupts_wait() -> None:
    clock = ManualClock()
    async with open_world(clock) as world:
        started = world.start(["sh", "-c", "trap 'echo caught' USR1; sleep 10 & wait $!; echo $?"])
        await clock.settle()
        started.process.deliver(signal.SIGUSR1)
        assert await started.done() == ("caught\n138\n", "", 0)


async def test_loops_wait_on_the_clock() -> None:
    clock = ManualClock()
    async with open_world(clock) as world:
        started = world.start(["sh", "-c", "for i in 1 2 3; do echo $i; sleep 2; done"])
        await clock.advance(3)
        assert bytes(started.stdout.data) == b"1\n2\n"
        await clock.advance(3)
        assert await started.done() == ("1\n2\n3\n", "", 0)


async def test_variables_have_a_bound() -> None:
    async with open_world() as world:
        _, errors, code = await world.sh("x=0123456789; while true; do x=$x$x; done")
        assert (errors, code) == ("sh: out of memory\n", 2)


@pytest.mark.parametrize(
    ("script", "output"),
    [
        pytest.param(
            "sleep 9 & sleep 9 & kill %1; wait %1; echo $?; kill %%; wait %2; echo $?", "143\n143\n", id="number"
        ),
        pytest.param(
            "sleep 9 & sleep 8 & kill %-; wait %-; echo $?; kill $(jobs -p) 2> /dev/null", "143\n", id="before"
        ),
        pytest.param("sleep 9 & sleep 0; kill %sleep; wait $!; echo $?", "143\n", id="name"),
        pytest.param("sleep 9 & sleep 0; jobs; kill %+", "[1]+  Running                    sleep 9\n", id="jobs"),
        pytest.param(
            "sh -c 'exit 3' & wait $!; jobs; jobs", "[1]+  Done(3)                    sh -c exit 3\n", id="done"
        ),
        pytest.param("wait %4; echo $?", "127\n", id="nobody"),
    ],
)
async def test_jobs_have_numbers(script: str, output: str) -> None:
    async with open_world(RealClock()) as world:
        assert (await world.sh(script))[0] == output


async def test_a_job_can_be_killed_and_waited_for() -> None:
    async with open_world() as world:
        assert await world.sh("sleep 1000 & kill $!; wait $!; echo $?") == ("143\n", "", 0)
