"""What the server serves (``k8s.io/client-go/discovery``, v0.36)."""

import logging
from dataclasses import dataclass
from typing import Any

import orjson

from apimachinery.errors import StatusError
from apimachinery.types.base import Object
from kubeclient.client import Client
from kubeclient.resources import Resource

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Served:
    """A resource in its group's preferred version, with the verbs it takes."""

    resource: Resource[Object]
    verbs: frozenset[str]

    @property
    def qualified(self) -> str:
        """``plural.group``, as upstream prints a ``GroupVersionResource`` in conditions."""
        return f"{self.resource.plural}.{self.resource.group}"


@dataclass(frozen=True, slots=True)
class Discovered:
    """``failures`` are the groups that would not say what is in them, by ``group/version``."""

    resources: list[Served]
    failures: dict[str, str]


async def discover(client: Client) -> Discovered:
    """Ask the server for every resource of every group; a group that fails does not hide the others."""
    groups = orjson.loads(await client.request("GET", "/apis"))["groups"]
    versions = [("", "v1", "/api/v1")]
    for group in groups:
        version = group.get("preferredVersion", group["versions"][0])["version"]
        versions.append((group["name"], version, f"/apis/{group['name']}/{version}"))
    found = Discovered([], {})
    for name, version, path in versions:
        try:
            listed = orjson.loads(await client.request("GET", path))
        except StatusError as error:
            found.failures[f"{name}/{version}".lstrip("/")] = str(error)
            continue
        found.resources.extend(
            _served(name, version, entry) for entry in listed["resources"] if "/" not in entry["name"]
        )
    return found


def _served(group: str, version: str, entry: dict[str, Any]) -> Served:
    resource = Resource(group, version, entry["name"], Object, entry["namespaced"])
    return Served(resource, frozenset(entry["verbs"]))
