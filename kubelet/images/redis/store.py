"""What a Redis server keeps, and the commands that read and change it: pure but for the time it is given."""

import fnmatch
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from kubelet.images.redis.protocol import OK, Reply, Status

Value = bytes | list[bytes] | set[bytes] | dict[bytes, bytes]
V = TypeVar("V", list[bytes], set[bytes], dict[bytes, bytes])

_TYPES = {bytes: "string", list: "list", set: "set", dict: "hash"}


class Refused(Exception):
    """A command cannot be carried out; the text is the error's."""


WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value"
NOT_AN_INTEGER = "ERR value is not an integer or out of range"
SYNTAX = "ERR syntax error"


class Store:
    """The keys of one database. ``now`` returns seconds on any clock that only goes forward."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._values: dict[bytes, Value] = {}
        self._ends: dict[bytes, float] = {}

    def run(self, name: str, arguments: Sequence[bytes]) -> Reply:
        """Carry out a command; raise :class:`KeyError` for one that nobody knows, :class:`Refused` for its failure."""
        least, most, command = COMMANDS[name]
        if len(arguments) < least or (most >= 0 and len(arguments) > most):
            raise Refused(f"ERR wrong number of arguments for '{name.lower()}' command")
        return command(self, arguments)

    # Keys

    def live(self, key: bytes) -> Value | None:
        """Return what a key holds, nothing when its time is over."""
        if (end := self._ends.get(key)) is not None and end <= self._now():
            self._drop(key)
        return self._values.get(key)

    def keys(self, pattern: bytes = b"*") -> list[bytes]:
        return [key for key in list(self._values) if self.live(key) is not None and fnmatch.fnmatchcase(key, pattern)]

    def _drop(self, key: bytes) -> None:
        self._values.pop(key, None)
        self._ends.pop(key, None)

    def _put(self, key: bytes, value: Value, seconds: float | None = None) -> None:
        self._values[key] = value
        self._ends.pop(key, None)
        if seconds is not None:
            self._ends[key] = self._now() + seconds

    def delete(self, arguments: Sequence[bytes]) -> Reply:
        gone = [key for key in arguments if self.live(key) is not None]
        for key in gone:
            self._drop(key)
        return len(set(gone))

    def expire(self, key: bytes, seconds: float) -> Reply:
        if self.live(key) is None:
            return 0
        self._ends[key] = self._now() + seconds
        return 1

    def left(self, key: bytes, unit: float) -> Reply:
        if self.live(key) is None:
            return -2
        return round((self._ends[key] - self._now()) / unit) if key in self._ends else -1

    def persist(self, key: bytes) -> Reply:
        return int(self.live(key) is not None and self._ends.pop(key, None) is not None)

    def rename(self, source: bytes, target: bytes) -> Reply:
        value = self.live(source)
        if value is None:
            raise Refused("ERR no such key")
        end = self._ends.get(source)
        self._drop(source)
        self._put(target, value)
        if end is not None:
            self._ends[target] = end
        return OK

    def flush(self) -> Reply:
        self._values.clear()
        self._ends.clear()
        return OK

    # Strings

    def text(self, key: bytes) -> bytes | None:
        value = self.live(key)
        if value is not None and not isinstance(value, bytes):
            raise Refused(WRONG_TYPE)
        return value

    def set(self, arguments: Sequence[bytes]) -> Reply:
        key, value, *options = arguments
        seconds, words = None, [option.upper() for option in options]
        while words:
            word = words.pop(0)
            if word in {b"EX", b"PX"} and words:
                seconds = integer(words.pop(0)) / (1 if word == b"EX" else 1000)
                if seconds <= 0:
                    raise Refused("ERR invalid expire time in 'set' command")
            elif word == b"NX" or word == b"XX":
                if (self.live(key) is None) is (word == b"XX"):
                    return None
            else:
                raise Refused(SYNTAX)
        self._put(key, value, seconds)
        return OK

    def add(self, key: bytes, amount: int) -> Reply:
        total = integer(self.text(key) or b"0") + amount
        # What is counted keeps its time.
        self._values[key] = str(total).encode()
        return total

    def append(self, key: bytes, more: bytes) -> Reply:
        value = self._values[key] = (self.text(key) or b"") + more
        return len(value)

    # Lists, sets and hashes

    def held(self, key: bytes, kind: type[V]) -> V:
        """Return what a key holds of a kind, empty when there is none; to be kept with :meth:`keep` once changed."""
        value = self.live(key)
        if value is None:
            return kind()
        if not isinstance(value, kind):
            raise Refused(WRONG_TYPE)
        return value

    def keep(self, key: bytes, value: V) -> None:
        """Keep what has been changed; what is empty is not there."""
        if value:
            self._values[key] = value
        else:
            self._drop(key)

    def push(self, arguments: Sequence[bytes], *, left: bool) -> Reply:
        key, *values = arguments
        held = self.held(key, list)
        if left:
            held[:0] = reversed(values)
        else:
            held.extend(values)
        self.keep(key, held)
        return len(held)

    def pop(self, key: bytes, *, left: bool) -> Reply:
        held = self.held(key, list)
        if not held:
            return None
        value = held.pop(0 if left else -1)
        self.keep(key, held)
        return value

    def range(self, key: bytes, first: int, last: int) -> Reply:
        held = self.held(key, list)
        begin = max(0, first + len(held) if first < 0 else first)
        return held[begin : (last + len(held) if last < 0 else last) + 1]

    def join(self, arguments: Sequence[bytes]) -> Reply:
        key, *members = arguments
        held = self.held(key, set)
        before = len(held)
        held.update(members)
        self.keep(key, held)
        return len(held) - before

    def leave(self, arguments: Sequence[bytes]) -> Reply:
        key, *members = arguments
        held = self.held(key, set)
        before = len(held)
        held.difference_update(members)
        self.keep(key, held)
        return before - len(held)

    def hash_set(self, arguments: Sequence[bytes]) -> Reply:
        key, *pairs = arguments
        if len(pairs) % 2:
            raise Refused("ERR wrong number of arguments for 'hset' command")
        held = self.held(key, dict)
        before = len(held)
        held.update(zip(pairs[::2], pairs[1::2], strict=True))
        self.keep(key, held)
        return len(held) - before

    def hash_delete(self, arguments: Sequence[bytes]) -> Reply:
        key, *fields = arguments
        held = self.held(key, dict)
        gone = sum(held.pop(field, None) is not None for field in fields)
        self.keep(key, held)
        return gone


def integer(text: bytes) -> int:
    """Return a number; raise :class:`Refused`."""
    try:
        return int(text)
    except ValueError:
        raise Refused(NOT_AN_INTEGER) from None


def _type(store: Store, key: bytes) -> Reply:
    value = store.live(key)
    return Status(_TYPES[type(value)] if value is not None else "none")


def _set_all(store: Store, arguments: Sequence[bytes]) -> Reply:
    if len(arguments) % 2:
        raise Refused("ERR wrong number of arguments for 'mset' command")
    for key, value in zip(arguments[::2], arguments[1::2], strict=True):
        store.set([key, value])
    return OK


def _replace(store: Store, arguments: Sequence[bytes]) -> Reply:
    before = store.text(arguments[0])
    store.set(arguments)
    return before


Command = Callable[[Store, Sequence[bytes]], Reply]

COMMANDS: Mapping[str, tuple[int, int, Command]] = {
    "APPEND": (2, 2, lambda store, given: store.append(*given)),
    "DBSIZE": (0, 0, lambda store, given: len(store.keys())),
    "DECR": (1, 1, lambda store, given: store.add(given[0], -1)),
    "DECRBY": (2, 2, lambda store, given: store.add(given[0], -integer(given[1]))),
    "DEL": (1, -1, lambda store, given: store.delete(given)),
    "EXISTS": (1, -1, lambda store, given: sum(store.live(key) is not None for key in given)),
    "EXPIRE": (2, 3, lambda store, given: store.expire(given[0], integer(given[1]))),
    "FLUSHALL": (0, 1, lambda store, given: store.flush()),
    "FLUSHDB": (0, 1, lambda store, given: store.flush()),
    "GET": (1, 1, lambda store, given: store.text(given[0])),
    "GETDEL": (1, 1, lambda store, given: (store.text(given[0]), store.delete(given))[0]),
    "GETSET": (2, 2, _replace),
    "HDEL": (2, -1, lambda store, given: store.hash_delete(given)),
    "HEXISTS": (2, 2, lambda store, given: int(given[1] in store.held(given[0], dict))),
    "HGET": (2, 2, lambda store, given: store.held(given[0], dict).get(given[1])),
    "HGETALL": (1, 1, lambda store, given: [part for pair in store.held(given[0], dict).items() for part in pair]),
    "HKEYS": (1, 1, lambda store, given: list(store.held(given[0], dict))),
    "HLEN": (1, 1, lambda store, given: len(store.held(given[0], dict))),
    "HSET": (3, -1, lambda store, given: store.hash_set(given)),
    "HVALS": (1, 1, lambda store, given: list(store.held(given[0], dict).values())),
    "INCR": (1, 1, lambda store, given: store.add(given[0], 1)),
    "INCRBY": (2, 2, lambda store, given: store.add(given[0], integer(given[1]))),
    "KEYS": (1, 1, lambda store, given: store.keys(given[0])),
    "LLEN": (1, 1, lambda store, given: len(store.held(given[0], list))),
    "LPOP": (1, 1, lambda store, given: store.pop(given[0], left=True)),
    "LPUSH": (2, -1, lambda store, given: store.push(given, left=True)),
    "LRANGE": (3, 3, lambda store, given: store.range(given[0], integer(given[1]), integer(given[2]))),
    "MGET": (1, -1, lambda store, given: [store.text(key) for key in given]),
    "MSET": (2, -1, _set_all),
    "PERSIST": (1, 1, lambda store, given: store.persist(given[0])),
    "PEXPIRE": (2, 3, lambda store, given: store.expire(given[0], integer(given[1]) / 1000)),
    "PTTL": (1, 1, lambda store, given: store.left(given[0], 0.001)),
    "RENAME": (2, 2, lambda store, given: store.rename(*given)),
    "RPOP": (1, 1, lambda store, given: store.pop(given[0], left=False)),
    "RPUSH": (2, -1, lambda store, given: store.push(given, left=False)),
    "SADD": (2, -1, lambda store, given: store.join(given)),
    "SCAN": (1, -1, lambda store, given: [b"0", list(store.keys())]),
    "SCARD": (1, 1, lambda store, given: len(store.held(given[0], set))),
    "SET": (2, -1, lambda store, given: store.set(given)),
    "SETEX": (3, 3, lambda store, given: store.set([given[0], given[2], b"EX", given[1]])),
    "SETNX": (2, 2, lambda store, given: int(store.set([*given, b"NX"]) is not None)),
    "SISMEMBER": (2, 2, lambda store, given: int(given[1] in store.held(given[0], set))),
    "SMEMBERS": (1, 1, lambda store, given: sorted(store.held(given[0], set))),
    "SREM": (2, -1, lambda store, given: store.leave(given)),
    "STRLEN": (1, 1, lambda store, given: len(store.text(given[0]) or b"")),
    "TTL": (1, 1, lambda store, given: store.left(given[0], 1)),
    "TYPE": (1, 1, lambda store, given: _type(store, given[0])),
    "UNLINK": (1, -1, lambda store, given: store.delete(given)),
}
"""Each command with the least and the most arguments it takes (-1: any number)."""
