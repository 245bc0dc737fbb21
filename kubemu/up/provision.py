"""What a cluster is given before it is said to be ready, and its start being remembered."""

import asyncio
import os

from apimachinery.errors import FatalError
from kubemu.environment import KUBECONFIG, SERVER
from kubemu.objects.manifests import Manifest
from kubemu.up.settings import Settings

START_STATE_PATH = "/debug/start-state"


async def provision(settings: Settings, manifests: list[Manifest], server: str, kubeconfig: str) -> None:
    """Apply the manifests, run the hooks, and have the API server take what there is then for the start.

    Raises :class:`~apimachinery.errors.FatalError` for an object that is refused and a hook that fails.
    """
    if manifests:
        # The requests are made in a thread, so that the loop can answer them.
        await asyncio.to_thread(_apply, server, manifests)
    for command in settings.init_hooks:
        await run_hook(command, server, kubeconfig)
    await _remember(server)


def _apply(url: str, manifests: list[Manifest]) -> None:
    from kubemu.objects.applying import apply
    from kubemu.objects.server import Server

    with Server(url) as server:
        for _ in apply(server, manifests, "default"):
            pass


async def _remember(url: str) -> None:
    from kubeclient.client import Client

    async with Client(url) as client:
        await client.request("POST", START_STATE_PATH)


async def run_hook(command: str, server: str, kubeconfig: str) -> None:
    """Run a shell command with ``KUBECONFIG`` and ``KUBEMU_SERVER`` set; raise ``FatalError`` when it fails.

    What it writes is shown only then. When this is cancelled, it is ended.
    """
    process = await asyncio.create_subprocess_shell(
        command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, KUBECONFIG: kubeconfig, SERVER: server},
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        said = output.decode(errors="replace").rstrip()
        raise FatalError(
            f"init hook {command!r} ended with status {process.returncode}" + (f":\n{said}" if said else "")
        )
