"""Names that end in letters drawn by lot, and UUIDs."""

import random
import re
import uuid

import pytest

from apiserver.generated_names import generate_name, generate_uuid


@pytest.mark.parametrize(
    ("base", "kept"),
    [
        pytest.param("web-", "web-", id="short"),
        pytest.param("", "", id="nothing"),
        pytest.param("a" * 58, "a" * 58, id="just fits"),
        pytest.param("a" * 59, "a" * 58, id="too long"),
    ],
)
def test_names(base: str, kept: str) -> None:
    rng = random.Random(1)
    names = [generate_name(base, rng) for _ in range(20)]
    assert len(set(names)) == 20
    for name in names:
        assert re.fullmatch(kept + "[bcdfghjklmnpqrstvwxz2456789]{5}", name)


def test_uuids_are_those_of_the_standard_library() -> None:
    for seed in range(50):
        expected = uuid.UUID(int=random.Random(seed).getrandbits(128), version=4)
        assert generate_uuid(random.Random(seed)) == str(expected)
