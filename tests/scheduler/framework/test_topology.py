"""Which nodes are in one domain."""

import numpy as np

from scheduler.framework.topology import Domains
from tests.scheduler.builders import ZONE, make_node, table


def members(domains: Domains) -> list[int]:
    """The numbers of the rows' domains, in the order in which they first appear."""
    seen: dict[int, int] = {}
    return [-1 if number < 0 else seen.setdefault(int(number), len(seen)) for number in domains.numbers]


def test_nodes_by_their_value() -> None:
    nodes = table(make_node("a").zone("x"), make_node("b").zone("y"), make_node("c"), make_node("d").zone("x"))
    domains = nodes.topology.domains(ZONE, nodes.count)
    assert (members(domains), domains.found) == ([0, 1, -1, 0], 2)
    assert domains.counted.tolist() == domains.numbers.tolist()


def test_a_label_that_no_node_has() -> None:
    nodes = table(make_node("a"))
    domains = nodes.topology.domains("rack", nodes.count)
    assert (members(domains), domains.found, domains.size) == ([-1], 0, 0)


def test_only_eligible_nodes_make_a_domain() -> None:
    nodes = table(make_node("a").zone("x"), make_node("b").zone("y"), make_node("c").zone("y"))
    domains = nodes.topology.domains(ZONE, nodes.count, "picky", np.array([True, False, False]))
    assert (members(domains), domains.found) == ([0, 1, 1], 1)
    assert (domains.counted >= 0).tolist() == [True, False, False]


def test_kept_until_nodes_change() -> None:
    nodes = table(make_node("a").zone("x"))
    first = nodes.topology.domains(ZONE, nodes.count)
    assert nodes.topology.domains(ZONE, nodes.count) is first
    nodes.update_node(make_node("a").zone("x").cordoned().info())
    assert nodes.topology.domains(ZONE, nodes.count) is first
    nodes.update_node(make_node("a").zone("x").taint("t").info())
    assert nodes.topology.domains(ZONE, nodes.count) is not first
    nodes.add_node(make_node("b").zone("x").info())
    assert members(nodes.topology.domains(ZONE, nodes.count)) == [0, 0]


def test_masks_are_kept_as_long() -> None:
    nodes, made = table(make_node("a")), []

    def compute() -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        made.append(1)
        return np.ones(nodes.count, dtype=np.bool_)

    for _ in range(2):
        nodes.topology.mask("all", compute)
    assert len(made) == 1
    nodes.remove_node("a")
    assert len(nodes.topology.mask("all", compute)) == 0
    assert len(made) == 2
