"""ConfigMaps and Secrets for containers' variables (``pkg/kubelet/configmap`` and ``secret``, v1.36).

They are read when a container is started, and kept nowhere.
"""

import base64
import binascii
from collections.abc import Iterable
from typing import Any

import orjson

from apimachinery.errors import NotFound, StatusError
from kubeclient.client import Client
from kubeclient.errors import ConnectionFailed
from kubelet.environment import ConfigError, Source, SourceKind, SourceValues

_PLURALS = {SourceKind.CONFIG_MAP: "configmaps", SourceKind.SECRET: "secrets"}


class ConfigSources:
    """Reads ConfigMaps and Secrets from the API server."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def read(self, namespace: str, sources: Iterable[Source]) -> SourceValues:
        """Return the entries of each source, ``None`` for one that is not there.

        Raises :class:`~kubelet.environment.ConfigError` when the API server refuses or does not answer.
        """
        return {source: await self._read(namespace, source) for source in sources}

    async def _read(self, namespace: str, source: Source) -> dict[str, str] | None:
        path = f"/api/v1/namespaces/{namespace}/{_PLURALS[source.kind]}/{source.name}"
        try:
            found: dict[str, Any] = orjson.loads(await self._client.request("GET", path))
        except NotFound:
            return None
        except StatusError as error:
            raise ConfigError(str(error)) from error
        except ConnectionFailed as error:
            kind = source.kind.value.lower()
            raise ConfigError(f"failed to sync {kind} cache: timed out waiting for the condition") from error
        entries: dict[str, str] = found.get("data") or {}
        return entries if source.kind is SourceKind.CONFIG_MAP else _decoded(entries)


def _decoded(entries: dict[str, str]) -> dict[str, str]:
    try:
        return {key: base64.b64decode(value, validate=True).decode(errors="replace") for key, value in entries.items()}
    except binascii.Error as error:
        raise ConfigError(f"a value is not base64: {error}") from error
