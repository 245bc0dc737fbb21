"""``agnhost``, the image of upstream's end-to-end tests (``test/images/agnhost``, v1.36), a module a sub-command."""

from collections.abc import Awaitable, Callable, Mapping

from kubelet.fake.image import FakeImage
from kubelet.fake.process import Process
from kubelet.images.agnhost.entrypoint_tester import entrypoint_tester
from kubelet.images.agnhost.grpc_health_checking import grpc_health_checking
from kubelet.images.agnhost.liveness import liveness
from kubelet.images.agnhost.netexec import netexec
from kubelet.images.agnhost.pause import pause
from kubelet.images.agnhost.serve_hostname import serve_hostname
from kubelet.images.agnhost.webserver import test_webserver
from kubelet.images.base import shell_programs, system_tree
from kubelet.images.utilities.curl import curl

SubCommand = Callable[[Process, list[str]], Awaitable[int]]


def sub_commands() -> Mapping[str, SubCommand]:
    """Return the sub-commands by name; each takes the process and the arguments behind its name."""
    return {
        "entrypoint-tester": entrypoint_tester,
        "grpc-health-checking": grpc_health_checking,
        "liveness": liveness,
        "netexec": netexec,
        "pause": pause,
        "serve-hostname": serve_hostname,
        "test-webserver": test_webserver,
    }


async def agnhost(process: Process) -> int:
    """``agnhost SUB-COMMAND [FLAG]...``."""
    name = process.argv[1] if len(process.argv) > 1 else ""
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
