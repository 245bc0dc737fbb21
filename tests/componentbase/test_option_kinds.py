"""Kinds of options, as a command takes and shows them."""

from collections.abc import Callable
from typing import Any

import click
import pytest
from click.testing import CliRunner

from componentbase.option_kinds import all_of, count, duration, port, rate, switch

Adder = Callable[[Callable[..., Any]], Callable[..., Any]]


def invoke(option: Adder, *args: str) -> tuple[int, str]:
    """Return the exit status and what the command says: its parameters, or what is wrong."""

    @click.command()
    @option
    def command(**values: Any) -> None:
        click.echo(values)

    result = CliRunner().invoke(command, args)
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("option", "args", "expected"),
    [
        pytest.param(count("--max-pods", default=5, what=""), [], {"max_pods": 5}, id="count: default"),
        pytest.param(count("--n", default=5, what=""), ["--n=0"], {"n": 0}, id="count: nothing"),
        pytest.param(count("--n", "many", default=None, what=""), [], {"many": None}, id="count: no default"),
        pytest.param(rate("--r", default=0.1, what=""), ["--r", "2.5"], {"r": 2.5}, id="rate"),
        pytest.param(switch("--s", default=True, what=""), ["--s=false"], {"s": False}, id="switch"),
        pytest.param(port("--p", default=80, what=""), ["--p=0"], {"p": 0}, id="port"),
        pytest.param(duration("--d", default=90.0, what=""), [], {"d": 90.0}, id="duration: default"),
        pytest.param(duration("--d", default=1.0, what=""), ["--d=1m30s"], {"d": 90.0}, id="duration"),
        pytest.param(duration("--d", default=1.0, what=""), ["--d=0s"], {"d": 0.0}, id="duration: nothing"),
        pytest.param(
            all_of(port("--p", default=1, what=""), rate("--r", default=0.5, what="")), [], {"p": 1, "r": 0.5}, id="all"
        ),
    ],
)
def test_values(option: Adder, args: list[str], expected: dict[str, Any]) -> None:
    status, said = invoke(option, *args)
    assert (status, said.strip()) == (0, str(expected))


@pytest.mark.parametrize(
    ("option", "args", "said"),
    [
        pytest.param(count("--n", default=5, what="", minimum=1), "--n=0", "0 is not in the range x>=1", id="count"),
        pytest.param(rate("--r", default=0.5, what="", highest=1.0), "--r=2", "2.0 is not in the range", id="rate"),
        pytest.param(switch("--s", default=True, what=""), "--s=maybe", "'maybe' is not a valid boolean", id="switch"),
        pytest.param(port("--p", default=1, what=""), "--p=65536", "65536 is not in the range", id="port"),
        pytest.param(duration("--d", default=1.0, what=""), "--d=5", 'missing unit in duration "5"', id="unit"),
        pytest.param(duration("--d", default=1.0, what=""), "--d=-5s", "must not be negative", id="negative"),
        pytest.param(
            duration("--d", default=1.0, what="", positive=True), "--d=0s", "must be longer than nothing", id="nothing"
        ),
    ],
)
def test_values_that_are_refused(option: Adder, args: str, said: str) -> None:
    status, output = invoke(option, args)
    assert status == 2
    assert said in output


@pytest.mark.parametrize(
    ("amount", "shown"),
    [(0.0, "0s"), (0.2, "200ms"), (50.0, "50s"), (90.0, "1m30s"), (300.0, "5m"), (3600.0, "1h"), (5400.0, "1h30m")],
)
def test_help_shows_brief_durations(amount: float, shown: str) -> None:
    status, output = invoke(duration("--d", default=amount, what="How long."), "--help")
    assert status == 0
    assert f"[default: {shown}]" in output


def test_help_keeps_the_order() -> None:
    _, output = invoke(all_of(port("--b", default=1, what=""), port("--a", default=1, what="")), "--help")
    assert output.index("--b") < output.index("--a")
