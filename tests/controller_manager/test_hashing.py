import re

from controller_manager.hashing import content_hash


def test_the_same_for_the_same_content() -> None:
    """Also in another process: names made of it are looked up after a restart."""
    assert content_hash({"a": 1, "b": [2]}) == content_hash({"b": [2], "a": 1}) == "6b8494544c"


def test_another_for_another_content_or_after_a_collision() -> None:
    found = {content_hash({"a": 1}), content_hash({"a": 2}), *(content_hash({"a": 1}, count) for count in range(20))}
    assert len(found) == 22
    assert all(re.fullmatch("[bcdfghjklmnpqrstvwxz2456789]{1,10}", entry) for entry in found)
