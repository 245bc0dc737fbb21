"""Mappings of few entries."""

import random
import sys
from collections.abc import Mapping

import pytest

from kubelet.few import NONE, Few, put, without


def test_entries_come_and_go() -> None:
    empty: Mapping[str, int] = NONE
    one = put(empty, "a", 1)
    two = put(one, "b", 2)
    assert (empty, one, two, put(two, "a", 3)) == ({}, {"a": 1}, {"a": 1, "b": 2}, {"a": 3, "b": 2})
    assert without(two, "a") == {"b": 2}
    assert without(two, "c") is two
    assert without(one, "a") is NONE, "what is empty takes no room"


@pytest.mark.parametrize("keys", ["a", "ab", "abcd"], ids=["one key", "two", "four"])
def test_few_entries_are_what_a_dictionary_has(keys: str) -> None:
    rng = random.Random(len(keys))
    few: Few[str, int] = Few()
    plain: dict[str, int] = {}
    for number in range(200):
        key = rng.choice(keys)
        if rng.random() < 0.4:
            assert few.pop(key, None) == plain.pop(key, None)
        else:
            few[key] = plain[key] = number
        assert (list(few), list(few.items()), len(few)) == (list(plain), list(plain.items()), len(plain))
        assert list(few.values()) == list(plain.values())
        assert [few.get(each, -1) for each in keys] == [plain.get(each, -1) for each in keys]
        assert [each in few for each in keys] == [each in plain for each in keys]
        absent = next(each for each in "abcde" if each not in plain)
        for lack in (few.__getitem__, few.__delitem__):
            with pytest.raises(KeyError):
                lack(absent)
    assert dict(few) == plain


def test_one_entry_takes_little_room() -> None:
    few: Few[str, int] = Few()
    few["a"] = 1
    assert sys.getsizeof(few) * 3 < sys.getsizeof({"a": 1})
