"""An operator as kopf's own tutorial builds one: each widget gets a ConfigMap, and says so in its status."""

import os
from typing import Any

import httpx
import kopf

SERVER, GROUP = os.environ["TEST_SERVER"], os.environ["TEST_GROUP"]


@kopf.on.startup()
def configure(settings: kopf.OperatorSettings, **_: Any) -> None:
    settings.posting.enabled = True
    settings.watching.server_timeout = 60


@kopf.on.login()
def login(**_: Any) -> kopf.ConnectionInfo:
    return kopf.ConnectionInfo(server=SERVER)


def _path(namespace: str | None, name: str = "") -> str:
    return f"{SERVER}/api/v1/namespaces/{namespace}/configmaps/{name}"


@kopf.on.create(GROUP, "v1", "widgets")
async def create(
    spec: kopf.Spec, body: kopf.Body, name: str | None, namespace: str | None, logger: Any, **_: Any
) -> dict[str, str]:
    child = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": f"{name}-child"},
        "data": {"size": str(spec["size"])},
    }
    kopf.adopt(child)
    async with httpx.AsyncClient(trust_env=False) as http:
        (await http.post(_path(namespace), json=child)).raise_for_status()
    logger.info("made the child")
    kopf.info(body, reason="Made", message="made the child")
    return {"child": f"{name}-child"}


@kopf.on.field(GROUP, "v1", "widgets", field="spec.size", old=kopf.PRESENT)
async def resize(new: Any, name: str | None, namespace: str | None, **_: Any) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        patch = {"data": {"size": str(new)}}
        headers = {"content-type": "application/merge-patch+json"}
        (await http.patch(_path(namespace, f"{name}-child"), json=patch, headers=headers)).raise_for_status()


@kopf.on.delete(GROUP, "v1", "widgets")
async def delete(name: str | None, namespace: str | None, **_: Any) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        (await http.delete(_path(namespace, f"{name}-child"))).raise_for_status()
