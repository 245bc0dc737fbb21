"""``agnhost``, the image of upstream's end-to-end tests (``test/images/agnhost``, v1.36), a module a sub-command."""

import importlib
from collections.abc import Awaitable, Callable, Mapping

from kubelet.fake.image import FakeImage
from kubelet.fake.process import Process
from kubelet.images.base import shell_programs, system_tree
from kubelet.images.utilities.curl import curl

SubCommand = Callable[[Process, list[str]], Awaitable[int]]

VERSION = "2.63.0"


SUB_COMMANDS: Mapping[str, tuple[str, str]] = {
    "connect": ("connect", "connect"),
    "crd-conversion-webhook": ("crd_conversion_webhook", "crd_conversion_webhook"),
    "dns-server-list": ("dns", "dns_server_list"),
    "dns-suffix": ("dns", "dns_suffix"),
    "entrypoint-tester": ("entrypoint_tester", "entrypoint_tester"),
    "etc-hosts": ("dns", "etc_hosts"),
    "grpc-health-checking": ("grpc_health_checking", "grpc_health_checking"),
    "guestbook": ("guestbook", "guestbook"),
    "inclusterclient": ("inclusterclient", "inclusterclient"),
    "liveness": ("liveness", "liveness"),
    "logs-generator": ("logs_generator", "logs_generator"),
    "mounttest": ("mounttest", "mounttest"),
    "net": ("net", "net"),
    "netexec": ("netexec", "netexec"),
    "nettest": ("nettest", "nettest"),
    "pause": ("pause", "pause"),
    "port-forward-tester": ("port_forward_tester", "port_forward_tester"),
    "porter": ("porter", "porter"),
    "resource-consumer": ("resource_consumer", "resource_consumer"),
    "serve-hostname": ("serve_hostname", "serve_hostname"),
    "test-service-account-issuer-discovery": ("issuer_discovery", "issuer_discovery"),
    "test-webserver": ("webserver", "test_webserver"),
    "webhook": ("webhook", "webhook"),
}
"""The module and function of each sub-command. A function takes the process and the arguments behind the name."""


def sub_command(name: str) -> SubCommand | None:
    """Return a sub-command, which is imported when it is first used; ``None`` when there is none of that name."""
    if name not in SUB_COMMANDS:
        return None
    module, function = SUB_COMMANDS[name]
    command: SubCommand = getattr(importlib.import_module(f"kubelet.images.agnhost.{module}"), function)
    return command


async def agnhost(process: Process) -> int:
    """``agnhost SUB-COMMAND [FLAG]...``."""
    name = process.argv[1] if len(process.argv) > 1 else "help"
    if name == "--version":
        await process.print(f"app version {VERSION}")
        return 0
    if name in {"help", "--help", "-h"}:
        commands = "\n".join(f"  {command}" for command in SUB_COMMANDS)
        await process.print(f"Usage:\n  app [command]\n\nAvailable Commands:\n{commands}\n  help")
        return 0
    command = sub_command(name)
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
    from kubelet.images.agnhost.resource_consumer import resource_consumer

    return await resource_consumer(process, process.argv[1:])


def resource_consumer_image() -> FakeImage:
    """Return the image that has this sub-command as its only program."""
    programs = {**shell_programs(), "/consumer": _consume}
    return FakeImage(system_tree(programs), programs, ("/consumer",), size=50_000_000)
