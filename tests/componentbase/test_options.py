"""The options that components share."""

import click
import pytest
from click.testing import CliRunner

from componentbase.options import client_options, health_options, leader_election_options, logging_options


@click.command()
@client_options
@health_options(default_port=10259)
@logging_options
def command(server: str, bind_address: str, secure_port: int, v: int) -> None:
    click.echo(f"{server} {bind_address} {secure_port} {v}")


@pytest.mark.parametrize(
    ("args", "output"),
    [
        pytest.param([], "http://127.0.0.1:8080 127.0.0.1 10259 0", id="defaults"),
        pytest.param(
            ["--server", "https://x:1/", "--bind-address", "::1", "--secure-port", "0", "-v", "4"],
            "https://x:1 ::1 0 4",
            id="given",
        ),
    ],
)
def test_values(args: list[str], output: str) -> None:
    assert CliRunner().invoke(command, args).output == output + "\n"


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["--server", "127.0.0.1:8080"], id="no scheme"),
        pytest.param(["--server", "ftp://x"], id="another scheme"),
        pytest.param(["--server", "http://"], id="no host"),
        pytest.param(["--secure-port", "70000"], id="no port"),
        pytest.param(["-v", "-1"], id="no verbosity"),
    ],
)
def test_bad_values_name_the_option(args: list[str]) -> None:
    result = CliRunner().invoke(command, args)
    assert result.exit_code == 2
    assert args[0] in result.output


DEFAULTS = {
    "lease_duration": 15.0,
    "renew_deadline": 10.0,
    "retry_period": 2.0,
    "resource_name": "lock",
    "resource_namespace": "kube-system",
}


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        pytest.param([], DEFAULTS, id="defaults"),
        pytest.param(
            [
                "--leader-elect-lease-duration=4s",
                "--leader-elect-resource-name=other",
                "--leader-elect-resource-lock=leases",
            ],
            {**DEFAULTS, "lease_duration": 4.0, "resource_name": "other"},
            id="given",
        ),
        pytest.param(["--leader-elect=false"], None, id="off"),
    ],
)
def test_leader_election_is_one_parameter(args: list[str], expected: dict[str, object] | None) -> None:
    given = []

    @click.command()
    @leader_election_options(dict, resource_name="lock")
    def elect(election: dict[str, object] | None) -> None:
        given.append(election)

    assert CliRunner().invoke(elect, args).exit_code == 0
    assert given == [expected]
