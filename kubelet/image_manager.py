"""Whether a container's image is on the node, and getting it there (``pkg/kubelet/images``, v1.36)."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from apimachinery.clock import Clock
from apimachinery.duration import go_duration
from apimachinery.types.core import object_reference
from apimachinery.types.pod import Container, Pod
from kubeclient.backoff import Backoff
from kubeclient.events import NORMAL, WARNING, EventRecorder
from kubelet.pods import field_path
from kubelet.runtime import ContainerRuntime, Image, InvalidImageName, RegistryUnavailable, RuntimeFault
from kubelet.wishes import addressed, read_wishes

ERR_IMAGE_PULL = "ErrImagePull"
IMAGE_PULL_BACK_OFF = "ImagePullBackOff"
ERR_IMAGE_NEVER_PULL = "ErrImageNeverPull"
INVALID_IMAGE_NAME = "InvalidImageName"
REGISTRY_UNAVAILABLE = "RegistryUnavailable"

BACKOFF_INITIAL_SECONDS = 10.0
BACKOFF_LIMIT_SECONDS = 300.0
_ERROR_SHOWN_SECONDS = 2.0
_INVALID_RETRY_SECONDS = 60.0

Spawn = Callable[[Coroutine[object, object, None], str], asyncio.Task[None]]
"""Starts a named task that somebody owns."""


@dataclass(frozen=True, slots=True)
class Present:
    """The image can be used."""


@dataclass(frozen=True, slots=True)
class Pulling:
    """The image is on its way; the pod is woken when that has come to an end."""


@dataclass(frozen=True, slots=True)
class Missing:
    """The image cannot be had now; asking again after ``retry_after`` seconds makes sense."""

    reason: str
    message: str
    retry_after: float


@dataclass(slots=True)
class _Pull:
    """One container's tries. ``task`` is set while a try is under way or has not been looked at since."""

    backoff: Backoff
    task: asyncio.Task[None] | None = None
    outcome: Image | RuntimeFault | None = None
    began: float = 0.0
    took: float = 0.0
    """Seconds that the pull itself took, without the wait for its turn."""
    reason: str = ERR_IMAGE_PULL
    failed_at: float | None = None
    delay: float = 0.0
    announced: bool = False
    error: str = ""


