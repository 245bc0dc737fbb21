"""Every pod runs as a ServiceAccount of its namespace (``plugin/pkg/admission/serviceaccount``, v1.36).

A pod that names none runs as ``default``. The pull secrets of the account become those of a pod that has none of
its own, and every container finds a token of the account, with what else it takes to talk to the API server, in a
volume of the pod, unless the pod or else the account says that it shall not.
"""

import copy
import random
from typing import Any

from apimachinery.clock import Clock
from apimachinery.pod_references import SECRETS, referenced_resources
from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation
from apiserver.admission.lookups import Lookups
from apiserver.admission.refusals import forbidden
from apiserver.generated_names import generate_name

JSONObject = dict[str, Any]

_DEFAULT = "default"
_MIRROR = "kubernetes.io/config.mirror"
_TRIES_FOR_DEFAULT = 10
_SECONDS_BETWEEN_TRIES = 0.1

_MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_VOLUME_PREFIX = "kube-api-access-"
_TOKEN_SECONDS = 3607
"""An hour and a bit, by which the server knows tokens that were asked for by this plugin."""


class ServiceAccount(AdmissionPlugin):
    name = "ServiceAccount"

    def __init__(self, lookups: Lookups, clock: Clock, rng: random.Random) -> None:
        self._lookups = lookups
        self._clock = clock
        self._rng = rng

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        return (operation, group, plural, subresource) == (Operation.CREATE, "", "pods", "")

    async def admit(self, attributes: Attributes) -> None:
        pod = attributes.obj
        assert pod is not None
        spec = pod["spec"]
        if _is_mirror(pod):
            # What a kubelet shows of a pod of its own must stay what the kubelet has. That it may be so is checked
            # here already, as upstream does, before its spec is.
            _check_mirror(attributes, spec)
            return
        name = spec.get("serviceAccountName") or _DEFAULT
        spec["serviceAccountName"] = spec["serviceAccount"] = name
        account = await self._account(attributes, name)
        if _automounts(spec, account):
            mount_token(spec, generate_name(_VOLUME_PREFIX, self._rng))
        if not spec.get("imagePullSecrets") and (secrets := account.get("imagePullSecrets")):
            spec["imagePullSecrets"] = copy.deepcopy(secrets)

    async def validate(self, attributes: Attributes) -> None:
        pod = attributes.obj
        assert pod is not None
        if _is_mirror(pod):
            _check_mirror(attributes, pod["spec"])
            return
        await self._account(attributes, pod["spec"].get("serviceAccountName", ""))

    async def _account(self, attributes: Attributes, name: str) -> JSONObject:
        """Return the account; raise 403 when there is none. ``default`` gets a second to be made by somebody."""
        namespace = attributes.namespace
        for attempt in range(_TRIES_FOR_DEFAULT if name == _DEFAULT else 1):
            if attempt:
                await self._clock.sleep(_SECONDS_BETWEEN_TRIES)
            account = await self._lookups.get("", "serviceaccounts", namespace, name)
            if account is not None:
                return account
        raise forbidden(
            attributes, f'error looking up service account {namespace}/{name}: serviceaccount "{name}" not found'
        )


def _automounts(spec: JSONObject, account: JSONObject) -> bool:
    """Whether the pod is to have a token: it says so itself, or leaves it to the account."""
    for chosen in (spec.get("automountServiceAccountToken"), account.get("automountServiceAccountToken")):
        if chosen is not None:
            return bool(chosen)
    return True


def mount_token(spec: JSONObject, name: str) -> None:
    """Mount a volume with a token into every container that has nothing else mounted there.

    ``name`` is that of the volume, unless the pod has such a volume already.
    """
    volumes = spec.get("volumes", [])
    present = [name for name in (volume.get("name", "") for volume in volumes) if name.startswith(_VOLUME_PREFIX)]
    mount = {"name": present[0] if present else name, "readOnly": True, "mountPath": _MOUNT_PATH}
    needed = False
    for container in (*spec.get("initContainers", ()), *spec.get("containers", ())):
        mounts = container.get("volumeMounts", [])
        if all(entry.get("mountPath") != _MOUNT_PATH for entry in mounts):
            container["volumeMounts"] = [*mounts, dict(mount)]
            needed = True
    if needed and not present:
        spec["volumes"] = [*volumes, {"name": name, "projected": _token_volume()}]


def _token_volume() -> JSONObject:
    namespace = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
    return {
        "sources": [
            {"serviceAccountToken": {"expirationSeconds": _TOKEN_SECONDS, "path": "token"}},
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
            {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": namespace}]}},
        ],
        "defaultMode": 0o644,
    }


def _is_mirror(pod: JSONObject) -> bool:
    return _MIRROR in pod["metadata"].get("annotations", {})


def _check_mirror(attributes: Attributes, spec: JSONObject) -> None:
    """A mirror pod shows what a kubelet found in a file, where nothing of the cluster can be referred to."""
    if spec.get("serviceAccountName"):
        raise forbidden(attributes, "a mirror pod may not reference service accounts")
    referenced = set(referenced_resources(spec))
    if SECRETS in referenced:
        raise forbidden(attributes, "a mirror pod may not reference secrets")
    if "serviceaccounts" in referenced:
        raise forbidden(attributes, "a mirror pod may not use ServiceAccountToken volume projections")
