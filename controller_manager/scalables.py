"""The ``scale`` of objects of any kind (``k8s.io/client-go/scale``, v0.36)."""

from typing import Any

import orjson

from apimachinery.errors import NotFound
from apimachinery.types.base import Object
from kubeclient.client import Client
from kubeclient.resources import Resource

JSONObject = dict[str, Any]


class NotScalable(Exception):
    """The kind is not served, or has no scale; the text says which."""


class Scalables:
    """Finds out where kinds are served, and remembers it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._resources: dict[tuple[str, str], Resource[Object]] = {}

    async def get(self, api_version: str, kind: str, namespace: str, name: str) -> JSONObject:
        """Return the ``Scale`` of an object.

        Raises :class:`NotScalable`, or what the server refuses with: ``NotFound`` when there is no such object.
        """
        resource = await self._resource(api_version, kind)
        path = resource.path(name, namespace=namespace, subresource="scale")
        scale: JSONObject = orjson.loads(await self._client.request("GET", path))
        return scale

    async def put(self, api_version: str, kind: str, scale: JSONObject) -> None:
        """Write a ``Scale`` that was read before; ``Conflict`` when its object has changed since."""
        resource = await self._resource(api_version, kind)
        metadata = scale["metadata"]
        path = resource.path(metadata["name"], namespace=metadata["namespace"], subresource="scale")
        await self._client.request("PUT", path, body=orjson.dumps(scale))

    async def _resource(self, api_version: str, kind: str) -> Resource[Object]:
        known = self._resources.get((api_version, kind))
        if known is not None:
            return known
        group, _, version = api_version.rpartition("/")
        root = Resource(group, version, "", Object).root
        try:
            served = orjson.loads(await self._client.request("GET", root))["resources"]
        except NotFound:
            served = []
        plurals = [entry["name"] for entry in served if entry["kind"] == kind and "/" not in entry["name"]]
        if not plurals:
            raise NotScalable(f'no matches for kind "{kind}" in version "{api_version}"')
        plural = plurals[0]
        if not any(entry["name"] == f"{plural}/scale" for entry in served):
            name = f"{plural}.{group}" if group else plural
            raise NotScalable(f"{name} does not implement the scale subresource")
        self._resources[api_version, kind] = Resource(group, version, plural, Object)
        return self._resources[api_version, kind]
