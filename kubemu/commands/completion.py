"""``kubemu completion``: what makes a shell complete the command line."""

import click
from click.shell_completion import get_completion_class

from kubemu.environment import COMPLETE

_SHELLS = ("bash", "zsh", "fish")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script that has a SHELL complete `kubemu` and its options.

    In bash: source <(kubemu completion bash). In fish: kubemu completion fish | source.
    """
    kind = get_completion_class(shell)
    assert kind is not None, "click knows the shells that it can be asked for"
    # Without the check of bash's version, which starts a bash.
    made = kind(context.find_root().command, {}, "kubemu", COMPLETE)
    click.echo(made.source_template % made.source_vars())
