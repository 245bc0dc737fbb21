"""What plugins know during one cycle of one pod, from PreFilter until PostBind."""

from dataclasses import dataclass
from typing import Any, Generic, Protocol, Self, TypeVar


class StateData(Protocol):
    """What a plugin may keep in a :class:`CycleState`."""

    def clone(self) -> Self:
        """Return a copy that may be changed without changing this one; itself when it is never changed."""
        ...


T = TypeVar("T", bound=StateData)


@dataclass(frozen=True, slots=True, eq=False)
class StateKey(Generic[T]):
    """Under which a plugin keeps one value. Two keys are never the same, whatever their names; names are for people."""

    name: str


class CycleState:
    """The values by key, and which plugins have nothing to do for this pod.

    A new one is made for each cycle. What PreFilter has worked out is there for Filter, PreScore, Score, Reserve and
    all that follows; a simulation ("what if that pod were gone?") works on a :meth:`clone`. Follows upstream's
    ``CycleState`` (``k8s.io/kube-scheduler/framework/cycle_state.go``, v1.36).
    """

    __slots__ = ("_values", "skip_filter", "skip_score")

    def __init__(self) -> None:
        self.skip_filter: set[str] = set()
        """The plugins whose PreFilter answered ``SKIP``: neither Filter nor their PreFilter extensions are called."""
        self.skip_score: set[str] = set()
        """The plugins whose PreScore answered ``SKIP``: their Score is not called."""
        self._values: dict[StateKey[Any], Any] = {}

    def read(self, key: StateKey[T]) -> T | None:
        """Return what was written under the key in this cycle, ``None`` when nothing was."""
        value: T | None = self._values.get(key)
        return value

    def write(self, key: StateKey[T], value: T) -> None:
        self._values[key] = value

    def delete(self, key: StateKey[Any]) -> None:
        """Forget what is kept under the key, if anything is."""
        self._values.pop(key, None)

    def clone(self) -> "CycleState":
        """Return a state of its own with clones of all values."""
        copy = CycleState()
        copy.skip_filter = set(self.skip_filter)
        copy.skip_score = set(self.skip_score)
        copy._values = {key: value.clone() for key, value in self._values.items()}
        return copy
