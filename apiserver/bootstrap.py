"""What a cluster has before anyone has created anything."""

from apimachinery.errors import AlreadyExists
from apiserver.handlers.context import Context, WriteOptions
from apiserver.handlers.create import create_object

SYSTEM_NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")


async def create_system_namespaces(context: Context) -> None:
    """Create the namespaces every cluster starts with; those that are there already stay as they are."""
    namespaces = context.registry.find("", "v1", "namespaces")
    assert namespaces is not None
    for name in SYSTEM_NAMESPACES:
        try:
            await create_object(context, namespaces, {"metadata": {"name": name}}, WriteOptions())
        except AlreadyExists:
            continue
