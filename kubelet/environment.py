"""A container's environment, command and arguments, with references resolved.

Follows ``makeEnvironmentVariables`` (``pkg/kubelet/kubelet_pods.go``), ``third_party/forked/golang/expansion`` and
``pkg/api/v1/resource`` (v1.36).
"""

import enum
import re
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

from apimachinery.quantity import parse_quantity
from apimachinery.types.pod import (
    Container,
    EnvFromSource,
    EnvVar,
    EnvVarSource,
    FileKeySelector,
    KeySelector,
    Pod,
)
from apimachinery.types.volumes import (
    ResourceFieldSelector,
)
from kubelet import env_file
from kubelet.pods import find_container
from kubelet.resolver import ClusterDNS

_SUBSCRIPT = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")
_REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")


_OF_THE_NODE = frozenset({"cpu", "memory", "ephemeral-storage"})

UNREADABLE_ENV_FILE = "couldn't parse env file"
_LONGEST_FILE_KEY = 128
_LONGEST_FILE_VALUE = 32 * 1024


class ConfigError(Exception):
    """A container cannot be made from what the pod says (``CreateContainerConfigError``); the text says why."""


class SourceKind(enum.Enum):
    """What variables may come from; the value is how messages name the kind."""

    CONFIG_MAP = "ConfigMap"
    SECRET = "Secret"


@dataclass(frozen=True, slots=True)
class Source:
    """A ConfigMap or Secret of the pod's namespace."""

    kind: SourceKind
    name: str

    @property
    def missing(self) -> str:
        return f'{self.kind.value.lower()} "{self.name}" not found'


SourceValues = Mapping[Source, Mapping[str, str] | None]
"""The entries of each source; ``None`` for one that does not exist."""


@dataclass(frozen=True, slots=True)
class VolumeFile:
    """What is in a file of a volume, and where on the node it is."""

    path: str
    content: bytes


ReadVolumeFile = Callable[[str, str], VolumeFile]
"""Reads the file at a path in one of the pod's volumes; raises :class:`ConfigError`."""


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """What of the node a pod may refer to. ``allocatable`` holds quantities by resource name."""

    name: str
    ip: str
    allocatable: Mapping[str, str]
    dns: ClusterDNS = field(default_factory=ClusterDNS)


def expand(text: str, values: Mapping[str, str]) -> str:
    """Replace ``$(NAME)`` by its value; one that is not known stays as it is, and ``$$`` gives a plain ``$``."""
    if "$" not in text:
        return text
    return _REFERENCE.sub(
        lambda found: "$" if found.group(1) is None else values.get(found.group(1), found.group(0)), text
    )


def references(text: str) -> list[str]:
    """Return the names that a text refers to as ``$(NAME)``."""
    return [found.group(1) for found in _REFERENCE.finditer(text) if found.group(1) is not None]


def expand_all(texts: Sequence[str], values: Mapping[str, str]) -> tuple[str, ...]:
    """Expand a command or a list of arguments."""
    return tuple(expand(text, values) for text in texts)


def sources(container: Container) -> set[Source]:
    """Return everything that a container's variables come from."""
    found = {source for entry in container.env_from for source, _ in _whole_sources(entry)}
    for variable in container.env:
        if variable.value_from is not None and (keyed := _keyed_source(variable.value_from)) is not None:
            found.add(keyed[0])
    return found


def file_volumes(container: Container) -> set[str]:
    """Return the volumes that a container's variables come from."""
    origins = (variable.value_from for variable in container.env if variable.value_from is not None)
    return {origin.file_key_ref.volume_name for origin in origins if origin.file_key_ref is not None}


def _whole_sources(entry: EnvFromSource) -> Iterator[tuple[Source, bool]]:
    """Yield what an ``envFrom`` entry refers to, and whether it may be missing."""
    if entry.config_map_ref is not None:
        yield Source(SourceKind.CONFIG_MAP, entry.config_map_ref.name), entry.config_map_ref.optional
    if entry.secret_ref is not None:
        yield Source(SourceKind.SECRET, entry.secret_ref.name), entry.secret_ref.optional


def _keyed_source(value: EnvVarSource) -> tuple[Source, KeySelector] | None:
    if value.config_map_key_ref is not None:
        return Source(SourceKind.CONFIG_MAP, value.config_map_key_ref.name), value.config_map_key_ref
    if value.secret_key_ref is not None:
        return Source(SourceKind.SECRET, value.secret_key_ref.name), value.secret_key_ref
    return None


