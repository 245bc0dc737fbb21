"""Which loopback addresses clusters have."""

import contextlib
import ipaddress
import itertools

import pytest

from apimachinery.errors import FatalError
from kubemu.up import locks
from kubemu.up.addresses import Addresses, candidates, claim, ranges_for


@pytest.mark.parametrize(
    ("nodes", "ranges"),
    [(0, 1), (1, 1), (256, 1), (257, 2), (512, 2), (513, 4), (5000, 32), (32768, 128)],
)
def test_nodes_have_room(nodes: int, ranges: int) -> None:
    assert ranges_for(nodes) == ranges


def test_too_many_nodes_are_refused() -> None:
    with pytest.raises(FatalError, match="not enough addresses for 32769 nodes"):
        ranges_for(32769)


@pytest.mark.parametrize("ranges", [1, 2, 4, 32, 64, 128])
def test_rows_of_ranges_are_networks_beside_the_machines_own(ranges: int) -> None:
    found = candidates(ranges)
    assert len(set(found)) == len(found)
    own = ipaddress.ip_network("127.0.0.0/16")
    for start in found:
        # Raises for what is no network.
        assert not ipaddress.ip_network(Addresses(1, start, ranges).pods_cidr).overlaps(own)
        assert start + ranges <= 256


def test_what_components_take_by_themselves_comes_last() -> None:
    assert candidates(1)[:63] == list(range(1, 64))
    assert candidates(32) == [32, 64, 96, 128, 160, 192, 224]


def test_a_clusters_networks_do_not_overlap() -> None:
    one = Addresses(7, 8, 2)
    networks = [ipaddress.ip_network(cidr) for cidr in (one.services, one.load_balancers, one.pods_cidr)]
    assert not any(first.overlaps(second) for first, second in itertools.combinations(networks, 2))
    assert ipaddress.ip_address(one.dns) in networks[0]
    assert not any(ipaddress.ip_address(one.servers) in network for network in networks)
    assert networks[2].num_addresses == 512 * 256


def test_clusters_side_by_side_share_nothing() -> None:
    with contextlib.ExitStack() as stack:
        found = [stack.enter_context(claim(nodes)) for nodes in (1, 1, 300)]
    taken = [number for one in found for number in (one.own, *range(one.pods, one.pods + one.pod_ranges))]
    assert len(set(taken)) == len(taken) == 7


def test_what_one_has_is_free_again_afterwards() -> None:
    with claim(1) as mine:
        assert locks.take(f"127.{mine.own}") is None
        assert locks.take(f"127.{mine.pods}") is None
    lock = locks.take(f"127.{mine.pods}")
    assert lock is not None
    lock.close()
