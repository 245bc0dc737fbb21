"""Evictions, and the budgets that stand in their way."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.apiserver.admission.server import JSONObject, Server
from tests.apiserver.objects import pod
from tests.live.processes import Kubectl

LABELS = {"app": "web"}
VIOLATION = "Cannot evict pod as it would violate the pod's disruption budget."


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as started:
        yield started


def budget(name: str = "b", **spec: Any) -> JSONObject:
    return {"metadata": {"name": name}, "spec": {"minAvailable": 1, "selector": {"matchLabels": LABELS}, **spec}}


async def make_budget(server: Server, name: str = "b", *, status: JSONObject | None = None, **spec: Any) -> None:
    """Create a budget, and be the one who counts for it; without ``status`` nobody has counted yet."""
    await server.create("poddisruptionbudgets", budget(name, **spec))
    if status is not None:
        counts = {"observedGeneration": 1, "currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 2, **status}
        await server.patch("poddisruptionbudgets", name, {"status": counts}, subresource="status")


async def make_pod(server: Server, name: str = "p", *, phase: str = "Running", ready: bool = True) -> JSONObject:
    await server.create("pods", pod(name, labels=LABELS, nodeName="n", terminationGracePeriodSeconds=30))
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    return await server.patch(
        "pods", name, {"status": {"phase": phase, "conditions": conditions}}, subresource="status"
    )


async def evict(
    server: Server, name: str = "p", *, code: int = 201, params: dict[str, str] | None = None, **fields: Any
) -> JSONObject:
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}, **fields}
    return await server.request("POST", server.path("pods", name, "eviction"), code=code, json=eviction, params=params)


async def is_going(server: Server, name: str = "p") -> bool:
    return "deletionTimestamp" in (await server.get("pods", name))["metadata"]


async def allowed(server: Server, name: str = "b") -> int:
    number: int = (await server.get("poddisruptionbudgets", name))["status"]["disruptionsAllowed"]
    return number


class TestWithoutBudget:
    async def test_the_pod_goes_and_says_why(self, server: Server) -> None:
        await make_pod(server)
        assert await evict(server) == {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Success",
            "code": 201,
        }
        left = await server.get("pods", "p")
        assert left["metadata"]["deletionGracePeriodSeconds"] == 30
        reason = next(entry for entry in left["status"]["conditions"] if entry["type"] == "DisruptionTarget")
        assert (reason["status"], reason["reason"], reason["message"]) == (
            "True",
            "EvictionByEvictionAPI",
            "Eviction API: evicting",
        )

    async def test_delete_options(self, server: Server) -> None:
        await make_pod(server)
        await evict(server, deleteOptions={"gracePeriodSeconds": 0})
        await server.get("pods", "p", code=404)

    @pytest.mark.parametrize(
        ("options", "query"),
        [
            pytest.param({"dryRun": ["All"]}, {}, id="in the options"),
            pytest.param({}, {"dryRun": "All"}, id="in the query"),
        ],
    )
    async def test_dry_run(self, server: Server, options: JSONObject, query: dict[str, str]) -> None:
        await make_pod(server)
        await make_budget(server, status={"disruptionsAllowed": 1})
        before = await server.get("pods", "p")
        await evict(server, deleteOptions=options, params=query)
        assert (await server.get("pods", "p"), await allowed(server)) == (before, 1)

    @pytest.mark.parametrize(
        ("precondition", "why"),
        [
            pytest.param({"uid": "x"}, "the UID in the precondition (x) does not match the UID in record", id="uid"),
            pytest.param(
                {"resourceVersion": "1"},
                "the ResourceVersion in the precondition (1) does not match the ResourceVersion in record",
                id="resource version",
            ),
        ],
    )
    async def test_preconditions_that_fail(self, server: Server, precondition: JSONObject, why: str) -> None:
        await make_pod(server)
        status = await evict(server, deleteOptions={"preconditions": precondition}, code=409)
        assert (status["reason"], why in status["message"]) == ("Conflict", True)
        assert not await is_going(server)

    async def test_preconditions_that_hold(self, server: Server) -> None:
        metadata = (await make_pod(server))["metadata"]
        wanted = {key: metadata[key] for key in ("uid", "resourceVersion")}
        await evict(server, deleteOptions={"preconditions": wanted})
        assert await is_going(server)

    async def test_no_such_pod(self, server: Server) -> None:
        status = await evict(server, "none", code=404)
        assert status["message"] == 'pods "none" not found'

    @pytest.mark.parametrize(
        ("fields", "why"),
        [
            pytest.param(
                {"metadata": {"name": "q"}}, "name in URL does not match name in Eviction object", id="another name"
            ),
            pytest.param(
                {"metadata": {"name": "p", "namespace": "other"}},
                "the namespace of the provided object does not match the namespace sent on the request",
                id="another namespace",
            ),
        ],
    )
    async def test_bad_evictions(self, server: Server, fields: JSONObject, why: str) -> None:
        await make_pod(server)
        assert (await evict(server, code=400, **fields))["message"] == why


class TestBudgets:
    async def test_each_eviction_takes_one_disruption(self, server: Server) -> None:
        await make_pod(server)
        await make_budget(server, status={"disruptionsAllowed": 2})
        await evict(server)
        status = (await server.get("poddisruptionbudgets", "b"))["status"]
        assert (status["disruptionsAllowed"], list(status["disruptedPods"])) == (1, ["p"])
        assert "conditions" not in status

    async def test_the_last_one_is_told(self, server: Server) -> None:
        await make_pod(server)
        await make_budget(server, status={"disruptionsAllowed": 1})
        await evict(server)
        (condition,) = (await server.get("poddisruptionbudgets", "b"))["status"]["conditions"]
        assert (condition["type"], condition["status"], condition["reason"], condition["observedGeneration"]) == (
            "DisruptionAllowed",
            "False",
            "InsufficientPods",
            1,
        )

    async def test_none_is_left(self, server: Server) -> None:
        await make_pod(server)
        await make_budget(server, status={"disruptionsAllowed": 0})
        status = await evict(server, code=429)
        assert (status["reason"], status["message"]) == ("TooManyRequests", VIOLATION)
        assert status["details"] == {
            "causes": [
                {
                    "reason": "DisruptionBudget",
                    "message": "The disruption budget b needs 1 healthy pods and has 1 currently",
                }
            ]
        }
        assert not await is_going(server)

    async def test_nobody_has_counted_yet(self, server: Server) -> None:
        await make_pod(server)
        await make_budget(server)
        status = await evict(server, code=429)
        assert status["details"] == {
            "causes": [
                {
                    "reason": "DisruptionBudget",
                    "message": "The disruption budget b is still being processed by the server.",
                }
            ],
            "retryAfterSeconds": 10,
        }
        assert server.last is not None
        assert server.last.headers["retry-after"] == "10"

    async def test_counting_failed(self, server: Server) -> None:
        await make_pod(server)
        failed = {
            "type": "DisruptionAllowed",
            "status": "False",
            "reason": "SyncFailed",
            "message": "no scale",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }
        await make_budget(server, status={"disruptionsAllowed": 0, "conditions": [failed]})
        (cause,) = (await evict(server, code=429))["details"]["causes"]
        assert cause["message"] == (
            "The disruption budget b does not allow evicting pods currently because it failed sync: no scale"
        )

    async def test_several_budgets(self, server: Server) -> None:
        await make_pod(server)
        await make_budget(server, "a", status={"disruptionsAllowed": 1})
        await make_budget(server, "b", status={"disruptionsAllowed": 1})
        status = await evict(server, code=500)
        assert status["message"] == (
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
        )

    @pytest.mark.parametrize(
        ("selector", "asked"),
        [
            pytest.param({"matchLabels": {"app": "other"}}, False, id="of other pods"),
            pytest.param(None, False, id="of none"),
            pytest.param({}, True, id="of all"),
        ],
    )
    async def test_which_pods_it_is_for(self, server: Server, selector: JSONObject | None, asked: bool) -> None:
        await make_pod(server)
        await make_budget(server, status={"disruptionsAllowed": 0}, selector=selector)
        await evict(server, code=429 if asked else 201)

    @pytest.mark.parametrize(
        "phase",
        [pytest.param(phase, id=phase) for phase in ("Pending", "Succeeded", "Failed")],
    )
    async def test_pods_that_no_budget_counts(self, server: Server, phase: str) -> None:
        await make_pod(server, phase=phase)
        await make_budget(server, status={"disruptionsAllowed": 0})
        await evict(server)

    async def test_a_pod_that_is_going_already(self, server: Server) -> None:
        await make_pod(server)
        await server.delete("pods", "p")
        await make_budget(server, status={"disruptionsAllowed": 0})
        await evict(server)

    @pytest.mark.parametrize(
        ("policy", "healthy", "code"),
        [
            pytest.param(None, 1, 201, id="enough others are healthy"),
            pytest.param(None, 0, 429, id="too few are healthy"),
            pytest.param("IfHealthyBudget", 0, 429, id="too few are healthy, said so"),
            pytest.param("AlwaysAllow", 0, 201, id="those that are not ready may always go"),
        ],
    )
    async def test_pods_that_are_not_ready(self, server: Server, policy: str | None, healthy: int, code: int) -> None:
        await make_pod(server, ready=False)
        fields = {"unhealthyPodEvictionPolicy": policy} if policy else {}
        await make_budget(server, status={"disruptionsAllowed": 0, "currentHealthy": healthy}, **fields)
        await evict(server, code=code)
        assert (await is_going(server), await allowed(server)) == (code == 201, 0)

    async def test_many_at_once(self, server: Server) -> None:
        await make_budget(server, status={"disruptionsAllowed": 3})
        for number in range(10):
            await make_pod(server, f"p{number}")
        eviction = {"apiVersion": "policy/v1", "kind": "Eviction"}
        answers = await asyncio.gather(
            *(
                server.http.post(server.path("pods", name, "eviction"), json={**eviction, "metadata": {"name": name}})
                for name in (f"p{number}" for number in range(10))
            )
        )
        assert sorted(answer.status_code for answer in answers) == [201] * 3 + [429] * 7


class Drained:
    """A node of the shared server with two ready pods, and a budget for them."""

    def __init__(self, http: httpx.AsyncClient, namespace: str) -> None:
        self.http = http
        self.node = f"drained-{namespace}"
        self.pods = f"/api/v1/namespaces/{namespace}/pods"
        self.budget = f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets"

    async def send(self, method: str, path: str, body: JSONObject | None = None) -> JSONObject:
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        answer = await self.http.request(method, path, json=body, headers={"content-type": kind})
        answer.raise_for_status()
        found: JSONObject = answer.json()
        return found

    async def set_up(self) -> None:
        await self.send("POST", "/api/v1/nodes", {"metadata": {"name": self.node}})
        owner = {"apiVersion": "example.com/v1", "kind": "Keeper", "name": "k", "uid": "k", "controller": True}
        ready = {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}
        for name in ("a", "b"):
            running = pod(name, labels=LABELS, nodeName=self.node, terminationGracePeriodSeconds=0)
            running["metadata"]["ownerReferences"] = [owner]
            await self.send("POST", self.pods, running)
            await self.send("PATCH", f"{self.pods}/{name}/status", ready)
        await self.send("POST", self.budget, budget())

    async def allow(self, disruptions: int) -> None:
        counts = {"observedGeneration": 1, "disruptionsAllowed": disruptions, "desiredHealthy": 1, "currentHealthy": 2}
        await self.send("PATCH", f"{self.budget}/b/status", {"status": counts})

    async def left(self) -> list[str]:
        return [item["metadata"]["name"] for item in (await self.send("GET", self.pods))["items"]]


@pytest.fixture
async def drained(http: httpx.AsyncClient, namespace: str) -> AsyncIterator[Drained]:
    made = Drained(http, namespace)
    await made.set_up()
    yield made
    await made.send("DELETE", f"/api/v1/nodes/{made.node}")


async def test_kubectl_drain(drained: Drained, kubectl: Kubectl) -> None:
    await drained.allow(2)
    said = await asyncio.to_thread(kubectl.run, "drain", drained.node)
    assert f"node/{drained.node} cordoned" in said
    assert said.splitlines()[-1] == f"node/{drained.node} drained"
    assert {line for line in said.splitlines() if line.endswith(" evicted")} == {"pod/a evicted", "pod/b evicted"}
    assert await drained.left() == []
    status = (await drained.send("GET", f"{drained.budget}/b"))["status"]
    assert (status["disruptionsAllowed"], sorted(status["disruptedPods"])) == (0, ["a", "b"])


@pytest.mark.slow
async def test_kubectl_drain_waits_for_the_budget(drained: Drained, kubectl: Kubectl) -> None:
    """kubectl tries again what was refused, every five seconds."""
    await drained.allow(1)
    running = await asyncio.to_thread(kubectl.start, "drain", drained.node)
    await asyncio.to_thread(running.wait_for_line, VIOLATION)
    assert len(await drained.left()) == 1
    await drained.allow(1)
    assert await asyncio.to_thread(running.wait, 30) == 0
    assert await drained.left() == []
