"""A container's environment, command and arguments, with references resolved.

Follows ``makeEnvironmentVariables`` (``pkg/kubelet/kubelet_pods.go``), ``third_party/forked/golang/expansion`` and
``pkg/api/v1/resource`` (v1.36).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from apimachinery.quantity import parse_quantity
from apimachinery.types.pod import Container, EnvVar, EnvVarSource, Pod, ResourceFieldSelector
from kubelet.pods import find_container

_SUBSCRIPT = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")
_REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")


class ConfigError(Exception):
    """A container cannot be made from what the pod says (``CreateContainerConfigError``); the text says why."""


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """What of the node a pod may refer to. ``allocatable`` holds quantities by resource name."""

    name: str
    ip: str
    allocatable: Mapping[str, str]


def expand(text: str, values: Mapping[str, str]) -> str:
    """Replace ``$(NAME)`` by its value; one that is not known stays as it is, and ``$$`` gives a plain ``$``."""
    if "$" not in text:
        return text
    return _REFERENCE.sub(
        lambda found: "$" if found.group(1) is None else values.get(found.group(1), found.group(0)), text
    )


def expand_all(texts: Sequence[str], values: Mapping[str, str]) -> tuple[str, ...]:
    """Expand a command or a list of arguments."""
    return tuple(expand(text, values) for text in texts)


def environment(pod: Pod, container: Container, *, pod_ip: str, node: NodeFacts) -> dict[str, str]:
    """Return the variables a container declares; raise :class:`ConfigError` when one cannot be resolved.

    A variable may refer to those before it.
    """
    for source in container.env_from:
        for kind, reference in (("configmap", source.config_map_ref), ("secret", source.secret_ref)):
            if reference is not None and not reference.optional:
                raise ConfigError(f'{kind} "{reference.name}" not found')
    values: dict[str, str] = {}
    for variable in container.env:
        value = _value(pod, container, variable, values, pod_ip, node)
        if value is not None:
            values[variable.name] = value
    return values


def _value(
    pod: Pod, container: Container, variable: EnvVar, values: Mapping[str, str], pod_ip: str, node: NodeFacts
) -> str | None:
    source = variable.value_from
    if source is None or variable.value:
        return expand(variable.value, values)
    if source.field_ref is not None:
        return pod_field(pod, source.field_ref.field_path, pod_ip=pod_ip, node=node)
    if source.resource_field_ref is not None:
        return container_resource(pod, container, source.resource_field_ref, node=node)
    _refuse_keys(source)
    return None


def _refuse_keys(source: EnvVarSource) -> None:
    for kind, selector in (("configmap", source.config_map_key_ref), ("secret", source.secret_key_ref)):
        if selector is not None and not selector.optional:
            raise ConfigError(f'{kind} "{selector.name}" not found')


def pod_field(pod: Pod, path: str, *, pod_ip: str, node: NodeFacts) -> str:
    """Return the text of a downward API field (``metadata.name``, ``status.podIP``, ``metadata.labels['app']``)."""
    subscript = _SUBSCRIPT.fullmatch(path)
    if subscript is not None:
        entries = pod.metadata.labels if subscript.group(1) == "labels" else pod.metadata.annotations
        return entries.get(subscript.group(2), "")
    if pod.spec.host_network:
        pod_ip = node.ip
    fields = {
        "metadata.name": pod.metadata.name,
        "metadata.namespace": pod.metadata.namespace,
        "metadata.uid": pod.metadata.uid,
        "spec.nodeName": pod.spec.node_name,
        "spec.serviceAccountName": pod.spec.service_account_name,
        "status.hostIP": node.ip,
        "status.hostIPs": node.ip,
        "status.podIP": pod_ip,
        "status.podIPs": pod_ip,
    }
    if path not in fields:
        raise ConfigError(f"unsupported fieldPath: {path}")
    return fields[path]


def container_resource(pod: Pod, container: Container, reference: ResourceFieldSelector, *, node: NodeFacts) -> str:
    """Return a container's request or limit in units of the divisor, rounded up.

    A limit that is not set is what the node can give; a request that is not set is 0.
    """
    if reference.container_name:
        try:
            container = find_container(pod, reference.container_name)
        except KeyError:
            raise ConfigError(f"container {reference.container_name} not found") from None
    side, _, resource = reference.resource.partition(".")
    if side not in {"limits", "requests"} or not resource:
        raise ConfigError(f"unsupported container resource : {reference.resource}")
    if side == "limits":
        amount = container.resources.limits.get(resource) or node.allocatable.get(resource, "0")
    else:
        amount = container.resources.requests.get(resource, "0")
    divisor = parse_quantity(reference.divisor) or Fraction(1)
    return str(ceil(parse_quantity(amount) / divisor))
