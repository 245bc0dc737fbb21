"""Pods that have lost the tracking finalizer without the cache showing it (``tracking_utils.go``, v1.36)."""

from collections import defaultdict
from collections.abc import Collection


class Releases:
    """By the key of the job, the uids of these pods: who looks at the cache's pod must not count it again."""

    def __init__(self) -> None:
        self._uids: defaultdict[str, set[str]] = defaultdict(set)

    def expect(self, key: str, uid: str) -> None:
        """Call before the finalizer is taken off."""
        self._uids[key].add(uid)

    def observed(self, key: str, uid: str) -> None:
        """The cache shows it, or the finalizer could not be taken off."""
        uids = self._uids.get(key)
        if uids is not None:
            uids.discard(uid)
            if not uids:
                del self._uids[key]

    def forget(self, key: str) -> None:
        """The job is gone."""
        self._uids.pop(key, None)

    def pending(self, key: str) -> Collection[str]:
        return frozenset(self._uids.get(key, ()))
