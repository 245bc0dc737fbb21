"""Electing a leader: claims as a table, and candidates against a live API server on a clock moved by hand."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apimachinery.clock import ManualClock
from apimachinery.types.core import Lease, LeaseSpec
from kubeclient.client import Client
from kubeclient.events import EventRecorder
from kubeclient.leader_election import Election, LeaderElector, LeadershipLost, claim, readiness
from kubeclient.resources import EVENTS, LEASES
from tests.live.processes import ServerProcess
from tests.live.waiting import eventually

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
BEFORE = NOW - timedelta(minutes=1)


def held(by: str | None, transitions: int | None = 3) -> LeaseSpec:
    return LeaseSpec(
        holder_identity=by,
        lease_duration_seconds=15,
        acquire_time=BEFORE,
        renew_time=BEFORE,
        lease_transitions=transitions,
    )


@pytest.mark.parametrize(
    ("found", "valid", "expected"),
    [
        pytest.param(None, False, (NOW, 0), id="no lease"),
        pytest.param(held("me"), True, (BEFORE, 3), id="renewed"),
        pytest.param(held("me"), False, (BEFORE, 3), id="run out, but nobody took it"),
        pytest.param(held("other"), True, None, id="another's"),
        pytest.param(held("other"), False, (NOW, 4), id="another's that has run out"),
        pytest.param(held(None), True, (NOW, 4), id="given back"),
        pytest.param(held("", None), True, (NOW, 1), id="never held"),
    ],
)
def test_what_a_claim_says(found: LeaseSpec | None, valid: bool, expected: tuple[datetime, int] | None) -> None:
    spec = claim(found, "me", valid=valid, now=NOW, seconds=15)
    if expected is None:
        assert spec is None
        return
    acquired, transitions = expected
    assert spec == LeaseSpec(
        holder_identity="me",
        lease_duration_seconds=15,
        acquire_time=acquired,
        renew_time=NOW,
        lease_transitions=transitions,
    )


@pytest.mark.parametrize(
    ("times", "said"),
    [
        pytest.param({"lease_duration": 10}, "leaseDuration must be greater than renewDeadline", id="lease"),
        pytest.param(
            {"retry_period": 9}, r"renewDeadline must be greater than retryPeriod\*JitterFactor", id="deadline"
        ),
        pytest.param({"retry_period": 0}, "retryPeriod must be greater than zero", id="period"),
        pytest.param(
            {"lease_duration": 0.9, "renew_deadline": 0.5, "retry_period": 0.1}, "at least one second", id="short"
        ),
    ],
)
def test_times_that_make_no_sense(times: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Election("lock", **times)


class Candidates:
    """Candidates of one election, each with a connection of its own, on one clock."""

    def __init__(self, namespace: str, clock: ManualClock) -> None:
        self.election = Election("lock", namespace)
        self.clock = clock

    @asynccontextmanager
    async def one(self, url: str, name: str, clock: ManualClock | None = None) -> AsyncIterator[LeaderElector]:
        async with Client(url, clock=clock or self.clock) as client:
            yield LeaderElector(
                client, self.election, EventRecorder(client, "test"), identity=name, rng=random.Random(1)
            )

    async def lease(self, client: Client) -> Lease:
        return await client.get(LEASES, "lock", namespace=self.election.resource_namespace)


@pytest.fixture
def candidates(namespace: str) -> Candidates:
    return Candidates(namespace, ManualClock())


@asynccontextmanager
async def running(work: Callable[[], Awaitable[None]]) -> AsyncIterator[asyncio.Task[None]]:
    """Run in a task that the test may cancel, or that ends by an error which the test awaits."""

    async def run() -> None:
        await work()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(run())
        yield task
        task.cancel()


async def test_another_one_waits_for_a_whole_lease(apiserver: str, candidates: Candidates, client: Client) -> None:
    clock = candidates.clock
    async with candidates.one(apiserver, "a") as a, candidates.one(apiserver, "b") as b:
        assert await a.step()
        assert not await b.step()
        assert (a.standby, b.standby) == (False, True)
        await clock.advance(10)
        assert await a.step()
        assert not await b.step()
        await clock.advance(14.9)
        assert not await b.step()
        await clock.advance(0.1)
        assert await b.step()
        assert not await a.step()
        assert a.leader == "b"
        spec = (await candidates.lease(client)).spec
        assert (spec.holder_identity, spec.lease_transitions, spec.lease_duration_seconds) == ("b", 1, 15)


async def test_others_clocks_do_not_matter(apiserver: str, candidates: Candidates) -> None:
    late = ManualClock(datetime(2030, 1, 1, tzinfo=UTC))
    async with candidates.one(apiserver, "a") as a, candidates.one(apiserver, "b", late) as b:
        assert await a.step()
        assert not await b.step()
        await late.advance(14)
        assert not await b.step()
        await late.advance(1)
        assert await b.step()


async def test_of_two_that_claim_at_once_one_wins(apiserver: str, candidates: Candidates) -> None:
    async with candidates.one(apiserver, "a") as a, candidates.one(apiserver, "b") as b:
        assert sorted(await asyncio.gather(a.step(), b.step())) == [False, True]


async def test_a_leader_works_until_it_is_stopped_and_gives_the_lease_back(
    apiserver: str, candidates: Candidates, client: Client
) -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with candidates.one(apiserver, "a") as a, candidates.one(apiserver, "b") as b:
        async with running(lambda: a.run(work)):
            await asyncio.wait_for(began.wait(), 30)
            assert not await b.step()

            async def told() -> bool:
                found = await client.list(EVENTS, namespace=candidates.election.resource_namespace)
                return [event.message for event in found.items if event.reason == "LeaderElection"] == [
                    "a became leader"
                ]

            await eventually(told, timeout=30)
        assert ended.is_set()
        assert (await candidates.lease(client)).spec.holder_identity is None
        assert await b.step()


async def test_a_leader_that_cannot_renew_ends(candidates: Candidates, fresh_apiserver: ServerProcess) -> None:
    candidates.election = Election("lock")
    began = asyncio.Event()

    async def work() -> None:
        began.set()
        await asyncio.Event().wait()

    async def lose() -> None:
        async with candidates.one(fresh_apiserver.url, "a") as a, running(lambda: a.run(work)) as task:
            await asyncio.wait_for(began.wait(), 30)
            fresh_apiserver.process.stop()
            passed = 0.0
            while not task.done():
                await candidates.clock.advance(0.5)
                passed += 0.5
                assert passed < 100, "still leads"

    with pytest.raises(ExceptionGroup) as failure:
        await lose()
    assert failure.group_contains(LeadershipLost)


async def test_a_server_that_forgets_everything_is_claimed_again(
    candidates: Candidates, start_server: Callable[..., ServerProcess]
) -> None:
    candidates.election = Election("lock")
    first = start_server()
    async with candidates.one(first.url, "a") as a:
        assert await a.step()
        first.process.stop()
        assert not await a.step()
        start_server(port=first.port)
        assert await a.step()


async def test_who_stands_by_is_ready(apiserver: str, candidates: Candidates) -> None:
    async with candidates.one(apiserver, "a") as a, candidates.one(apiserver, "b") as b:
        checks = {name: readiness(elector, lambda: False) for name, elector in (("a", a), ("b", b))}

        def ready(name: str) -> bool:
            return all(check() for check in checks[name].values())

        assert not ready("b")
        await a.step()
        await b.step()
        assert (ready("a"), ready("b")) == (False, True)
        assert a.healthy()
        await candidates.clock.advance(36)
        assert not a.healthy()
