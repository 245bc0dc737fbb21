"""ServiceAccount: every pod runs as one that exists."""

import asyncio

import pytest

from apimachinery.clock import ManualClock
from tests.apiserver.admission.server import JSONObject, Server
from tests.apiserver.objects import pod


async def test_a_pod_runs_as_default(server: Server) -> None:
    spec = (await server.create("pods", pod("p")))["spec"]
    assert (spec["serviceAccountName"], spec["serviceAccount"]) == ("default", "default")


async def test_a_pod_can_be_created_right_after_its_namespace(server: Server) -> None:
    await server.create("namespaces", {"metadata": {"name": "new"}})
    await server.create("pods", pod("p"), namespace="new")


async def test_an_account_of_its_own(server: Server) -> None:
    await server.create("serviceaccounts", {"metadata": {"name": "robot"}, "imagePullSecrets": [{"name": "key"}]})
    spec = (await server.create("pods", pod("p", serviceAccountName="robot")))["spec"]
    assert (spec["serviceAccountName"], spec["serviceAccount"]) == ("robot", "robot")
    assert spec["imagePullSecrets"] == [{"name": "key"}]
    own = await server.create("pods", pod("q", serviceAccountName="robot", imagePullSecrets=[{"name": "mine"}]))
    assert own["spec"]["imagePullSecrets"] == [{"name": "mine"}]


async def test_an_account_that_does_not_exist(server: Server) -> None:
    assert await server.refused("pods", pod("p", serviceAccountName="robot")) == (
        'pods "p" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found'
    )


async def test_default_is_waited_for() -> None:
    clock = ManualClock()
    async with Server(clock=clock) as server:
        await server.delete("serviceaccounts", "default")
        async with asyncio.TaskGroup() as group:
            creating = group.create_task(server.create("pods", pod("p")))
            while not clock.sleepers:
                await clock.settle()
            await server.create("serviceaccounts", {"metadata": {"name": "default"}})
            await clock.advance(0.1)
            assert (await creating)["spec"]["serviceAccountName"] == "default"


async def test_default_is_not_waited_for_for_ever() -> None:
    clock = ManualClock()
    async with Server(clock=clock) as server:
        await server.delete("serviceaccounts", "default")
        async with asyncio.TaskGroup() as group:
            refusing = group.create_task(server.refused("pods", pod("p")))
            while not refusing.done():
                await clock.advance(0.1)
            assert (await refusing).endswith(
                'error looking up service account default/default: serviceaccount "default" not found'
            )


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        pytest.param({}, "", id="nothing of the cluster's"),
        pytest.param(
            {"serviceAccountName": "default"}, "a mirror pod may not reference service accounts", id="an account"
        ),
        pytest.param(
            {"volumes": [{"name": "v", "secret": {"secretName": "s"}}]},
            "a mirror pod may not reference secrets",
            id="a secret",
        ),
        pytest.param(
            {"volumes": [{"name": "v", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}]},
            "a mirror pod may not use ServiceAccountToken volume projections",
            id="a token",
        ),
    ],
)
async def test_mirror_pods(server: Server, spec: JSONObject, why: str) -> None:
    mirror = pod("m", **spec)
    mirror["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "x"}
    if why:
        assert await server.refused("pods", mirror) == f'pods "m" is forbidden: {why}'
    else:
        assert "serviceAccountName" not in (await server.create("pods", mirror))["spec"]
