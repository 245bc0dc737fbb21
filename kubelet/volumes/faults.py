"""Why a volume cannot be had."""


class VolumeFault(Exception):
    """A volume could not be set up; the text says why, in upstream's words.

    ``volume`` is the name by which messages call it, when that is not the pod's own for it.
    """

    def __init__(self, message: str, *, volume: str = "") -> None:
        super().__init__(message)
        self.volume = volume


class DeviceFault(VolumeFault):
    """A volume could not be made a device; ``step`` is what of ``MapVolume`` has failed."""

    def __init__(self, message: str, *, volume: str, step: str) -> None:
        super().__init__(message, volume=volume)
        self.step = step


class Unprocessed(VolumeFault):
    """It is not even known what to set up: no plugin for it, or a claim that is not ready."""


class NotYet(Unprocessed):
    """Others are at work on what is missing: the controllers that make claims and bind them.

    Upstream's scheduler waits for both before it gives a pod its node, so that a kubelet hardly sees this.
    """


def joined(messages: list[str]) -> str:
    """Write several errors as one, as ``utilerrors.NewAggregate`` does."""
    messages = list(dict.fromkeys(messages))
    return messages[0] if len(messages) == 1 else f"[{', '.join(messages)}]"
