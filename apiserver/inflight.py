"""How many requests may be under way at once (``k8s.io/apiserver/pkg/server/filters/maxinflight.go``, v0.36)."""

from apimachinery.errors import TooManyRequests

READ_ONLY = "readOnly"
MUTATING = "mutating"

_RETRY_AFTER_SECONDS = 1


class Lane:
    """The requests of one kind that are under way. A limit of 0 is none."""

    __slots__ = ("current", "kind", "limit", "refused")

    def __init__(self, kind: str, limit: int) -> None:
        self.kind = kind
        self.limit = limit
        self.current = 0
        self.refused = 0

    def enter(self) -> None:
        """Count one more request; raise 429 when that is one too many. :meth:`leave` takes it off again."""
        if self.current >= self.limit > 0:
            self.refused += 1
            raise TooManyRequests(
                "Too many requests, please try again later.", retry_after_seconds=_RETRY_AFTER_SECONDS
            )
        self.current += 1

    def leave(self) -> None:
        self.current -= 1


class InflightLimits:
    """Reads and writes have a lane each, so that neither keeps the other out. Watches and proxies take no part."""

    def __init__(self, read_only: int, mutating: int) -> None:
        self.read_only = Lane(READ_ONLY, read_only)
        self.mutating = Lane(MUTATING, mutating)

    def lane(self, method: str) -> Lane:
        return self.read_only if method in {"GET", "HEAD"} else self.mutating
