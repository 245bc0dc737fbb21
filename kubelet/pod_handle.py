"""What those who carry out a pod's life ask of its worker."""

import asyncio
from collections.abc import Coroutine
from typing import Protocol

from apimachinery.types.pod import Container
from kubelet.runtime import ContainerStatus


class PodHandle(Protocol):
    """A pod as it is handed to who starts and stops its containers."""

    def event(self, container: Container | None, kind: str, reason: str, message: str) -> None:
        """Record an event about a container, or about the pod as a whole."""
        ...

    def wake(self) -> None:
        """Have the pod looked at."""
        ...

    def wake_in(self, seconds: float) -> None:
        """Have the pod looked at again after so many seconds."""
        ...

    def spawn(self, work: Coroutine[object, object, None], name: str) -> asyncio.Task[None]:
        """Do something that takes its time beside everything else."""
        ...

    def observe(self) -> None:
        """Bring the picture of what runs up to date."""
        ...

    def fail(self, container: Container, run: ContainerStatus, message: str) -> None:
        """Stop a container whose postStart hook has failed."""
        ...