class ImageManager:
    """Pulls images for containers by their policy, each container with a back-off of its own.

    ``spawn`` starts the pulls; ``wake(uid)`` is called when one of a pod's pulls has ended.
    ``parallel`` pulls are under way at once, any number for ``None``; the others wait for their turn.
    """

    def __init__(
        self,
        runtime: ContainerRuntime,
        clock: Clock,
        recorder: EventRecorder,
        *,
        spawn: Spawn,
        wake: Callable[[str], None],
        parallel: int | None = 1,
    ) -> None:
        self._turns = asyncio.Semaphore(parallel) if parallel is not None else contextlib.nullcontext()
        self._runtime = runtime
        self._clock = clock
        self._recorder = recorder
        self._spawn = spawn
        self._wake = wake
        self._pulls: dict[str, dict[str, _Pull]] = {}

    def ensure(self, pod: Pod, container: Container) -> Present | Pulling | Missing:
        """Say where a container's image stands, starting a pull where one is due. Never blocks."""
        pulls = self._pulls.get(pod.metadata.uid)
        pull = pulls.get(container.name) if pulls else None
        if pull is not None and pull.task is not None:
            return self._follow(pod, container, pull)
        try:
            present = self._runtime.image_status(container.image) is not None
        except InvalidImageName as error:
            return self._invalid(pod, container, error)
        policy = container.image_pull_policy
        # Whoever wants to see a pull fail does not care what the node has already.
        present = present and not read_wishes(container.name, pod.metadata.annotations).pull_error
        if present and policy != "Always":
            self._event(
                pod,
                container,
                NORMAL,
                "Pulled",
                f'Container image "{container.image}" already present on machine and can be accessed by the pod',
            )
            return Present()
        if policy == "Never":
            return self._never(pod, container)
        if pull is not None and (resting := self._resting(pod, container, pull)):
            return resting
        return self._begin(pod, container)

    def forget(self, uid: str) -> None:
        """A pod is gone: drop its pulls."""
        for pull in self._pulls.pop(uid, {}).values():
            if pull.task is not None:
                pull.task.cancel()

    def _begin(self, pod: Pod, container: Container) -> Pulling:
        uid = pod.metadata.uid
        pulls = self._pulls.setdefault(uid, {})
        pull = pulls.get(container.name)
        if pull is None:
            backoff = Backoff(initial=BACKOFF_INITIAL_SECONDS, limit=BACKOFF_LIMIT_SECONDS)
            pull = pulls[container.name] = _Pull(backoff)
        self._event(pod, container, NORMAL, "Pulling", f'Pulling image "{container.image}"')
        pull.began = self._clock.monotonic()
        pull.outcome = None
        pull.task = self._spawn(self._pull(pod, container, pull), f"pull {container.image}")
        return Pulling()

    async def _pull(self, pod: Pod, container: Container, pull: _Pull) -> None:
        annotations = addressed(container.name, pod.metadata.annotations)
        async with self._turns:
            began = self._clock.monotonic()
            try:
                outcome: Image | RuntimeFault = await self._runtime.pull_image(container.image, annotations)
            except RuntimeFault as error:
                outcome = error
            pull.took = self._clock.monotonic() - began
        pull.outcome = outcome
        self._wake(pod.metadata.uid)

    def _follow(self, pod: Pod, container: Container, pull: _Pull) -> Present | Pulling | Missing:
        outcome = pull.outcome
        if outcome is None:
            return Pulling()
        pull.task = None
        if isinstance(outcome, Image):
            del self._pulls[pod.metadata.uid][container.name]
            whole = self._clock.monotonic() - pull.began
            took, waited = go_duration(round(pull.took, 3)), go_duration(round(whole, 3))
            message = (
                f'Successfully pulled image "{container.image}" in {took} ({waited} including waiting). '
                f"Image size: {outcome.size} bytes."
            )
            self._event(pod, container, NORMAL, "Pulled", message)
            return Present()
        if isinstance(outcome, InvalidImageName):
            return self._invalid(pod, container, outcome)
        pull.failed_at, pull.delay, pull.announced = self._clock.monotonic(), pull.backoff.next(), False
        pull.reason, pull.error = ERR_IMAGE_PULL, str(outcome)
        if isinstance(outcome, RegistryUnavailable):
            pull.reason = REGISTRY_UNAVAILABLE
            pull.error = f"image pull failed for {container.image} because the registry is unavailable: {outcome}"
        self._event(pod, container, WARNING, "Failed", f'Failed to pull image "{container.image}": {outcome}')
        self._event(pod, container, WARNING, "Failed", f"Error: {pull.reason}")
        return Missing(pull.reason, pull.error, _ERROR_SHOWN_SECONDS)

    def _resting(self, pod: Pod, container: Container, pull: _Pull) -> Missing | None:
        if pull.failed_at is None:
            return None
        age = self._clock.monotonic() - pull.failed_at
        if age >= pull.delay:
            return None
        if age < _ERROR_SHOWN_SECONDS:
            # The pod was woken for another reason: the error itself is still the news.
            return Missing(pull.reason, pull.error, _ERROR_SHOWN_SECONDS - age)
        message = f'Back-off pulling image "{container.image}"'
        if not pull.announced:
            pull.announced = True
            self._event(pod, container, NORMAL, "BackOff", message)
            self._event(pod, container, WARNING, "Failed", f"Error: {IMAGE_PULL_BACK_OFF}")
        return Missing(IMAGE_PULL_BACK_OFF, f"{message}: {pull.reason}: {pull.error}", pull.delay - age)

    def _never(self, pod: Pod, container: Container) -> Missing:
        message = f'Container image "{container.image}" is not present with pull policy of Never'
        self._event(pod, container, WARNING, ERR_IMAGE_NEVER_PULL, message)
        self._event(pod, container, WARNING, "Failed", f"Error: {ERR_IMAGE_NEVER_PULL}")
        return Missing(ERR_IMAGE_NEVER_PULL, message, BACKOFF_INITIAL_SECONDS)

    def _invalid(self, pod: Pod, container: Container, error: InvalidImageName) -> Missing:
        message = str(error)
        self._event(pod, container, WARNING, "InspectFailed", message)
        self._event(pod, container, WARNING, "Failed", f"Error: {INVALID_IMAGE_NAME}")
        return Missing(INVALID_IMAGE_NAME, message, _INVALID_RETRY_SECONDS)

    def _event(self, pod: Pod, container: Container, kind: str, reason: str, message: str) -> None:
        self._recorder.event(object_reference(pod, field_path(pod, container)), kind, reason, message)
