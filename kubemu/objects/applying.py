"""Objects put into a cluster by server-side apply."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from apimachinery.errors import FatalError, StatusError
from apimachinery.patch_types import PatchType
from kubemu.objects.kinds import Kinds
from kubemu.objects.manifests import Manifest
from kubemu.objects.server import Server

FIELD_MANAGER = "kubemu"

_DEFINITION = "CustomResourceDefinition"
_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_ESTABLISHED_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of an object: ``deployment.apps/web`` was ``created`` or ``configured``."""

    name: str
    result: str


def apply(server: Server, manifests: Sequence[Manifest], namespace: str) -> Iterator[Applied]:
    """Apply objects one after the other; those that name no namespace go into ``namespace``.

    Raises :class:`~apimachinery.errors.FatalError`, which names the file, for the first that is refused.
    """
    kinds = Kinds(server)
    for manifest in manifests:
        try:
            yield _apply(server, kinds, manifest.obj, namespace)
        except (StatusError, FatalError) as error:
            raise FatalError(f"{manifest.source}: {error}") from error


def _apply(server: Server, kinds: Kinds, obj: dict[str, Any], namespace: str) -> Applied:
    kind = kinds.of_object(obj)
    name = obj["metadata"]["name"]
    path = kind.path(obj["metadata"].get("namespace") or namespace, name)
    answer = server.ask(
        "PATCH",
        path,
        params={"fieldManager": FIELD_MANAGER, "force": "true"},
        body=json.dumps(obj).encode(),
        content_type=PatchType.APPLY,
    )
    if kind.kind == _DEFINITION:
        _wait_established(server, name, answer.json())
    return Applied(f"{kind.qualified}/{name}", "created" if answer.code == 201 else "configured")


def _wait_established(server: Server, name: str, definition: dict[str, Any]) -> None:
    """Return once the server serves what a definition defines."""
    if _established(definition):
        return
    params = {
        "watch": "1",
        "fieldSelector": f"metadata.name={name}",
        "resourceVersion": definition["metadata"]["resourceVersion"],
        "timeoutSeconds": str(_ESTABLISHED_SECONDS),
    }
    pending = b""
    with Server(server.url) as watching:
        for part in watching.stream(_DEFINITIONS, params=params):
            *lines, pending = (pending + part).split(b"\n")
            if any(_established(json.loads(line)["object"]) for line in lines):
                return
    raise FatalError(f"{name} is not established after {_ESTABLISHED_SECONDS} s")


def _established(definition: dict[str, Any]) -> bool:
    conditions = (definition.get("status") or {}).get("conditions") or ()
    return any(entry["type"] == "Established" and entry["status"] == "True" for entry in conditions)
