"""The kubelet's command line: what is refused, and what settings it makes."""

import click
import pytest
from click.testing import CliRunner

from kubelet.__main__ import main
from kubelet.eviction.thresholds import Signal
from kubelet.options import identity_options, offer_options, reserve_options, settings_of, shutdown_options


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--nodes", "2", "--node-name", "a"], "--node-name and --nodes cannot both be given"),
        (["--nodes", "2", "--node-shapes", "x"], "--nodes and --node-shapes cannot both be given"),
        (["--nodes", "2", "--node-ip", "127.0.0.1"], "--node-ip is for a process of one node"),
        (["--node-ip", "nonsense"], "nonsense"),
        (["--name-prefix", "A_"], "'A_' does not begin names"),
        (["--eviction-hard", "cpu<1"], "unsupported eviction signal cpu"),
        (["--eviction-hard", "memory.available"], "is not of the form signal<quantity"),
        (["--eviction-soft", "memory.available<1Gi"], "grace period must be specified for the soft eviction"),
        (["--system-reserved", "cpu=lots"], "quantities must match"),
        (["--system-reserved", "cpu=-1"], "must not be negative"),
        (["--pod-cidr", "127.1.2.3/8"], "has host bits set"),
        (["--shutdown-grace-period-critical-pods", "1s"], "must not exceed --shutdown-grace-period"),
        (["--shutdown-grace-period", "soon"], "invalid duration"),
        (["--image-gc-low-threshold", "85"], "--image-gc-low-threshold must be less than --image-gc-high-threshold"),
    ],
)
def test_what_is_refused(args: list[str], said: str) -> None:
    done = CliRunner().invoke(main, args)
    assert done.exit_code == 2
    assert said in done.output


@click.command()
@identity_options
@offer_options
@reserve_options
@shutdown_options
def show(**options: object) -> None:
    settings = settings_of(options)
    click.echo(f"{settings.cpu} {settings.kube_reserved} {settings.shutdown_grace_period}")
    for threshold in settings.eviction_thresholds:
        click.echo(f"{threshold.signal} {threshold.grace}")


def test_settings() -> None:
    args = ["--cpu", "8", "--kube-reserved", "cpu=1", "--shutdown-grace-period", "1m", "--eviction-hard", ""]
    soft = ["--eviction-soft", "memory.available<1Gi", "--eviction-soft-grace-period", "memory.available=90s"]
    done = CliRunner().invoke(show, [*args, *soft])
    assert done.output.splitlines() == ["8 {'cpu': '1'} 60.0", f"{Signal.MEMORY} 90.0"]
