"""Tokens of service accounts, from a live API server."""

import random
from datetime import timedelta

import pytest

from apimachinery.clock import ManualClock
from apimachinery.types.pod import Pod
from kubeclient.client import Client
from kubeclient.resources import PODS
from kubelet.tokens import Token, TokenFault, TokenManager, needs_renewal
from tests.kubelet.builders import START

HOUR = timedelta(hours=1)

AHEAD = timedelta(seconds=30)
"""By how much clocks that stand still are set ahead: a token that is issued meanwhile is not from their future."""


@pytest.mark.parametrize(
    ("lifetime", "age", "due"),
    [
        pytest.param(HOUR, timedelta(0), False, id="fresh"),
        pytest.param(HOUR, HOUR * 0.79, False, id="before 80 %"),
        pytest.param(HOUR, HOUR * 0.81, True, id="after 80 %"),
        pytest.param(HOUR * 240, HOUR * 23, False, id="before a day"),
        pytest.param(HOUR * 240, HOUR * 25, True, id="after a day"),
        pytest.param(HOUR, -HOUR / 60, True, id="from the future"),
    ],
)
def test_when_a_token_is_renewed(lifetime: timedelta, age: timedelta, due: bool) -> None:
    assert needs_renewal(Token(b"t", START + lifetime, lifetime), START + age) is due


def test_jitter_renews_sooner() -> None:
    token = Token(b"t", START + HOUR, HOUR)
    age = START + HOUR * 0.8 - timedelta(seconds=5)
    assert not needs_renewal(token, age)
    assert needs_renewal(token, age, jitter=timedelta(seconds=9))


async def bound_pod(client: Client, namespace: str, account: str = "default") -> Pod:
    pod = {
        "metadata": {"name": "web"},
        "spec": {"containers": [{"name": "c", "image": "pause"}], "serviceAccountName": account, "nodeName": "n"},
    }
    return await client.create(PODS, pod, namespace=namespace)


async def test_a_token_is_kept_until_it_is_due(apiserver: str, client: Client, namespace: str) -> None:
    pod = await bound_pod(client, namespace)
    clock = ManualClock(client.clock.now() + AHEAD)
    async with Client(apiserver, clock=clock) as timed:
        tokens = TokenManager(timed, random.Random(1))
        first = await tokens.token(pod, "", 3600)
        assert first.count(b".") == 2
        assert await tokens.token(pod, "", 3600) == first
        assert await tokens.token(pod, "vault", 3600) != first
        assert not tokens.due(pod.metadata.uid)
        await clock.advance(2900)
        assert tokens.due(pod.metadata.uid)
        tokens.forget(pod.metadata.uid)
        assert not tokens.due(pod.metadata.uid)


async def test_no_token_for_an_account_that_is_not_there(client: Client, namespace: str) -> None:
    pod = await bound_pod(client, namespace)
    pod.spec.service_account_name = "nobody"
    with pytest.raises(TokenFault, match='failed to fetch token: serviceaccounts "nobody" not found'):
        await TokenManager(client, random.Random(1)).token(pod, "", 3600)


async def test_an_old_token_outlives_the_api_server_until_it_expires(client: Client, namespace: str) -> None:
    pod = await bound_pod(client, namespace)
    clock = ManualClock(client.clock.now() + AHEAD)
    async with Client("http://127.0.0.1:1", clock=clock) as cut_off, Client(client.server, clock=clock) as joined:
        with pytest.raises(TokenFault, match="failed to fetch token: "):
            await TokenManager(cut_off, random.Random(1)).token(pod, "", 600)
        tokens = TokenManager(joined, random.Random(1))
        first = await tokens.token(pod, "", 600)
        tokens._client = cut_off
        await clock.advance(540)
        assert await tokens.token(pod, "", 600) == first
        await clock.advance(100)
        with pytest.raises(TokenFault, match="expired and refresh failed"):
            await tokens.token(pod, "", 600)
