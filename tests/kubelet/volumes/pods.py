"""Pods with volumes, for the tests of this folder."""

from typing import Any

from apimachinery.types.pod import Pod
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Rig


def pod_with(
    namespace: str, *volumes: dict[str, Any], name: str = "web", metadata: dict[str, Any] | None = None, **spec: Any
) -> Pod:
    """A pod that stays up and mounts each volume at ``/NAME``."""
    mounts = [{"name": volume["name"], "mountPath": f"/{volume['name']}"} for volume in volumes]
    idler = container(image="busybox", command=["sleep", "1000000"], volumeMounts=mounts)
    return make_pod(
        idler, name=name, volumes=list(volumes), metadata={"namespace": namespace, **(metadata or {})}, **spec
    )


async def start(rig: Rig, pod: Pod) -> None:
    await rig.add(pod)

    def runs() -> bool:
        status = rig.statuses.newest(pod.metadata.uid)
        return status is not None and status.phase == "Running"

    await rig.until(runs)
