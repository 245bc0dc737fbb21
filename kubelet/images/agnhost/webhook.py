"""``agnhost webhook``: admits or refuses by what objects say of themselves (``test/images/agnhost/webhook``, v1.36)."""

import base64
import json
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

from kubelet.fake.process import Process
from kubelet.images.agnhost.flags import FlagFault, go_error, log_line, parse_flags, port_flag
from kubelet.images.agnhost.server import routed, serve
from kubelet.images.certificates import context_of
from kubelet.images.http import Handler, HTTPRequest, HTTPResponse

JSONObject = dict[str, Any]
Decision = Callable[[JSONObject], JSONObject]
"""Takes a review's request; returns the response, without its uid."""

_DEFAULTS = {"tls-cert-file": "", "tls-private-key-file": "", "port": "443", "sidecar-image": ""}
_DELAY_SECONDS = 5.0
_VERSIONS = frozenset({"admission.k8s.io/v1", "admission.k8s.io/v1beta1"})
_ALLOWED: JSONObject = {"allowed": True}
_MARK = "webhook-e2e-test"


async def webhook(process: Process, arguments: list[str]) -> int:
    """``webhook --tls-cert-file F --tls-private-key-file F [--port 443] [--sidecar-image IMAGE]``."""
    try:
        values = parse_flags(arguments, _DEFAULTS)
        port = port_flag(values, "port")
    except FlagFault as fault:
        await process.complain(f"Error: {fault}")
        return 1
    tls = await tls_of_files(process, values["tls-cert-file"], values["tls-private-key-file"])
    if tls is None:
        return 255
    deciding = decisions(values["sidecar-image"])
    routes: dict[str, Handler] = {path: reviewing(decide) for path, decide in deciding.items()}
    routes["/always-allow-delay-5s"] = _delayed(process, reviewing(lambda request: _ALLOWED))
    routes["/readyz"] = lambda request: HTTPResponse(200, b"ok")
    routes["/pods"] = _forever(process, routes["/pods"])
    return await serve(process, port, routed(routes), tls=tls)


async def tls_of_files(process: Process, certificate: str, key: str) -> ssl.SSLContext | None:
    """Return the context of a container's files; say in the log why there is none."""
    content = []
    for path in (certificate, key):
        try:
            content.append(process.fs.read(process.path(path)))
        except OSError as error:
            await process.stderr.write(log_line(process, go_error("open", path, error), "F"))
            return None
    try:
        return context_of(*content)
    except ssl.SSLError as error:
        await process.stderr.write(log_line(process, f"tls: failed to find any PEM data: {error.reason}", "F"))
        return None


def decisions(sidecar_image: str) -> dict[str, Decision]:
    """Return what is decided, by the path that is asked."""
    return {
        "/always-deny": lambda request: _denied({"message": "this webhook denies all requests"}),
        "/add-label": _add_label,
        "/pods": _pods,
        "/pods/attach": _attach,
        "/mutating-pods": _mutate_pods,
        "/mutating-pods-sidecar": lambda request: _add_sidecar(request, sidecar_image),
        "/configmaps": lambda request: _by_data(request, "configmap", "key and value"),
        "/mutating-configmaps": _mutate_data,
        "/custom-resource": lambda request: _by_data(request, "custom resource", "data"),
        "/mutating-custom-resource": _mutate_data,
        "/crd": _definitions,
    }


def reviewing(decide: Decision) -> Handler:
    """Return the handler of reviews in either version."""

    def handle(request: HTTPRequest) -> HTTPResponse:
        if request.headers.get("content-type") != "application/json":
            return HTTPResponse(200)
        try:
            review = json.loads(request.body)
            version, asked = review["apiVersion"], review["request"]
        except (ValueError, KeyError, TypeError) as error:
            return HTTPResponse(400, f"Request could not be decoded: {error}\n".encode())
        if version not in _VERSIONS or review.get("kind") != "AdmissionReview":
            return HTTPResponse(400, f"Unsupported group version kind: {version}, Kind={review.get('kind')}\n".encode())
        answer = {
            "kind": "AdmissionReview",
            "apiVersion": version,
            "response": {"uid": asked.get("uid", ""), **decide(asked)},
        }
        return HTTPResponse(200, json.dumps(answer, separators=(",", ":")).encode(), "application/json")

    return handle


def _delayed(process: Process, handler: Handler) -> Handler:
    async def handle(request: HTTPRequest) -> HTTPResponse:
        await process.sleep(_DELAY_SECONDS)
        answer = handler(request)
        assert isinstance(answer, HTTPResponse)
        return answer

    return handle


