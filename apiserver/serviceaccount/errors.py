"""What is wrong with a token."""

_INVALID = "invalid bearer token"


class InvalidToken(Exception):
    """A token that authenticates nobody.

    Without a ``why`` it is none of this server's, and what is wrong with it is not this server's to say. The text
    is put together as upstream's chain of authenticators does it.
    """

    def __init__(self, why: str = "") -> None:
        super().__init__(f"[{_INVALID}, {why}]" if why else _INVALID)
