"""From a manifest file to a pod of one node (``pkg/kubelet/config/{common,file}.go``, v1.36).

What an API server would do to a pod it is given, the kubelet has to do here: decode, default, check.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import orjson

from apimachinery import names
from apimachinery.clock import rfc3339_micro
from apimachinery.pod_defaults import default_pod, qos_class
from apimachinery.pod_references import referenced_resources
from apimachinery.schema.bundle import load_bundle
from apimachinery.schema.decoder import DecodeError, Decoder, FieldValidation, without_nulls
from apimachinery.types.pod import Pod

CONFIG_SOURCE = "kubernetes.io/config.source"
CONFIG_HASH = "kubernetes.io/config.hash"
CONFIG_SEEN = "kubernetes.io/config.seen"
CONFIG_MIRROR = "kubernetes.io/config.mirror"
FILE = "file"

JSONObject = dict[str, Any]

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


class BadManifest(ValueError):
    """A file does not hold a pod that can be run; the text says why."""


@dataclass(frozen=True, slots=True)
class StaticPod:
    """A pod from a file. ``shown`` is what the file says, with what the kubelet adds; its mirror looks like that.

    ``run`` is what is run: never probed, and restarted whatever the restart policies say.
    """

    file: str
    shown: JSONObject
    run: Pod

    @property
    def uid(self) -> str:
        return self.run.metadata.uid

    @property
    def key(self) -> str:
        """Namespace and name; no two pods of a node have the same."""
        return self.run.key


def is_static(pod: Pod) -> bool:
    """Whether a pod comes from a file of its node."""
    return pod.metadata.annotations.get(CONFIG_SOURCE) == FILE and CONFIG_MIRROR not in pod.metadata.annotations


def is_mirror(pod: Pod) -> bool:
    """Whether a pod of the API server only shows one that comes from a file."""
    return CONFIG_MIRROR in pod.metadata.annotations


def read_manifest(content: bytes, *, file: str, node_name: str, seen: datetime) -> StaticPod:
    """Return the pod that a manifest stands for on a node; raises :class:`BadManifest`."""
    obj = _decoded(content)
    metadata = obj.setdefault("metadata", {})
    name = metadata.get("name", "")
    if not name:
        raise BadManifest("invalid pod: name is needed for the pod")
    if not metadata.get("uid"):
        stable = orjson.dumps(obj, option=orjson.OPT_SORT_KEYS)
        digest = hashlib.md5(f"host:{node_name}file:{file}".encode() + stable, usedforsecurity=False)
        metadata["uid"] = digest.hexdigest()
    metadata["name"] = f"{name}-{node_name.lower()}"
    metadata["namespace"] = metadata.get("namespace") or "default"
    metadata["annotations"] = {
        **metadata.get("annotations", {}),
        CONFIG_HASH: metadata["uid"],
        CONFIG_SEEN: rfc3339_micro(seen),
        CONFIG_SOURCE: FILE,
    }
    _complete(obj, node_name)
    problems = [*_problems(obj)]
    if problems:
        raise BadManifest(f"invalid pod: {'; '.join(problems)}")
    if resource := next(referenced_resources(obj["spec"]), ""):
        # Nobody could read it for the pod.
        raise BadManifest(f"static pods may not reference {resource}")
    return StaticPod(file, obj, Pod.model_validate(as_run(obj)))


@cache
def _decoder() -> Decoder:
    bundle = load_bundle()
    return Decoder(bundle, bundle.kind("v1", "Pod"))


def _decoded(content: bytes) -> JSONObject:
    from apimachinery.yaml_documents import YAMLError, parse

    try:
        given = parse(content)
    except YAMLError as error:
        raise BadManifest(str(error)) from error
    if not isinstance(given, dict):
        raise BadManifest("it holds no object")
    if (given.get("apiVersion"), given.get("kind")) != ("v1", "Pod"):
        raise BadManifest(f"it holds a {given.get('kind') or 'nameless kind'}, not a Pod of v1")
    try:
        decoded: JSONObject = _decoder().decode(without_nulls(given), FieldValidation.IGNORE).object
    except DecodeError as error:
        raise BadManifest(f"cannot be handled as a Pod: {error}") from error
    return decoded


def _complete(obj: JSONObject, node_name: str) -> None:
    """Give a pod what the API server and the scheduler would."""
    default_pod(obj)
    spec = obj["spec"]
    spec["nodeName"] = node_name
    # Trouble with the node is no reason to stop what may be there to mend it.
    everything = {"operator": "Exists", "effect": "NoExecute"}
    tolerations = spec.setdefault("tolerations", [])
    if everything not in tolerations:
        tolerations.append(everything)
    obj["status"] = {"phase": "Pending", "qosClass": qos_class(obj)}


def as_run(obj: JSONObject) -> JSONObject:
    """Return a pod as it is run: without probes, and with nothing in it that would keep a container from a restart."""
    spec = {**obj["spec"], "restartPolicy": "Always"}
    spec["containers"] = [_unwatched(container) for container in spec.get("containers", ())]
    if "initContainers" in spec:
        spec["initContainers"] = [_unwatched(container, init=True) for container in spec["initContainers"]]
    return {**obj, "spec": spec}


def _unwatched(container: JSONObject, *, init: bool = False) -> JSONObject:
    # An init container that restarts always is a sidecar, which is another matter.
    sidecar = init and container.get("restartPolicy") == "Always"
    dropped = {*_PROBES, "restartPolicyRules"} | (set() if sidecar else {"restartPolicy"})
    return {key: value for key, value in container.items() if key not in dropped}


def _problems(obj: JSONObject) -> Iterator[str]:
    """Yield what keeps a pod from being run at all. Everything else shows when it is run."""
    for problem in names.dns_subdomain(obj["metadata"]["name"]):
        yield f"metadata.name: Invalid value: {obj['metadata']['name']!r}: {problem}"
    if not obj["spec"].get("containers"):
        yield "spec.containers: Required value"
    seen: set[str] = set()
    for where in ("initContainers", "containers"):
        for number, container in enumerate(obj["spec"].get(where, ())):
            path, name = f"spec.{where}[{number}]", container.get("name", "")
            for problem in names.dns_label(name):
                yield f"{path}.name: Invalid value: {name!r}: {problem}"
            if name in seen:
                yield f"{path}.name: Duplicate value: {name!r}"
            seen.add(name)
            if not container.get("image"):
                yield f"{path}.image: Required value"
    volumes = {volume.get("name") for volume in obj["spec"].get("volumes", ())}
    for container in _containers(obj["spec"]):
        for mount in container.get("volumeMounts", ()):
            if mount.get("name") not in volumes:
                yield f"volumeMounts of {container.get('name')}: Not found: {mount.get('name')!r}"


def _containers(spec: JSONObject) -> Iterator[JSONObject]:
    yield from spec.get("initContainers", ())
    yield from spec.get("containers", ())
