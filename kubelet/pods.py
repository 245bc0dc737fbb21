"""Small questions about a pod that several parts of the kubelet ask."""

from collections.abc import Iterator, Sequence

from apimachinery.types.pod import Container, Pod


def is_sidecar(container: Container) -> bool:
    """Whether an init container keeps running beside the others: one with ``restartPolicy: Always``."""
    return container.restart_policy == "Always"


def all_containers(pod: Pod) -> Iterator[Container]:
    """Init containers first, then the others, each in the order of the spec."""
    yield from pod.spec.init_containers
    yield from pod.spec.containers


def container_names(pod: Pod) -> list[str]:
    """Return the names of all containers, ephemeral ones too."""
    return [container.name for container in (*all_containers(pod), *pod.spec.ephemeral_containers)]


def find_container(pod: Pod, name: str) -> Container:
    """Return the container of that name, an ephemeral one too; raise ``KeyError`` when the pod has none."""
    for container in (*all_containers(pod), *pod.spec.ephemeral_containers):
        if container.name == name:
            return container
    raise KeyError(name)


def full_name(pod: Pod) -> str:
    """``name_namespace(uid)``, the form in which upstream's messages name a pod."""
    meta = pod.metadata
    return f"{meta.name}_{meta.namespace}({meta.uid})"


def field_path(pod: Pod, container: Container) -> str:
    """Return the field path that events about a container carry, empty for one that is not among the pod's."""
    name, spec = container.name, pod.spec
    kinds: Sequence[tuple[str, Sequence[Container]]] = (
        ("containers", spec.containers),
        ("initContainers", spec.init_containers),
        ("ephemeralContainers", spec.ephemeral_containers),
    )
    for kind, members in kinds:
        for member in members:
            if member.name == name:
                return f"spec.{kind}{{{name}}}"
    return ""
