"""Write docs/cli.md and docs/components.md: what the command lines take, as they say it themselves.

python -m tools.cli_page
"""

import importlib
import inspect
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from kubemu.__main__ import COMMANDS
from kubemu.__main__ import main as kubemu
from tools.markdown import table

ROOT = Path(__file__).parent.parent
CLI_PAGE = ROOT / "docs" / "cli.md"
COMPONENTS_PAGE = ROOT / "docs" / "components.md"
COMPONENTS = ("apiserver", "scheduler", "controller_manager", "kubelet", "kubeproxy", "kubeproxy.dns")

_CLI_INTRODUCTION = """\
# The command line

`kubemu` starts clusters and looks into them; `python -m kubemu` is the same. This page is made of what the commands say
of themselves (`python -m tools.cli_page`). The components by themselves have [a page of their own](components.md).

A command ends with 0 when it has done what it says, with 1 when it could not, and with 2 when it was called in a way
that makes no sense; why is said in a line on standard error. Variables of the environment, and what files may hold,
are among [the settings](settings.md).
"""
_COMPONENTS_INTRODUCTION = """\
# The components

Each component of a cluster is a program of its own, with upstream's options where upstream has them. `kubemu up` runs
them all; by themselves they are for clusters that are put together by hand, or of other parts. This page is made of
what they say of themselves (`python -m tools.cli_page`).
"""


def command_text(command: click.Command, called: str) -> str:
    """Return a section about a command that is started as ``called``."""
    with click.Context(command, info_name=called) as context:
        usage = " ".join([called, *command.collect_usage_pieces(context)])
        paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
        said = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
        rows = list(_rows(command.get_params(context), context))
    options = table(["option", "default", "what it does"], rows) if rows else ""
    return "\n".join([f"## {called}", "", f"    {usage}", "", said, "", options]).rstrip() + "\n"


def _rows(parameters: Sequence[click.Parameter], context: click.Context) -> Iterator[tuple[str, str, str]]:
    for parameter in parameters:
        if not isinstance(parameter, click.Option) or parameter.hidden or "--help" in parameter.opts:
            continue
        record = parameter.get_help_record(context)
        assert record is not None, "only hidden options have none"
        names, said = record
        default = parameter.get_help_extra(context).get("default", "")
        said = said.partition("  [")[0]
        yield f"`{names}`", _default(default), _plain(said)


def _default(shown: str) -> str:
    """Return a default as it is given, or in the words that stand for it, which click puts in parentheses."""
    if shown.startswith("("):
        return _plain(shown[1:-1])
    return f"`{shown}`" if shown else ""


def _plain(text: str) -> str:
    """Return text with what Markdown would take for emphasis as it is."""
    return text.replace("*", r"\*")


def cli_page() -> str:
    """Return the page about ``kubemu``."""
    context = click.Context(kubemu)
    commands = {name: kubemu.get_command(context, name) for name in COMMANDS}
    sections = [command_text(command, f"kubemu {name}") for name, command in commands.items() if command is not None]
    return "\n".join([_CLI_INTRODUCTION, *sections])


def components_page() -> str:
    """Return the page about the components."""
    sections = [
        command_text(importlib.import_module(f"{name}.__main__").main, f"python -m {name}") for name in COMPONENTS
    ]
    return "\n".join([_COMPONENTS_INTRODUCTION, *sections])


def main() -> None:
    CLI_PAGE.write_text(cli_page(), encoding="utf-8")
    COMPONENTS_PAGE.write_text(components_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
