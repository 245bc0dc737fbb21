"""``agnhost crd-conversion-webhook``: ``hostPort`` of one version is ``host`` and ``port`` of the other (v1.36)."""

import copy
import json
from typing import Any

from kubelet.fake.process import Process
from kubelet.images.agnhost.flags import FlagFault, parse_flags, port_flag
from kubelet.images.agnhost.server import routed, serve
from kubelet.images.agnhost.webhook import tls_of_files
from kubelet.images.http import HTTPRequest, HTTPResponse

JSONObject = dict[str, Any]

_V1, _V2 = "stable.example.com/v1", "stable.example.com/v2"
_DEFAULTS = {"tls-cert-file": "", "tls-private-key-file": "", "port": "443"}


class CannotConvert(Exception):
    """There is no way from one version to the other; the text says why."""


async def crd_conversion_webhook(process: Process, arguments: list[str]) -> int:
    """``crd-conversion-webhook --tls-cert-file F --tls-private-key-file F [--port 443]``."""
    try:
        values = parse_flags(arguments, _DEFAULTS)
        port = port_flag(values, "port")
    except FlagFault as fault:
        await process.complain(f"Error: {fault}")
        return 1
    tls = await tls_of_files(process, values["tls-cert-file"], values["tls-private-key-file"])
    if tls is None:
        return 255
    routes = {"/crdconvert": review, "/readyz": lambda request: HTTPResponse(200, b"ok")}
    return await serve(process, port, routed(routes), tls=tls)


def review(request: HTTPRequest) -> HTTPResponse:
    """Answer a ConversionReview, in the version it came in."""
    try:
        asked = json.loads(request.body)
        wanted = asked["request"]
        objects, version = wanted["objects"], wanted["desiredAPIVersion"]
    except (ValueError, KeyError, TypeError) as error:
        return HTTPResponse(400, f"failed to deserialize body: {error}\n".encode())
    answer: JSONObject = {"uid": wanted.get("uid", "")}
    try:
        answer["convertedObjects"] = [convert(obj, version) for obj in objects]
        answer["result"] = {"metadata": {}, "status": "Success"}
    except CannotConvert as error:
        answer["convertedObjects"] = []
        answer["result"] = {"metadata": {}, "status": "Failure", "message": str(error)}
    told = {"kind": "ConversionReview", "apiVersion": asked.get("apiVersion", ""), "response": answer}
    return HTTPResponse(200, json.dumps(told, separators=(",", ":")).encode(), "application/json")


def convert(obj: JSONObject, version: str) -> JSONObject:
    """Return an object in another version; raise :class:`CannotConvert`."""
    given = obj.get("apiVersion")
    if given == version:
        raise CannotConvert(f"conversion from a version to itself should not call the webhook: {version}")
    converted = {**copy.deepcopy(obj), "apiVersion": version}
    if (given, version) == (_V1, _V2):
        if "hostPort" in converted:
            joined = converted.pop("hostPort")
            parts = str(joined).split(":")
            if len(parts) != 2:
                raise CannotConvert(f"invalid hostPort value `{joined}`")
            converted["host"], converted["port"] = parts
    elif (given, version) == (_V2, _V1):
        if "host" in converted or "port" in converted:
            converted["hostPort"] = f"{converted.pop('host', '')}:{converted.pop('port', '')}"
    else:
        raise CannotConvert(f'unexpected conversion version "{version if given in {_V1, _V2} else given}"')
    return converted
