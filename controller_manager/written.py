"""Whether a cache shows what was written last (``staleness`` of caches in ``pkg/controller``, v1.36)."""

from apimachinery.types.base import Object


class Written:
    """By key the last version of each object that was written here.

    What is decided on a version before one's own last write is decided on wrong counts. The change that brings that
    write to the cache wakes its controller again, so whoever is behind has only to wait.
    """

    def __init__(self) -> None:
        self._versions: dict[str, tuple[str, int]] = {}

    def note(self, obj: Object) -> None:
        """``obj`` is what the server answered to a write."""
        self._versions[obj.key] = (obj.metadata.uid, int(obj.metadata.resource_version))

    def forget(self, key: str) -> None:
        self._versions.pop(key, None)

    def is_ahead_of(self, cached: Object) -> bool:
        """Return whether ``cached`` is older than what was written."""
        uid, version = self._versions.get(cached.key, ("", 0))
        return uid == cached.metadata.uid and int(cached.metadata.resource_version) < version
