from typing import Any

import pytest

from apimachinery.types.apps import Deployment, ReplicaSet
from controller_manager.deployment.sizes import (
    Sizes,
    is_scaling,
    max_surge,
    max_unavailable,
    new_size,
    old_sizes,
    scaled_sizes,
)
from tests.controller_manager.deployment.objects import deployment, replica_set


@pytest.mark.parametrize(
    ("replicas", "surge", "unavailable", "expected"),
    [
        pytest.param(10, "25%", "25%", (3, 2), id="shares-are-rounded-up-and-down"),
        pytest.param(1, "25%", "25%", (1, 0), id="one-pod-is-doubled"),
        pytest.param(1, 0, "25%", (0, 1), id="one-of-the-two-is-not-0"),
        pytest.param(4, 0, 9, (0, 4), id="no-more-missing-than-wanted"),
        pytest.param(0, 0, "50%", (0, 0), id="nothing-wanted"),
        pytest.param(5, "100%", 0, (5, 0), id="twice-as-many"),
    ],
)
def test_fenceposts(replicas: int, surge: int | str, unavailable: int | str, expected: tuple[int, int]) -> None:
    found = deployment(replicas, surge=surge, unavailable=unavailable)
    assert (max_surge(found), max_unavailable(found)) == expected


def test_recreating_has_no_surge() -> None:
    found = deployment(recreate=True)
    assert (max_surge(found), max_unavailable(found)) == (0, 0)


@pytest.mark.parametrize(
    ("new", "old", "more", "expected"),
    [
        pytest.param(0, 10, {}, 3, id="as-many-as-the-surge"),
        pytest.param(3, 10, {}, 3, id="no-room"),
        pytest.param(3, 8, {}, 5, id="room-of-those-that-went"),
        pytest.param(8, 0, {}, 10, id="not-more-than-wanted"),
        pytest.param(12, 0, {}, 10, id="too-many"),
        pytest.param(0, 20, {}, 0, id="far-too-many-old-ones"),
        pytest.param(0, 10, {"recreate": True}, 10, id="recreated-at-once"),
    ],
)
def test_size_of_the_new(new: int, old: int, more: dict[str, Any], expected: int) -> None:
    fresh = replica_set("new", new)
    assert new_size(deployment(**more), fresh, [fresh, replica_set("old", old)]) == expected


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        pytest.param(replica_set("new", 3, 0), [replica_set("old", 10)], {"web-old": 8}, id="down-to-the-least"),
        pytest.param(replica_set("new", 5, 0), [replica_set("old", 8)], {"web-old": 8}, id="new-ones-not-yet-up"),
        pytest.param(replica_set("new", 5, 3), [replica_set("old", 8)], {"web-old": 5}, id="new-ones-that-are-up"),
        pytest.param(replica_set("new", 3, 0), [replica_set("old", 10, 6)], {"web-old": 8}, id="broken-ones-first"),
        pytest.param(
            replica_set("new", 3, 0),
            [replica_set("a", 5, 5, age=300), replica_set("b", 5, 3, age=200)],
            {"web-a": 5, "web-b": 3},
            id="broken-ones-of-younger-before-whole-ones-of-older",
        ),
        pytest.param(
            replica_set("new", 3, 3),
            [replica_set("b", 5, age=200), replica_set("a", 5, age=300)],
            {"web-a": 0, "web-b": 5},
            id="the-oldest-first",
        ),
    ],
)
def test_sizes_of_the_old(new: ReplicaSet, old: list[ReplicaSet], expected: Sizes) -> None:
    assert old_sizes(deployment(), new, old) == expected


@pytest.mark.parametrize(
    ("subject", "new", "old", "expected"),
    [
        pytest.param(deployment(6), replica_set("new", 4), [], {"web-new": 6}, id="the-only-one"),
        pytest.param(deployment(6), None, [replica_set("old", 4)], {"web-old": 6}, id="the-only-one-is-old"),
        pytest.param(
            deployment(6), replica_set("new", 0), [replica_set("old", 4)], {"web-old": 6}, id="the-one-with-pods"
        ),
        pytest.param(
            deployment(6),
            None,
            [replica_set("a", 0, age=9), replica_set("b", 0, age=8)],
            {"web-b": 6},
            id="the-youngest-when-none-has-pods",
        ),
        pytest.param(deployment(6), None, [], {}, id="none"),
        pytest.param(
            deployment(4),
            replica_set("new", 4, desired=4),
            [replica_set("old", 2)],
            {"web-old": 0},
            id="the-new-one-has-all",
        ),
        pytest.param(
            deployment(15, surge=3),
            replica_set("new", 5, most=13),
            [replica_set("old", 8, most=13)],
            {"web-new": 7, "web-old": 11},
            id="in-proportion-as-in-the-documentation",
        ),
        pytest.param(
            deployment(5, surge=0),
            replica_set("new", 4, most=10),
            [replica_set("old", 6, most=10)],
            {"web-new": 2, "web-old": 3},
            id="down-in-proportion",
        ),
        pytest.param(
            deployment(0),
            replica_set("new", 4, most=10),
            [replica_set("old", 6, most=10)],
            {"web-new": 0, "web-old": 0},
            id="down-to-nothing",
        ),
        pytest.param(
            deployment(20, surge=0, status={"replicas": 10}),
            replica_set("new", 5),
            [replica_set("old", 5)],
            {"web-new": 10, "web-old": 10},
            id="without-the-annotation-by-what-there-is",
        ),
        pytest.param(
            deployment(6, recreate=True), replica_set("new", 1), [replica_set("old", 2)], {}, id="not-when-recreated"
        ),
    ],
)
def test_scaling(subject: Deployment, new: ReplicaSet | None, old: list[ReplicaSet], expected: Sizes) -> None:
    assert scaled_sizes(subject, new, old) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(replica_set("old", 3, desired=3), True, id="another-size-before"),
        pytest.param(replica_set("old", 3, desired=10), False, id="this-size"),
        pytest.param(replica_set("old", 3), False, id="nothing-is-known"),
        pytest.param(replica_set("old", 0, desired=3), False, id="without-pods"),
    ],
)
def test_whether_the_size_has_changed(found: ReplicaSet, expected: bool) -> None:
    assert is_scaling(deployment(), [found]) is expected
