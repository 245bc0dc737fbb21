"""Objects that the server itself sees to in its cluster."""

from typing import Any

from apimachinery.errors import AlreadyExists, Forbidden, NotFound
from apiserver.handlers.context import Context, WriteOptions
from apiserver.handlers.create import create_object
from apiserver.registry.resource import ResourceInfo

JSONObject = dict[str, Any]


def info_of(context: Context, group: str, plural: str) -> ResourceInfo:
    """Return a built-in resource, in version ``v1``."""
    found = context.registry.find(group, "v1", plural)
    assert found is not None
    return found


async def create_own(context: Context, group: str, plural: str, obj: JSONObject) -> bool:
    """Create an object of the cluster's own; return whether it was not there yet.

    What admission refuses, because the flags have it so, is done without.
    """
    info, metadata = info_of(context, group, plural), obj["metadata"]
    try:
        await context.objects.get(info, metadata.get("namespace", ""), metadata["name"])
    except NotFound:
        pass
    else:
        # Looked at first: an object that has an address already would be refused for that, not for being there.
        return False
    try:
        await create_object(context, info, obj, WriteOptions())
    except (AlreadyExists, Forbidden, NotFound):
        return False
    return True
