"""Every pod runs as a ServiceAccount of its namespace (``plugin/pkg/admission/serviceaccount``, v1.36).

A pod that names none runs as ``default``. The pull secrets of the account become those of a pod that has none of
its own. Upstream also mounts a token into every container; here no token would be looked at, as requests are not
authenticated, and the kubelet serves no projected volumes that could hold one.
"""

import copy
from typing import Any

from apimachinery.clock import Clock
from apimachinery.errors import Forbidden
from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation
from apiserver.admission.lookups import Lookups
from apiserver.admission.refusals import forbidden

JSONObject = dict[str, Any]

_DEFAULT = "default"
_MIRROR = "kubernetes.io/config.mirror"
_TRIES_FOR_DEFAULT = 10
_SECONDS_BETWEEN_TRIES = 0.1


class ServiceAccount(AdmissionPlugin):
    name = "ServiceAccount"

    def __init__(self, lookups: Lookups, clock: Clock) -> None:
        self._lookups = lookups
        self._clock = clock

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


def _is_mirror(pod: JSONObject) -> bool:
    return _MIRROR in pod["metadata"].get("annotations", {})


def _check_mirror(attributes: Attributes, spec: JSONObject) -> None:
    """A mirror pod shows what a kubelet found in a file, where nothing of the cluster can be referred to."""
    if spec.get("serviceAccountName"):
        raise forbidden(attributes, "a mirror pod may not reference service accounts")
    for volume in spec.get("volumes", ()):
        refused: Forbidden | None = None
        if "secret" in volume:
            refused = forbidden(attributes, "a mirror pod may not reference secrets")
        elif any("serviceAccountToken" in source for source in volume.get("projected", {}).get("sources", ())):
            refused = forbidden(attributes, "a mirror pod may not use ServiceAccountToken volume projections")
        if refused is not None:
            raise refused
