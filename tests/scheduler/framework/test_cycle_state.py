"""What plugins keep during a cycle, and what a simulation may do with it."""

from dataclasses import dataclass, field

from scheduler.framework.cycle_state import CycleState, StateKey


@dataclass
class Counts:
    pods: dict[str, int] = field(default_factory=dict)

    def clone(self) -> "Counts":
        return Counts(dict(self.pods))


KEY: StateKey[Counts] = StateKey("counts")
OTHER: StateKey[Counts] = StateKey("counts")


def test_keys_are_their_owners_own() -> None:
    state = CycleState()
    state.write(KEY, Counts({"a": 1}))
    assert state.read(KEY) == Counts({"a": 1})
    assert state.read(OTHER) is None
    state.delete(KEY)
    state.delete(KEY)
    assert state.read(KEY) is None


def test_a_clone_may_be_changed() -> None:
    state = CycleState()
    state.write(KEY, Counts({"a": 1}))
    state.skip_filter.add("Quiet")
    copy = state.clone()
    kept = copy.read(KEY)
    assert kept is not None
    kept.pods["a"] = 2
    copy.skip_filter.add("Another")
    assert state.read(KEY) == Counts({"a": 1})
    assert state.skip_filter == {"Quiet"}
