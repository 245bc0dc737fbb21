"""``agnhost``, the image of upstream's end-to-end tests (``test/images/agnhost``, v1.36), a module a sub-command."""

from collections.abc import Awaitable, Callable, Mapping

from kubelet.fake.image import FakeImage
from kubelet.fake.process import Process
from kubelet.images.agnhost.connect import connect
from kubelet.images.agnhost.crd_conversion_webhook import crd_conversion_webhook
from kubelet.images.agnhost.dns import dns_server_list, dns_suffix, etc_hosts
from kubelet.images.agnhost.entrypoint_tester import entrypoint_tester
from kubelet.images.agnhost.grpc_health_checking import grpc_health_checking
from kubelet.images.agnhost.guestbook import guestbook
from kubelet.images.agnhost.issuer_discovery import issuer_discovery
from kubelet.images.agnhost.liveness import liveness
from kubelet.images.agnhost.logs_generator import logs_generator
from kubelet.images.agnhost.mounttest import mounttest
from kubelet.images.agnhost.netexec import netexec
from kubelet.images.agnhost.nettest import nettest
from kubelet.images.agnhost.pause import pause
from kubelet.images.agnhost.porter import porter
from kubelet.images.agnhost.resource_consumer import resource_consumer
from kubelet.images.agnhost.serve_hostname import serve_hostname
from kubelet.images.agnhost.webhook import webhook
from kubelet.images.agnhost.webserver import test_webserver
from kubelet.images.base import shell_programs, system_tree
from kubelet.images.utilities.curl import curl

SubCommand = Callable[[Process, list[str]], Awaitable[int]]

VERSION = "2.63.0"


def sub_commands() -> Mapping[str, SubCommand]:
    """Return the sub-commands by name; each takes the process and the arguments behind its name."""
    return {
        "connect": connect,
        "crd-conversion-webhook": crd_conversion_webhook,
        "dns-server-list": dns_server_list,
        "dns-suffix": dns_suffix,
        "entrypoint-tester": entrypoint_tester,
        "etc-hosts": etc_hosts,
        "grpc-health-checking": grpc_health_checking,
        "guestbook": guestbook,
        "liveness": liveness,
        "logs-generator": logs_generator,
        "mounttest": mounttest,
        "netexec": netexec,
        "nettest": nettest,
        "pause": pause,
        "porter": porter,
        "resource-consumer": resource_consumer,
        "serve-hostname": serve_hostname,
        "test-service-account-issuer-discovery": issuer_discovery,
        "test-webserver": test_webserver,
        "webhook": webhook,
    }


async def agnhost(process: Process) -> int:
    """``agnhost SUB-COMMAND [FLAG]...``."""
    name = process.argv[1] if len(process.argv) > 1 else "help"
    if name == "--version":
        await process.print(f"app version {VERSION}")
        return 0
    if name in {"help", "--help", "-h"}:
        commands = "\n".join(f"  {command}" for command in sub_commands())
        await process.print(f"Usage:\n  app [command]\n\nAvailable Commands:\n{commands}\n  help")
        return 0
    command = sub_commands().get(name)
    if command is None:
        await process.complain(f'Error: unknown command "{name}" for "app"\nRun \'app --help\' for usage.')
        return 1
    return await command(process, process.argv[2:])


def agnhost_image() -> FakeImage:
    """Return the image; without arguments it pauses."""
    programs = {
        **shell_programs(bash=True),
        "/usr/bin/curl": curl,
        "/agnhost": agnhost,
        "/agnhost-2": agnhost,
    }
    files = {"/localhost.crt": b"fake certificate\n", "/localhost.key": b"fake key\n", "/uploads": None}
    return FakeImage(system_tree(programs, files=files), programs, ("/agnhost",), ("pause",), size=56_600_000)


async def _consume(process: Process) -> int:
    return await resource_consumer(process, process.argv[1:])


def resource_consumer_image() -> FakeImage:
    """Return the image that has this sub-command as its only program."""
    programs = {**shell_programs(), "/consumer": _consume}
    return FakeImage(system_tree(programs), programs, ("/consumer",), size=50_000_000)
