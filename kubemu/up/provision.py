"""What a cluster is given before it is said to be ready, and its start being remembered."""

from apimachinery.clock import Clock
from kubeclient.client import Client
from kubemu.up.settings import Settings

START_STATE_PATH = "/debug/start-state"
RESET_PATH = "/debug/reset"


async def provision(settings: Settings, server: str, kubeconfig: str, clock: Clock) -> None:
    """Apply the manifests, run the hooks, and have the API server take what there is then for the start."""
    async with Client(server, clock=clock) as client:
        await client.request("POST", START_STATE_PATH)
