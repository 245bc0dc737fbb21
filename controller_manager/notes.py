"""What a decision wants said of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """An event about the object that was decided on."""

    kind: str
    reason: str
    message: str
