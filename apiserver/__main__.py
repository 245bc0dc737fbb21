"""``python -m apiserver``"""

from typing import Any

import click

from apimachinery.clock import Clock
from apimachinery.duration import parse_duration
from apiserver.server import serve
from apiserver.settings import Settings
from componentbase.options import clock_option, logging_options
from componentbase.process import run_component

_DEFAULTS = Settings()


def names(context: click.Context, option: click.Parameter, given: str) -> tuple[str, ...]:
    """Read a list of names with commas between them."""
    return tuple(name for name in (part.strip() for part in given.split(",")) if name)


def duration(context: click.Context, option: click.Parameter, given: str) -> float:
    """Read a duration such as 1m30s."""
    try:
        seconds = parse_duration(given)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    if seconds <= 0:
        raise click.BadParameter("it has to be longer than nothing")
    return seconds


def seconds(context: click.Context, option: click.Parameter, given: str) -> int:
    """Read a duration, which may be nothing, in whole seconds."""
    try:
        return int(parse_duration(given))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command(name="apiserver", context_settings={"max_content_width": 100})
@click.option(
    "--bind-address",
    default=_DEFAULTS.bind_address,
    show_default=True,
    metavar="IP",
    help="Address to listen on. There is no authentication: choose another than loopback only on purpose.",
)
@click.option(
    "--insecure-allow-remote",
    is_flag=True,
    help="Let --bind-address be one that other machines reach. Whoever reaches it may do everything.",
)
@click.option(
    "--allowed-hosts",
    callback=names,
    default="",
    metavar="NAME,...",
    help="Names that clients may call the server by, beside its addresses, localhost and what the cluster calls it. "
    "Requests with another Host header are refused.",
)
@click.option(
    "--cors-allowed-origins",
    callback=names,
    default="",
    metavar="REGEX,...",
    help="Origins whose pages may use the server, as regular expressions. Requests from other origins are refused.",
)
@click.option(
    "--max-requests-inflight",
    type=click.IntRange(min=0),
    default=_DEFAULTS.max_requests_inflight,
    show_default=True,
    metavar="NUMBER",
    help="How many reads may be under way at once, watches excepted; further ones get 429. 0 is no limit.",
)
@click.option(
    "--max-mutating-requests-inflight",
    type=click.IntRange(min=0),
    default=_DEFAULTS.max_mutating_requests_inflight,
    show_default=True,
    metavar="NUMBER",
    help="How many writes may be under way at once; further ones get 429. 0 is no limit.",
)
@click.option(
    "--request-timeout",
    callback=duration,
    default=f"{_DEFAULTS.request_timeout:g}s",
    show_default=True,
    metavar="DURATION",
    help="How long a request may take, watches and proxied ones excepted; then it gets 504.",
)
@click.option(
    "--min-request-timeout",
    type=click.IntRange(min=1),
    default=int(_DEFAULTS.min_request_timeout),
    show_default=True,
    metavar="SECONDS",
    help="How long a watch lasts at least when its client does not say; it lasts up to twice as long.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=_DEFAULTS.port,
    show_default=True,
    metavar="PORT",
    help="Port to serve plain HTTP on; 0 lets the system choose one, which is then logged.",
)
@click.option(
    "--watch-history",
    type=click.IntRange(min=1),
    default=_DEFAULTS.watch_history,
    show_default=True,
    metavar="WRITES",
    help="How many writes are remembered, for watches that resume and for paged lists. Older resource "
    "versions are answered with 410 Expired.",
)
@click.option(
    "--service-cluster-ip-range",
    default=_DEFAULTS.service_cluster_ip_range,
    show_default=True,
    metavar="CIDR",
    help="IPv4 network to give services their cluster addresses from. Must not overlap with the nodes' pod networks.",
)
@click.option(
    "--service-node-port-range",
    default=_DEFAULTS.service_node_port_range,
    show_default=True,
    metavar="LOW-HIGH",
    help="Ports to give services of type NodePort and LoadBalancer; both ends belong to the range.",
)
@click.option(
    "--enable-admission-plugins",
    callback=names,
    default="",
    metavar="NAME,...",
    help="Admission plugins to run beside those that are on by default. The order of names does not matter.",
)
@click.option(
    "--disable-admission-plugins",
    callback=names,
    default="",
    metavar="NAME,...",
    help="Admission plugins not to run although they are on by default.",
)
@click.option(
    "--service-account-issuer",
    multiple=True,
    default=_DEFAULTS.service_account_issuer,
    show_default=True,
    metavar="URL",
    help="Who issues tokens of service accounts. Given several times, the first issues and all are accepted.",
)
@click.option(
    "--service-account-signing-key-file",
    default="",
    metavar="FILE",
    help="PEM file of the private key, RSA or ECDSA, that signs tokens. By default a key is made that ends with the "
    "process, and its tokens with it.",
)
@click.option(
    "--service-account-key-file",
    multiple=True,
    metavar="FILE",
    help="PEM file of keys, public or private, whose tokens are accepted beside those signed here; may be repeated.",
)
@click.option(
    "--service-account-jwks-uri",
    default="",
    metavar="URL",
    help="Where /.well-known/openid-configuration says that the keys are. By default this server's /openid/v1/jwks.",
)
@click.option(
    "--service-account-max-token-expiration",
    callback=seconds,
    default="0s",
    show_default=True,
    metavar="DURATION",
    help="How long tokens last at most, from 1h to 2^32 seconds; longer ones are shortened with a warning. "
    "0 is no bound.",
)
@click.option(
    "--service-account-extend-token-expiration/--no-service-account-extend-token-expiration",
    default=_DEFAULTS.service_account_extend_token_expiration,
    show_default=True,
    help="Let the tokens that pods get by themselves last a year, and warn once they are as old as was asked for.",
)
@click.option(
    "--api-audiences",
    callback=names,
    default="",
    metavar="NAME,...",
    help="Whom tokens are for that are meant for this server. By default the first issuer.",
)
@click.option(
    "--scheduler-url",
    default=_DEFAULTS.scheduler_url,
    show_default=True,
    metavar="URL",
    help="Where the scheduler says at /healthz how it is, for componentstatuses.",
)
@click.option(
    "--controller-manager-url",
    default=_DEFAULTS.controller_manager_url,
    show_default=True,
    metavar="URL",
    help="Where the controller manager says at /healthz how it is, for componentstatuses.",
)
@click.option(
    "--enable-reset",
    is_flag=True,
    help="Have POST /debug/reset bring the cluster back to what it was at the last POST /debug/start-state.",
)
@click.option(
    "--seed",
    type=int,
    default=None,
    metavar="NUMBER",
    help="Seed of generated names and uids, for runs that repeat. Drawn anew by default.",
)
@clock_option
@logging_options
def main(clock: Clock, v: int, **options: Any) -> None:
    """Serve the Kubernetes API over a store in memory.

    Everything is forgotten when the process ends.
    """
    # Options are named after the settings they fill.
    settings = Settings(**options)
    run_component("apiserver", lambda: serve(settings, clock=clock), verbosity=v)


if __name__ == "__main__":
    main(prog_name="python -m apiserver")
