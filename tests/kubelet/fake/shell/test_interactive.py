"""A shell that somebody types into."""

import contextlib
from collections.abc import AsyncIterator

import pytest

from kubelet.fake.shell.interactive import needs_more, prompt
from kubelet.fake.streams import Capture
from kubelet.fake.terminal import Terminal
from tests.kubelet.fake.world import Started, open_world


@pytest.mark.parametrize(
    "text",
    [
        "echo 'a\n",
        'echo "a\n',
        "echo a \\\n",
        "true &&\n",
        "false ||\n",
        "echo a |\n",
        "if true; then\n",
        "if true\n",
        "if true; then echo a; else\n",
        "for i in 1 2; do\n",
        "for i in 1 2\n",
        "while true; do if true; then echo a; fi\n",
        "case a in\n",
        "f() {\n",
        "(cd /tmp\n",
        "cat <<EOF\na\n",
        "cat <<-'EOF'\n\ta\n",
        "echo \"it's\n",
    ],
)
def test_what_is_only_a_beginning(text: str) -> None:
    assert needs_more(text)


@pytest.mark.parametrize(
    "text",
    [
        "ls\n",
        "echo if\n",
        "echo 'if' for \"do\"\n",
        "if true; then echo a; fi\n",
        "for i in 1 2; do echo $i; done\n",
        "while true\ndo\nbreak\ndone\n",
        "case a in a) echo b;; esac\n",
        "f() { echo a; }\n",
        "(cd /tmp)\n",
        "cat <<EOF\na\nEOF\n",
        "cat <<-EOF\na\n\tEOF\n",
        "echo a # if it's\n",
        "echo it\\'s\n",
        "sleep 1 &\n",
        "echo )\n",
        "fi\n",
    ],
)
def test_what_is_whole_or_wrong(text: str) -> None:
    assert not needs_more(text)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        pytest.param(r"\w \$ ", "~/x # ", id="busybox"),
        pytest.param(r"\u@\h:\w\$ ", "root@web-0:~/x# ", id="bash"),
        pytest.param(r"[\W] \z ", r"[x] \z ", id="others"),
    ],
)
def test_prompts(form: str, expected: str) -> None:
    assert prompt(form, user="root", host="web-0.web", cwd="/root/x", home="/root") == expected


class Typist:
    """A person before a terminal that a shell runs on."""

    def __init__(self, terminal: Terminal, shell: Started) -> None:
        self.terminal = terminal
        self.shell = shell
        self.view = Capture()
        terminal.show_to(self.view)

    async def type(self, keys: str) -> None:
        await self.terminal.type(keys.encode())

    async def end(self) -> tuple[str, int]:
        """Hang up, and return all that was seen with the shell's exit code."""
        self.terminal.hang_up()
        code = await self.shell.process.wait()
        return bytes(self.view.data).decode().replace("\r\n", "\n"), code


@contextlib.asynccontextmanager
async def open_shell(*argv: str) -> AsyncIterator[Typist]:
    async with open_world() as world:
        terminal = Terminal()
        shell = world.start(argv or ("sh",), stdin=terminal)
        shell.process.stdout = shell.process.stderr = terminal
        terminal.interrupt = shell.process.deliver_to_all
        yield Typist(terminal, shell)


async def test_commands_are_run_one_by_one() -> None:
    async with open_shell() as person:
        await person.type("cd /\rx=1; echo $x\rnope\recho $?\rfi\rif true\rthen echo yes; fi\r")
        seen, code = await person.end()
    assert code == 0
    # All was typed before the shell had begun to ask.
    echoed = "cd /\nx=1; echo $x\nnope\necho $?\nfi\nif true\nthen echo yes; fi\n"
    assert seen == (
        f"{echoed}/home/me # / # 1\n/ # sh: nope: not found\n/ # 127\n"
        '/ # sh: syntax error: unexpected "fi"\n/ # > yes\n/ # '
    )


async def test_exit_ends_it() -> None:
    async with open_shell() as person:
        await person.type("exit 3\recho no\r")
        seen, code = await person.end()
    assert code == 3
    assert seen.endswith("# ")


async def test_an_interrupt_ends_the_command_and_not_the_shell() -> None:
    async with open_shell() as person:
        await person.type("sleep 1000\r")
        await person.shell.process.clock.sleep(0)
        while not any(other.argv[0] == "sleep" for other in person.shell.process.world.processes.values()):
            await person.shell.process.clock.sleep(0)
        await person.type("\x03echo $?\r")
        seen, code = await person.end()
    assert "130\n" in seen
    assert code == 0


async def test_an_interrupt_ends_a_loop_of_builtins() -> None:
    async with open_shell() as person:
        await person.type("while true; do :; done\r")
        for _ in range(20):
            await person.shell.process.clock.sleep(0)
        await person.type("\x03echo $?\r")
        seen, _ = await person.end()
    assert "130\n" in seen


async def test_programs_read_the_terminal_too() -> None:
    async with open_shell() as person:
        await person.type("cat\r")
        while not any(other.argv[0] == "cat" for other in person.shell.process.world.processes.values()):
            await person.shell.process.clock.sleep(0)
        await person.type("hello\r\x04")
        await person.type("echo done\r")
        seen, _ = await person.end()
    assert seen.count("hello\n") == 2
    assert "# done\n" in seen
