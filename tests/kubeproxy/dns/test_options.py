"""What the name server's options take, and what they refuse."""

import click
import pytest
from click.testing import CliRunner, Result

from kubeproxy.dns.options import dns_options


def run(*args: str, optional: bool = True) -> Result:
    @click.command()
    @dns_options(optional=optional)
    def command(cluster_dns: str, dns_port: int, cluster_domain: str) -> None:
        click.echo(f"{cluster_dns!r} {dns_port} {cluster_domain}")

    return CliRunner().invoke(command, args)


@pytest.mark.parametrize(
    ("args", "read"),
    [
        ([], "'127.64.0.10' 53 cluster.local\n"),
        (["--cluster-dns", "::1", "--dns-port", "0"], "'::1' 0 cluster.local\n"),
        (["--cluster-dns", ""], "'' 53 cluster.local\n"),
        (["--cluster-domain", "Kube.Example.org."], "'127.64.0.10' 53 kube.example.org\n"),
    ],
    ids=["defaults", "given", "none", "domain"],
)
def test_read(args: list[str], read: str) -> None:
    assert run(*args).output == read


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--cluster-dns", "dns"], "'dns' is not an IP address"),
        (["--cluster-dns", ""], "'' is not an IP address"),
        (["--cluster-domain", "a..b"], "'a..b' is not a domain"),
        (["--cluster-domain", "a" * 64], "is not a domain"),
        (["--dns-port", "65536"], "65536 is not in the range"),
    ],
    ids=["name", "none", "empty-label", "long-label", "port"],
)
def test_refused(args: list[str], said: str) -> None:
    result = run(*args, optional=False)
    assert result.exit_code == 2
    assert said in result.output
