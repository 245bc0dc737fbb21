"""Namespaces say by their labels what their pods may not do (``k8s.io/pod-security-admission/admission``, v0.36).

``enforce`` refuses pods; ``warn`` warns of pods and of what makes pods. ``audit`` would annotate an audit log, which
there is none of; its labels are checked like the others.
"""

from collections.abc import Mapping
from typing import Any

from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation
from apiserver.admission.lookups import Lookups
from apiserver.admission.podsecurity.policy import LEVELS, PREFIX, Level, policy_of
from apiserver.admission.refusals import forbidden
from apiserver.validation.field import refusal

JSONObject = dict[str, Any]

_TEMPLATES = frozenset({
    ("", "podtemplates"),
    ("", "replicationcontrollers"),
    ("apps", "daemonsets"),
    ("apps", "deployments"),
    ("apps", "replicasets"),
    ("apps", "statefulsets"),
    ("batch", "cronjobs"),
    ("batch", "jobs"),
})
_POD_WRITES = frozenset({"", "ephemeralcontainers"})
_HARMLESS = ("activeDeadlineSeconds", "tolerations")
_MOST_PODS = 3000


class PodSecurity(AdmissionPlugin):
    name = "PodSecurity"

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        if operation not in {Operation.CREATE, Operation.UPDATE}:
            return False
        if (group, plural) == ("", "pods"):
            return subresource in _POD_WRITES
        return not subresource and ((group, plural) == ("", "namespaces") or (group, plural) in _TEMPLATES)

    async def validate(self, attributes: Attributes) -> None:
        obj = attributes.obj
        assert obj is not None
        if attributes.info.plural == "namespaces":
            await self._check_namespace(attributes, obj)
            return
        record = await self._lookups.record("", "namespaces", "", attributes.namespace)
        # Most namespaces say nothing about it.
        if record is None or not any(key.startswith(PREFIX) for key in record.labels):
            return
        policy, _ = policy_of(record.labels)
        if attributes.info.plural != "pods":
            metadata, spec = _template(obj)
            _warn(attributes, policy.warn, metadata, spec)
            return
        if attributes.old is not None and _judged(attributes.old) == _judged(obj):
            return
        if found := policy.enforce.violations(obj["metadata"], obj["spec"]):
            detail = ", ".join(str(violation) for violation in found)
            raise forbidden(attributes, f'violates PodSecurity "{policy.enforce}": {detail}')
        _warn(attributes, policy.warn, obj["metadata"], obj["spec"])

    async def _check_namespace(self, attributes: Attributes, namespace: JSONObject) -> None:
        """Refuse labels that mean nothing; warn of pods that would be refused from now on."""
        new, causes = policy_of(_labels(namespace))
        old, old_causes = policy_of(_labels(attributes.old or {}))
        if causes and causes != old_causes:
            raise refusal("Namespace", "", attributes.name, causes)
        if attributes.operation is Operation.CREATE or new.enforce == old.enforce:
            return
        same_version = new.enforce.version == old.enforce.version
        if same_version and LEVELS.index(new.enforce.name) <= LEVELS.index(old.enforce.name):
            return
        if lines := await self._violators(attributes.name, new.enforce):
            attributes.warnings.append(
                f'existing pods in namespace "{attributes.name}" violate the new PodSecurity enforce level '
                f'"{new.enforce}"'
            )
            attributes.warnings.extend(lines)

    async def _violators(self, namespace: str, level: Level) -> list[str]:
        """Return a line for each set of reasons that pods of a namespace would be refused for."""
        refused: dict[str, list[str]] = {}
        for pod in (await self._lookups.read_all("", "pods", namespace))[:_MOST_PODS]:
            if found := level.violations(pod["metadata"], pod["spec"]):
                reasons = ", ".join(violation.reason for violation in found)
                refused.setdefault(reasons, []).append(pod["metadata"]["name"])
        lines = []
        for reasons, names in refused.items():
            others = len(names) - 1
            more = f" (and {others} other {'pod' if others == 1 else 'pods'})" if others else ""
            lines.append(f"{names[0]}{more}: {reasons}")
        return sorted(lines)


def _labels(namespace: JSONObject) -> Mapping[str, str]:
    labels: Mapping[str, str] = namespace.get("metadata", {}).get("labels") or {}
    return labels


def _template(obj: JSONObject) -> tuple[JSONObject, JSONObject]:
    """Return the metadata and spec of the pods that an object makes."""
    spec = obj.get("spec", {})
    template = (
        obj.get("template") or spec.get("template") or spec.get("jobTemplate", {}).get("spec", {}).get("template")
    )
    template = template or {}
    return template.get("metadata", {}), template.get("spec", {})


def _judged(pod: JSONObject) -> JSONObject:
    """Return the part of a pod that could violate anything and that a write may touch."""
    spec = {key: value for key, value in pod["spec"].items() if key not in _HARMLESS}
    for key in ("initContainers", "containers", "ephemeralContainers"):
        if key in spec:
            spec[key] = [{**container, "image": ""} for container in spec[key]]
    return {"spec": spec, "annotations": pod["metadata"].get("annotations", {})}


def _warn(attributes: Attributes, level: Level, metadata: JSONObject, spec: JSONObject) -> None:
    if found := level.violations(metadata, spec):
        detail = ", ".join(str(violation) for violation in found)
        attributes.warnings.append(f'would violate PodSecurity "{level}": {detail}')
