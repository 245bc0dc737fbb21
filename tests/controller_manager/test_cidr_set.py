import pytest

from controller_manager.cidr_set import CidrSet


def test_subnets_are_lent_in_order() -> None:
    cidrs = CidrSet("127.128.0.0/9", 24)
    assert [cidrs.allocate(node) for node in ("a", "b", "c")] == ["127.128.0.0/24", "127.128.1.0/24", "127.128.2.0/24"]
    assert cidrs.statistics() == (3, 2**15)


def test_a_holder_keeps_its_subnet() -> None:
    cidrs = CidrSet("10.0.0.0/22", 24)
    assert cidrs.allocate("a") == cidrs.allocate("a") == "10.0.0.0/24"


def test_nothing_is_left_when_all_are_lent() -> None:
    cidrs = CidrSet("10.0.0.0/23", 24)
    assert cidrs.allocate("a")
    assert cidrs.allocate("b")
    assert cidrs.allocate("c") is None
    assert cidrs.release("a")
    assert cidrs.allocate("c") == "10.0.0.0/24"


def test_a_returned_subnet_rests_as_long_as_it_can() -> None:
    cidrs = CidrSet("10.0.0.0/22", 24)
    for node in ("a", "b"):
        cidrs.allocate(node)
    cidrs.release("b")
    cidrs.release("a")
    assert [cidrs.allocate(node) for node in ("c", "d", "e", "f")] == [
        "10.0.2.0/24",
        "10.0.3.0/24",
        "10.0.1.0/24",
        "10.0.0.0/24",
    ]


def test_what_nodes_have_already_is_not_lent_again() -> None:
    cidrs = CidrSet("10.0.0.0/22", 24)
    assert cidrs.occupy("old", "10.0.1.0/24")
    assert cidrs.occupy("old", "10.0.1.0/24")
    assert [cidrs.allocate(node) for node in ("a", "b", "c", "d")] == [
        "10.0.0.0/24",
        "10.0.2.0/24",
        "10.0.3.0/24",
        None,
    ]


def test_a_returned_subnet_that_was_occupied_ahead_of_its_turn_is_lent_once() -> None:
    cidrs = CidrSet("10.0.0.0/23", 24)
    assert cidrs.occupy("old", "10.0.1.0/24")
    cidrs.release("old")
    assert [cidrs.allocate(node) for node in ("a", "b", "c")] == ["10.0.0.0/24", "10.0.1.0/24", None]


def test_occupying_gives_up_what_the_holder_had() -> None:
    cidrs = CidrSet("10.0.0.0/23", 24)
    cidrs.allocate("a")
    assert cidrs.occupy("a", "10.0.1.0/24")
    assert cidrs.allocate("b") == "10.0.0.0/24"


@pytest.mark.parametrize(
    "cidr",
    [
        pytest.param("10.0.0.0/24", id="taken"),
        pytest.param("10.0.1.0/25", id="another-size"),
        pytest.param("10.1.0.0/24", id="outside"),
        pytest.param("fd00::/24", id="another-family"),
        pytest.param("nonsense", id="no-range"),
    ],
)
def test_what_cannot_be_occupied_is_said(cidr: str) -> None:
    cidrs = CidrSet("10.0.0.0/22", 24)
    cidrs.allocate("first")
    assert not cidrs.occupy("node", cidr)
    assert not cidrs.holds("node")


def test_six_is_as_good_as_four() -> None:
    cidrs = CidrSet("fd00:1::/56", 64)
    assert [cidrs.allocate("a"), cidrs.allocate("b")] == ["fd00:1::/64", "fd00:1:0:1::/64"]


@pytest.mark.parametrize(
    ("cluster", "mask"),
    [
        pytest.param("10.0.0.0/24", 16, id="larger-than-the-cluster"),
        pytest.param("10.0.0.0/24", 33, id="longer-than-an-address"),
        pytest.param("10.0.0.1/24", 28, id="host-bits"),
        pytest.param("fd00::/16", 64, id="too-many"),
        pytest.param("nonsense", 24, id="no-range"),
    ],
)
def test_a_range_that_cannot_be_divided_is_refused(cluster: str, mask: int) -> None:
    with pytest.raises(ValueError, match=r"."):
        CidrSet(cluster, mask)
