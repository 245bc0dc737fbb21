"""From a pod's container to what the runtime makes it from."""

from functools import partial

from apimachinery.types.pod import Container, Pod
from kubelet.environment import NodeFacts, SourceValues, environment, expand_all
from kubelet.resources import linux_resources, sandbox_resources
from kubelet.runtime import ContainerConfig, PortMapping, SandboxConfig
from kubelet.volumes import Volumes

_HOSTNAME_LENGTH = 63


def sandbox_config(pod: Pod, attempt: int) -> SandboxConfig:
    """Return what a pod's sandbox is made from."""
    meta = pod.metadata
    hostname = pod.spec.node_name if pod.spec.host_network else pod.spec.hostname or meta.name
    return SandboxConfig(
        name=meta.name,
        namespace=meta.namespace,
        uid=meta.uid,
        attempt=attempt,
        hostname=hostname[:_HOSTNAME_LENGTH].rstrip("-."),
        labels=meta.labels,
        annotations=meta.annotations,
        host_network=pod.spec.host_network,
        resources=sandbox_resources(pod),
    )


def container_config(
    pod: Pod,
    container: Container,
    *,
    attempt: int,
    pod_ip: str,
    node: NodeFacts,
    volumes: Volumes,
    values: SourceValues,
) -> ContainerConfig:
    """Return what a container is made from; raise :class:`~kubelet.environment.ConfigError` when it cannot be.

    ``values`` holds the ConfigMaps and Secrets that its variables come from.
    """
    read = partial(volumes.read, pod)
    env = environment(pod, container, pod_ip=pod_ip, node=node, values=values, read=read)
    security, pod_security = container.security_context, pod.spec.security_context
    user, group, read_only = pod_security.run_as_user, pod_security.run_as_group, False
    groups = [*pod_security.supplemental_groups]
    if pod_security.fs_group is not None:
        groups.insert(0, pod_security.fs_group)
    if security is not None:
        user = security.run_as_user if security.run_as_user is not None else user
        group = security.run_as_group if security.run_as_group is not None else group
        read_only = security.read_only_root_filesystem
    return ContainerConfig(
        name=container.name,
        image=container.image,
        command=expand_all(container.command, env),
        args=expand_all(container.args, env),
        env=env,
        working_dir=container.working_dir,
        mounts=volumes.mounts(pod, container, env),
        ports=[PortMapping(port.container_port, port.protocol, port.host_port, port.name) for port in container.ports],
        attempt=attempt,
        stdin=container.stdin,
        tty=container.tty,
        resources=linux_resources(pod, container),
        annotations=pod.metadata.annotations,
        run_as_user=user,
        run_as_group=group,
        supplemental_groups=groups,
        stop_signal=container.lifecycle.stop_signal if container.lifecycle is not None else "",
        read_only_root=read_only,
        termination_message_path=container.termination_message_path,
    )
