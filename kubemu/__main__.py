"""``kubemu``, also as ``python -m kubemu``."""

import importlib
from typing import Any

import click

from apimachinery.errors import FatalError, StatusError

COMMANDS = {
    name: f"kubemu.commands.{name}"
    for name in ("up", "down", "status", "apply", "get", "logs", "why", "kill", "reset", "demo", "completion")
}
"""The module of each command, which has it under the command's own name."""


class _Commands(click.Group):
    """Imports a command when it is asked for: most need little of what all of them need together."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(COMMANDS[cmd_name]), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what a person can mend is told in one line, with exit status 1."""
        try:
            return super().invoke(ctx)
        except (FatalError, StatusError) as error:
            raise click.ClickException(str(error)) from error


def _show_version(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        # Which takes reading what is installed: no other command waits for that.
        from componentbase.version import git_version

        click.echo(f"kubemu {git_version()}")
        context.exit()


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version, with that of Kubernetes, and exit.",
)
def main() -> None:
    """A Kubernetes control plane with fake containers, on this machine, without a cluster."""


if __name__ == "__main__":
    main(prog_name="kubemu")
