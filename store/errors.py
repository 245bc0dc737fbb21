"""What a store can refuse.

::

    StoreError
    ├── KeyNotFound        the key has no value
    ├── KeyExists          create: the key has a value already
    ├── RevisionMismatch   update, delete: the expected revision is not the key's
    ├── Compacted          list, watch, compact: the revision lies before the compaction point
    ├── FutureRevision     list, compact: the revision has not been reached yet
    ├── WatcherTooSlow     watch: more events waited than the watcher may hold
    └── StoreClosed        the store was closed before the call
"""


class StoreError(Exception):
    """Base of everything that a store raises on purpose."""


class KeyNotFound(StoreError):
    def __init__(self, key: str) -> None:
        super().__init__(f"key {key!r} not found")
        self.key = key


class KeyExists(StoreError):
    def __init__(self, key: str) -> None:
        super().__init__(f"key {key!r} exists")
        self.key = key


class RevisionMismatch(StoreError):
    """``actual`` is the key's revision at the time of the refused write."""

    def __init__(self, key: str, expected: int, actual: int) -> None:
        super().__init__(f"key {key!r} is at revision {actual}, not {expected}")
        self.key = key
        self.expected = expected
        self.actual = actual


class Compacted(StoreError):
    """``compact_revision`` is the oldest revision that can still be listed and watched after."""

    def __init__(self, revision: int, compact_revision: int) -> None:
        super().__init__(f"revision {revision} has been compacted; the oldest kept is {compact_revision}")
        self.revision = revision
        self.compact_revision = compact_revision


class FutureRevision(StoreError):
    def __init__(self, revision: int, current_revision: int) -> None:
        super().__init__(f"revision {revision} has not been reached; the store is at {current_revision}")
        self.revision = revision
        self.current_revision = current_revision


class WatcherTooSlow(StoreError):
    """The watch was cut off; the watcher has to list again. ``limit`` is how many events might have waited."""

    def __init__(self, prefix: str, limit: int) -> None:
        super().__init__(f"watch of {prefix!r} was cut off: more than {limit} events waited to be read")
        self.prefix = prefix
        self.limit = limit


class StoreClosed(StoreError):
    def __init__(self) -> None:
        super().__init__("the store is closed")
