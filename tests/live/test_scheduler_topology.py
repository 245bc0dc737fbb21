"""Pods that look at one another, through the scheduler as a process against the API server as a process."""

from collections.abc import AsyncIterator

import pytest

from kubeclient.client import Client
from kubeclient.resources import PODS
from tests.live import Cluster
from tests.live.scheduling import NAMESPACE, Rig
from tests.scheduler.builders import HOST, ZONE, labelled, make_node, make_pod, near

WEB = labelled(app="web")


@pytest.fixture
async def rig(bare_cluster: Cluster) -> AsyncIterator[Rig]:
    async with Client(bare_cluster.url) as client:
        yield Rig(bare_cluster, client)


async def test_a_pod_waits_until_its_zones_are_even_enough(rig: Rig) -> None:
    """S11: a spread constraint keeps a pod waiting, and a node in an emptier zone lets it in."""
    await rig.create_node(make_node("a1").zone("a"))
    await rig.create_node(make_node("bare"))
    pod = make_pod("first").labels(app="web").spread(ZONE, WEB, minDomains=2)
    await rig.create_pod(pod)
    await rig.until_on("first", "a1")
    await rig.create_pod(make_pod("second").labels(app="web").spread(ZONE, WEB, minDomains=2))
    await rig.until_said(
        "second",
        "0/2 nodes are available: 1 node(s) didn't match pod topology spread constraints, "
        "1 node(s) didn't match pod topology spread constraints (missing required label).",
    )
    await rig.create_node(make_node("b1").zone("b"))
    await rig.until_on("second", "b1")


async def test_pods_that_keep_away_and_pods_that_follow(rig: Rig) -> None:
    """S11: anti-affinity holds against pods that come later, too; affinity leads to where the others are."""
    for name, zone in (("a1", "a"), ("b1", "b")):
        await rig.create_node(make_node(name).zone(zone))
    here = labelled(**{"kubernetes.io/metadata.name": NAMESPACE})
    shy = near(HOST, WEB, namespaceSelector=here)
    await rig.create_pod(make_pod("shy").labels(app="db").affinity(shy, anti=True).selector(**{HOST: "a1"}))
    await rig.until_on("shy", "a1")
    await rig.create_pod(make_pod("web").labels(app="web"))
    await rig.until_on("web", "b1")
    await rig.create_pod(make_pod("follower").affinity(near(ZONE, WEB)))
    await rig.until_on("follower", "b1")
    await rig.create_pod(make_pod("stuck").labels(app="web").selector(**{HOST: "a1"}))
    await rig.until_said(
        "stuck",
        "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, "
        "1 node(s) didn't satisfy existing pods anti-affinity rules.",
    )
    await rig.client.delete(PODS, "shy", namespace=NAMESPACE, grace_period_seconds=0)
    await rig.until_on("stuck", "a1")
