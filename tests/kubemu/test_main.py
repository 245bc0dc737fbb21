"""The command line as a whole."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from componentbase.version import git_version
from kubemu.__main__ import COMMANDS, main


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(main, ["--version"]).output == f"kubemu {git_version()}\n"


def test_every_command_is_there() -> None:
    context = click.Context(main)
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert command.help


@pytest.mark.parametrize(("shell", "said"), [("bash", "complete -o"), ("zsh", "compdef"), ("fish", "complete --")])
def test_shells_complete_it(shell: str, said: str) -> None:
    result = CliRunner().invoke(main, ["completion", shell])
    assert said in result.output
    assert "_KUBEMU_COMPLETE" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        *(pytest.param([command, "--help"], id=command) for command in ("up", "get", "status")),
        pytest.param(["reset", "--server", "http://127.0.0.1:1"], id="a reset, where no server is"),
    ],
)
def test_what_takes_no_component(arguments: list[str]) -> None:
    """What a command needs is imported when it runs: asking what there is must not take a second, nor must a reset."""
    script = (
        "import contextlib, sys; from kubemu.__main__ import main\n"
        f"with contextlib.suppress(Exception): main({arguments}, standalone_mode=False)\n"
        "print(sorted({'aiohttp', 'pydantic', 'fastapi', 'rich', 'uvloop', 'numpy', 'yaml'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"
