"""Mappings of few entries."""

from collections.abc import Mapping

from kubelet.few import NONE, put, without


def test_entries_come_and_go() -> None:
    empty: Mapping[str, int] = NONE
    one = put(empty, "a", 1)
    two = put(one, "b", 2)
    assert (empty, one, two, put(two, "a", 3)) == ({}, {"a": 1}, {"a": 1, "b": 2}, {"a": 3, "b": 2})
    assert without(two, "a") == {"b": 2}
    assert without(two, "c") is two
    assert without(one, "a") is NONE, "what is empty takes no room"
