"""What a check says, as one line per cause."""

from apiserver.validation.field import Causes


def lines(causes: Causes) -> list[str]:
    """Return ``field: message`` for each cause, as the message of the answer has them."""
    return [f"{cause.field}: {cause.message}" for cause in causes]
