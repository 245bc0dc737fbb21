"""Numbers by row and key, and the arrays that follow them."""

from scheduler.framework.row_counts import CountTable, DerivedCache
from tests.scheduler.builders import ZONE, make_node, table


def counts(bytes_kept: int = 10**6) -> CountTable[str]:
    return CountTable(8, DerivedCache(bytes_kept))


def listed(found: CountTable[str], key: str) -> list[int] | None:
    vector = found.vector(key, 4)
    return None if vector is None else vector.tolist()


def test_a_vector_follows_its_key() -> None:
    found = counts()
    assert listed(found, "web") is None
    found.add(1, "web", 2)
    assert listed(found, "web") == [0, 2, 0, 0]
    found.add(3, "web", 1)
    found.add(1, "db", 5)
    assert listed(found, "web") == [0, 2, 0, 1]
    found.add(3, "web", -1)
    assert listed(found, "web") == [0, 2, 0, 0]
    found.add(1, "web", -2)
    assert listed(found, "web") is None
    assert ("web" in found, "db" in found) == (False, True)


def test_rows_that_move_take_all_their_numbers_along() -> None:
    found = counts()
    for key, amount in (("web", 1), ("db", 2)):
        found.add(3, key, amount)
        listed(found, key)
    found.move(3, 0)
    assert (listed(found, "web"), listed(found, "db")) == ([1, 0, 0, 0], [2, 0, 0, 0])
    assert found.by_row("web") == {0: 1}


def test_a_dropped_key_is_gone_from_its_rows() -> None:
    found = counts()
    found.add(0, "web", 1)
    found.add(0, "db", 1)
    found.drop("web")
    found.drop("web")
    found.move(0, 1)
    assert (listed(found, "web"), listed(found, "db")) == (None, [0, 1, 0, 0])


def test_growing_keeps_the_numbers() -> None:
    found = counts()
    found.add(1, "web", 1)
    listed(found, "web")
    found.resize(16)
    found.add(12, "web", 1)
    vector = found.vector("web", 16)
    assert vector is not None
    assert vector.sum() == 2


def test_arrays_that_were_not_used_for_long_are_made_anew() -> None:
    """Only so many bytes of them are kept, and what is let go of still answers right."""
    found = counts(bytes_kept=2 * 8 * 8)
    keys = [f"key-{number}" for number in range(5)]
    for number, key in enumerate(keys):
        found.add(number % 4, key, 1)
        listed(found, key)
    for number, key in enumerate(keys):
        found.add(number % 4, key, 1)
        vector = listed(found, key)
        assert vector is not None
        assert vector[number % 4] == 2
    assert sum(len(found._by_key[key].derived) for key in keys) == 2


def test_sums_by_domain() -> None:
    nodes = table(*(make_node(name).zone(name[0]) for name in ("a1", "a2", "b1")), make_node("bare"))
    domains = nodes.topology.domains(ZONE, nodes.count)
    found = counts()
    assert found.sums("web", domains) is None
    for row, amount in ((0, 1), (1, 2), (2, 4), (3, 8)):
        found.add(row, "web", amount)
    sums = found.sums("web", domains)
    assert sums is not None
    assert [int(sums[number]) for number in domains.numbers] == [3, 3, 4, 0]
    found.add(1, "web", 10)
    assert [int(sums[number]) for number in domains.numbers] == [13, 13, 4, 0]