def environment(
    pod: Pod,
    container: Container,
    *,
    pod_ip: str,
    node: NodeFacts,
    values: SourceValues,
    read: ReadVolumeFile,
    links: Mapping[str, str],
) -> Mapping[str, str]:
    """Return the variables of a container; raise :class:`ConfigError` when one cannot be resolved.

    A variable may refer to those before it, and to ``links``, those about Services, which give way to declared ones of
    the same name. ``values`` holds what :func:`sources` asks for; ``read`` opens env files.
    """
    env: dict[str, str] = {}
    known = ChainMap(env, dict(links))
    for entry in container.env_from:
        for source, optional in _whole_sources(entry):
            entries = values.get(source)
            if entries is None and not optional:
                raise ConfigError(source.missing)
            for key, text in (entries or {}).items():
                if key and "=" not in key:
                    env[entry.prefix + key] = text
    for variable in container.env:
        value = _value(pod, container, variable, known, pod_ip, node, values, read)
        if value is not None:
            env[variable.name] = value
    # Most containers have no variables of their own, and many pods share those about Services.
    return {**links, **env} if env else links


def _value(
    pod: Pod,
    container: Container,
    variable: EnvVar,
    env: Mapping[str, str],
    pod_ip: str,
    node: NodeFacts,
    values: SourceValues,
    read: ReadVolumeFile,
) -> str | None:
    origin = variable.value_from
    if origin is None or variable.value:
        return expand(variable.value, env)
    if origin.field_ref is not None:
        return pod_field(pod, origin.field_ref.field_path, pod_ip=pod_ip, node=node)
    if origin.resource_field_ref is not None:
        return container_resource(pod, container, origin.resource_field_ref, node=node)
    if origin.file_key_ref is not None:
        return _file_value(origin.file_key_ref, read)
    keyed = _keyed_source(origin)
    return _keyed_value(pod, *keyed, values) if keyed is not None else ""


def _keyed_value(pod: Pod, source: Source, selector: KeySelector, values: SourceValues) -> str | None:
    """Return the value of one key, ``None`` when it may be missing and is."""
    entries = values.get(source)
    if entries is not None and selector.key in entries:
        return entries[selector.key]
    if selector.optional:
        return None
    if entries is None:
        raise ConfigError(source.missing)
    raise ConfigError(f"couldn't find key {selector.key} in {source.kind.value} {pod.metadata.namespace}/{source.name}")


def _file_value(selector: FileKeySelector, read: ReadVolumeFile) -> str | None:
    """Return the value of one key of an env file, ``None`` when it may be missing and is."""
    key = selector.key
    if len(key) > _LONGEST_FILE_KEY:
        raise ConfigError(f'environment variable key "{key}" exceeds maximum length of {_LONGEST_FILE_KEY} characters')
    file = read(selector.volume_name, selector.path)
    try:
        value = env_file.find(file.content.decode(errors="replace"), key)
    except env_file.BadEnvFile as error:
        raise ConfigError(UNREADABLE_ENV_FILE) from error
    if len(value.encode()) > _LONGEST_FILE_VALUE:
        raise ConfigError(f'environment variable value for key "{key}" exceeds maximum size of 32KB')
    if value:
        return value
    if selector.optional:
        return None
    raise ConfigError(f'environment variable key "{key}" not found in file "{file.path}"')


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

    A limit of processors, memory or disk that is not set is what the node can give; anything else that is not, is 0.
    """
    if reference.container_name:
        try:
            container = find_container(pod, reference.container_name)
        except KeyError:
            raise ConfigError(f"container {reference.container_name} not found") from None
    side, _, resource = reference.resource.partition(".")
    if side not in {"limits", "requests"} or not (resource in _OF_THE_NODE or resource.startswith("hugepages-")):
        raise ConfigError(f"unsupported container resource : {reference.resource}")
    given = container.resources.limits if side == "limits" else container.resources.requests
    amount = parse_quantity(given.get(resource, "0"))
    if side == "limits" and not amount and resource in _OF_THE_NODE:
        amount = parse_quantity(node.allocatable.get(resource, "0"))
    divisor = parse_quantity(reference.divisor) or Fraction(1)
    return str(ceil(amount / divisor))
