"""From a pod's container to what the runtime makes it from."""

from collections.abc import Mapping
from functools import lru_cache, partial

from apimachinery.types.pod import Container, Pod
from kubelet.environment import NodeFacts, SourceValues, environment, expand_all
from kubelet.hostnames import pod_hostname
from kubelet.pods import all_containers
from kubelet.resources import linux_resources, sandbox_resources
from kubelet.runtime import ContainerConfig, DNSConfig, HostAlias, PortMapping, SandboxConfig
from kubelet.volumes import Volumes

# A dictionary, not a proxy of one: a runtime writes it to the disk.
_NO_SYSCTLS: Mapping[str, str] = {}


def sandbox_config(pod: Pod, attempt: int, *, dns: DNSConfig, cluster_domain: str) -> SandboxConfig:
    """Return what a pod's sandbox is made from; raise :class:`~kubelet.hostnames.HostnameTooLong`."""
    meta, spec = pod.metadata, pod.spec
    hostname = pod_hostname(pod, cluster_domain)
    return SandboxConfig(
        name=meta.name,
        namespace=meta.namespace,
        uid=meta.uid,
        attempt=attempt,
        hostname=hostname.kernel,
        short_hostname=hostname.short,
        domain=hostname.domain,
        host_aliases=tuple(HostAlias(alias.ip, alias.hostnames) for alias in spec.host_aliases),
        dns=dns,
        labels=_same(*meta.labels.items()),
        annotations=meta.annotations or _same(),
        host_network=spec.host_network,
        share_process_namespace=spec.share_process_namespace,
        port_mappings=_same_ports(*(port for container in all_containers(pod) for port in _ports(container))),
        resources=sandbox_resources(pod),
        sysctls={sysctl.name: sysctl.value for sysctl in spec.security_context.sysctls} or _NO_SYSCTLS,
    )


@lru_cache(maxsize=1024)
def _same(*entries: tuple[str, str]) -> Mapping[str, str]:
    """Return one and the same dictionary for equal entries: pods by the thousand have the same labels."""
    return dict(entries)


def _ports(container: Container) -> tuple[PortMapping, ...]:
    ports = container.ports
    return _same_ports(
        *(_port(one.container_port, one.protocol, one.host_port, one.name, one.host_ip) for one in ports)
    )


@lru_cache(maxsize=1024)
def _same_ports(*ports: PortMapping) -> tuple[PortMapping, ...]:
    return ports


_port = lru_cache(maxsize=1024)(PortMapping)
"""Pods by the thousand have the same ports."""


def container_config(
    pod: Pod,
    container: Container,
    *,
    attempt: int,
    pod_ip: str,
    node: NodeFacts,
    volumes: Volumes,
    values: SourceValues,
    links: Mapping[str, str],
) -> ContainerConfig:
    """Return what a container is made from; raise :class:`~kubelet.environment.ConfigError` when it cannot be.

    ``values`` holds the ConfigMaps and Secrets that its variables come from, ``links`` those about Services.
    """
    read = partial(volumes.read, pod)
    env = environment(pod, container, pod_ip=pod_ip, node=node, values=values, read=read, links=links)
    security, pod_security = container.security_context, pod.spec.security_context
    user, group = pod_security.run_as_user, pod_security.run_as_group
    read_only = no_new_privs = False
    groups = [*pod_security.supplemental_groups]
    if pod_security.fs_group is not None:
        groups.insert(0, pod_security.fs_group)
    if security is not None:
        user = security.run_as_user if security.run_as_user is not None else user
        group = security.run_as_group if security.run_as_group is not None else group
        read_only = security.read_only_root_filesystem
        no_new_privs = security.allow_privilege_escalation is False
    return ContainerConfig(
        name=container.name,
        image=container.image,
        command=expand_all(container.command, env),
        args=expand_all(container.args, env),
        env=env,
        working_dir=container.working_dir,
        mounts=volumes.mounts(pod, container, env),
        devices=volumes.devices(pod, container),
        ports=_ports(container),
        attempt=attempt,
        stdin=container.stdin,
        stdin_once=container.stdin_once,
        tty=container.tty,
        resources=linux_resources(pod, container),
        annotations=pod.metadata.annotations or _same(),
        run_as_user=user,
        run_as_group=group,
        supplemental_groups=tuple(groups),
        stop_signal=container.lifecycle.stop_signal if container.lifecycle is not None else "",
        read_only_root=read_only,
        no_new_privs=no_new_privs,
        termination_message_path=container.termination_message_path,
    )