def _forever(process: Process, handler: Handler) -> Handler:
    """Never answer about a pod that asks to be waited for."""

    def handle(request: HTTPRequest) -> HTTPResponse | Awaitable[HTTPResponse]:
        try:
            pod = json.loads(request.body)["request"]["object"]
            waits = _labels(pod).get(_MARK) == "wait-forever"
        except (ValueError, KeyError, TypeError):
            waits = False
        return _never(process) if waits else handler(request)

    return handle


async def _never(process: Process) -> HTTPResponse:
    await process.wait()
    return HTTPResponse(500)


def _labels(obj: JSONObject) -> dict[str, str]:
    return (obj.get("metadata") or {}).get("labels") or {}


def _denied(result: JSONObject) -> JSONObject:
    return {"allowed": False, "status": {"metadata": {}, **result}}


def _patched(patch: list[JSONObject]) -> JSONObject:
    if not patch:
        return _ALLOWED
    content = base64.b64encode(json.dumps(patch).encode()).decode()
    return {"allowed": True, "patch": content, "patchType": "JSONPatch"}


def _subject(request: JSONObject) -> JSONObject:
    """Return the object that is at stake: the old one, when it is to be deleted."""
    found: JSONObject = request.get("oldObject" if request.get("operation") == "DELETE" else "object") or {}
    return found


def _add_label(request: JSONObject) -> JSONObject:
    labels = _labels(_subject(request))
    if not labels:
        return _patched([{"op": "add", "path": "/metadata/labels", "value": {"added-label": "yes"}}])
    operation = "replace" if "added-label" in labels else "add"
    if labels.get("added-label") == "yes":
        return _ALLOWED
    return _patched([{"op": operation, "path": "/metadata/labels/added-label", "value": "yes"}])


def _pods(request: JSONObject) -> JSONObject:
    pod, problems = _subject(request), []
    if _labels(pod).get(_MARK) == "webhook-disallow":
        problems.append("the pod contains unwanted label;")
    containers = (pod.get("spec") or {}).get("containers") or []
    problems += [
        "the pod contains unwanted container name;"
        for container in containers
        if "webhook-disallow" in container.get("name", "")
    ]
    return _denied({"message": " ".join(problems)}) if problems else _ALLOWED


def _attach(request: JSONObject) -> JSONObject:
    options = request.get("object") or {}
    meant = options.get("stdin") and options.get("container") == "container1"
    if request.get("name") == "to-be-attached-pod" and meant:
        return _denied({"message": "attaching to pod 'to-be-attached-pod' is not allowed"})
    return _ALLOWED


def _has(containers: list[JSONObject], name: str) -> bool:
    return any(container.get("name") == name for container in containers)


def _mutate_pods(request: JSONObject) -> JSONObject:
    pod, name = _subject(request), "webhook-added-init-container"
    present = _has((pod.get("spec") or {}).get("initContainers") or [], name)
    if (pod.get("metadata") or {}).get("name") != "webhook-to-be-mutated" or present:
        return _ALLOWED
    added = {"image": "webhook-added-image", "name": name, "resources": {}}
    return _patched([{"op": "add", "path": "/spec/initContainers", "value": [added]}])


def _add_sidecar(request: JSONObject, image: str) -> JSONObject:
    if not image:
        message = "No image specified by the sidecar-image parameter"
        return _denied({"status": "Failure", "message": message, "code": 500})
    name = "webhook-added-sidecar"
    if _has((_subject(request).get("spec") or {}).get("containers") or [], name):
        return _ALLOWED
    added = {"image": image, "name": name, "resources": {}}
    return _patched([{"op": "add", "path": "/spec/containers/-", "value": added}])


def _by_data(request: JSONObject, what: str, unwanted: str) -> JSONObject:
    """Refuse what is marked as not to be had, or not to be deleted."""
    mark = (_subject(request).get("data") or {}).get(_MARK)
    if request.get("operation") == "DELETE":
        if mark == "webhook-nondeletable":
            return _denied({"reason": f"the {what} cannot be deleted because it contains unwanted key and value"})
    elif mark == "webhook-disallow":
        return _denied({"reason": f"the {what} contains unwanted {unwanted}"})
    return _ALLOWED


def _mutate_data(request: JSONObject) -> JSONObject:
    """Take an object one stage further than it is."""
    data = _subject(request).get("data") or {}
    stage = 2 if data.get("mutation-stage-1") == "yes" else 1 if data.get("mutation-start") == "yes" else 0
    return _patched([{"op": "add", "path": f"/data/mutation-stage-{stage}", "value": "yes"}] if stage else [])


def _definitions(request: JSONObject) -> JSONObject:
    if _labels(_subject(request)).get(_MARK) == "webhook-disallow":
        return _denied({"message": "the crd contains unwanted label"})
    return _ALLOWED
