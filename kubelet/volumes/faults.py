"""Why a volume cannot be had."""


class VolumeFault(Exception):
    """A volume could not be set up; the text says why, in upstream's words."""


class Unprocessed(VolumeFault):
    """It is not even known what to set up: no plugin for it, or a claim that is not ready."""


def joined(messages: list[str]) -> str:
    """Write several errors as one, as ``utilerrors.NewAggregate`` does."""
    messages = list(dict.fromkeys(messages))
    return messages[0] if len(messages) == 1 else f"[{', '.join(messages)}]"
