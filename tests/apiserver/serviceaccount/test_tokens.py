"""Tokens asked for, shown and refused, on a server whose clock is moved by hand."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from subprocess import run
from typing import Any

import jwt
import pytest

from apimachinery.clock import ManualClock
from apiserver.serviceaccount.tokens import TokenPolicy, check_policy
from tests.apiserver.admission.server import Server
from tests.apiserver.objects import pod

JSONObject = dict[str, Any]

ISSUER = "https://kubernetes.default.svc.cluster.local"
REVIEWS = "/apis/authentication.k8s.io/v1"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as opened:
        yield opened


async def ask(server: Server, spec: JSONObject | None = None, *, code: int = 201, name: str = "default") -> JSONObject:
    path = server.path("serviceaccounts", name, "token")
    return await server.request("POST", path, code=code, json={"spec": spec or {}})


async def token(server: Server, **spec: Any) -> str:
    issued: str = (await ask(server, spec))["status"]["token"]
    return issued


async def review(server: Server, shown: str, *audiences: str) -> JSONObject:
    body = {"spec": {"token": shown, "audiences": list(audiences)}}
    answer: JSONObject = (await server.request("POST", f"{REVIEWS}/tokenreviews", code=201, json=body))["status"]
    return answer


async def refused(server: Server, shown: str, *audiences: str) -> str:
    status = await review(server, shown, *audiences)
    assert set(status) == {"user", "error"}
    return str(status["error"])


def read(shown: str) -> JSONObject:
    found: JSONObject = jwt.decode(shown, options={"verify_signature": False})
    return found


def bound_to(obj: JSONObject, kind: str) -> JSONObject:
    metadata = obj["metadata"]
    return {"kind": kind, "apiVersion": "v1", "name": metadata["name"], "uid": metadata["uid"]}


async def test_defaults(server: Server) -> None:
    answer = await ask(server)
    issued = answer["status"].pop("token")
    assert answer == {
        "kind": "TokenRequest",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"name": "default", "namespace": "default", "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"audiences": [ISSUER], "expirationSeconds": 3600},
        "status": {"expirationTimestamp": "2026-01-01T01:00:00Z"},
    }
    found = read(issued)
    assert (found["iss"], found["aud"], found["exp"] - found["iat"]) == (ISSUER, [ISSUER], 3600)
    account = await server.get("serviceaccounts", "default")
    assert found["kubernetes.io"] == {
        "namespace": "default",
        "serviceaccount": {"name": "default", "uid": account["metadata"]["uid"]},
    }


async def test_a_review_of_a_good_token(server: Server) -> None:
    account = await server.get("serviceaccounts", "default")
    issued = await token(server)
    assert await review(server, issued) == {
        "authenticated": True,
        "user": {
            "username": "system:serviceaccount:default:default",
            "uid": account["metadata"]["uid"],
            "groups": ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"],
            "extra": {"authentication.kubernetes.io/credential-id": [f"JTI={read(issued)['jti']}"]},
        },
        "audiences": [ISSUER],
    }


@pytest.mark.parametrize(
    ("asked", "common"),
    [
        pytest.param(["vault"], ["vault"], id="one of two"),
        pytest.param(["other", "store", "vault"], ["vault", "store"], id="in the token's order"),
    ],
)
async def test_audiences_in_common(server: Server, asked: list[str], common: list[str]) -> None:
    issued = await token(server, audiences=["vault", "store"])
    assert (await review(server, issued, *asked))["audiences"] == common


async def test_audiences_of_others(server: Server) -> None:
    issued = await token(server, audiences=["vault", "store"])
    assert await refused(server, issued) == (
        f'[invalid bearer token, token audiences ["vault" "store"] is invalid for the target audiences ["{ISSUER}"]]'
    )


@pytest.mark.parametrize(
    ("spec", "code", "message"),
    [
        pytest.param(
            {"expirationSeconds": 599},
            422,
            'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: '
            "may not specify a duration less than 10 minutes",
            id="too short",
        ),
        pytest.param(
            {"expirationSeconds": (1 << 32) + 1},
            422,
            'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: '
            "may not specify a duration larger than 2^32 seconds",
            id="too long",
        ),
        pytest.param(
            {"boundObjectRef": {"kind": "Pod", "apiVersion": "v1", "name": "none"}},
            404,
            'pods "none" not found',
            id="no such pod",
        ),
        pytest.param(
            {"boundObjectRef": {"kind": "Secret", "apiVersion": "v1", "name": "none"}},
            404,
            'secrets "none" not found',
            id="no such secret",
        ),
        pytest.param(
            {"boundObjectRef": {"kind": "Node", "apiVersion": "v1", "name": "none"}},
            404,
            'nodes "none" not found',
            id="no such node",
        ),
        pytest.param(
            {"boundObjectRef": {"kind": "ConfigMap", "apiVersion": "v1", "name": "kube-root-ca.crt"}},
            400,
            "cannot bind token to object of type /v1, Kind=ConfigMap",
            id="what cannot be bound to",
        ),
        pytest.param(
            {"boundObjectRef": {"kind": "Pod", "apiVersion": "apps/v1", "name": "none"}},
            400,
            "cannot bind token to object of type apps/v1, Kind=Pod",
            id="a pod of another group",
        ),
    ],
)
async def test_requests_that_are_refused(server: Server, spec: JSONObject, code: int, message: str) -> None:
    assert (await ask(server, spec, code=code))["message"] == message


async def test_an_account_that_does_not_exist(server: Server) -> None:
    assert (await ask(server, code=404, name="robot"))["message"] == 'serviceaccounts "robot" not found'


async def test_another_name_or_uid(server: Server) -> None:
    path = server.path("serviceaccounts", "default", "token")
    status = await server.request("POST", path, code=422, json={"metadata": {"name": "other"}})
    assert status["message"] == (
        'TokenRequest.authentication.k8s.io "default" is invalid: metadata.name: Invalid value: "other": '
        "must match the service account name if specified"
    )
    secret = await server.create("secrets", {"metadata": {"name": "s"}})
    status = await ask(server, {"boundObjectRef": {**bound_to(secret, "Secret"), "uid": "other"}}, code=409)
    assert (status["reason"], status["message"]) == (
        "Conflict",
        'Operation cannot be fulfilled on Secret "s": the UID in the bound object reference (other) does not match '
        "the UID in record. The object might have been deleted and then recreated",
    )


async def test_a_pod_of_another_account(server: Server) -> None:
    await server.create("serviceaccounts", {"metadata": {"name": "robot"}})
    reference = bound_to(await server.create("pods", pod("p")), "Pod")
    status = await ask(server, {"boundObjectRef": reference}, code=400, name="robot")
    assert status["message"] == (
        'cannot bind token for serviceaccount "robot" to pod running with serviceaccount "default"'
    )


async def test_only_posted(server: Server) -> None:
    await server.request("GET", server.path("serviceaccounts", "default", "token"), code=405)


async def test_time_passes(server: Server) -> None:
    assert isinstance(server.clock, ManualClock)
    issued = await token(server, expirationSeconds=600)
    await server.clock.advance(660)
    assert (await review(server, issued))["authenticated"]
    await server.clock.advance(1)
    assert await refused(server, issued) == "[invalid bearer token, service account token has expired]"


async def test_bound_to_a_pod(server: Server) -> None:
    node = await server.create("nodes", {"metadata": {"name": "n"}})
    found = await server.create("pods", pod("p", nodeName="n"))
    issued = await token(server, boundObjectRef=bound_to(found, "Pod"))
    extra = (await review(server, issued))["user"]["extra"]
    extra.pop("authentication.kubernetes.io/credential-id")
    assert extra == {
        "authentication.kubernetes.io/pod-name": ["p"],
        "authentication.kubernetes.io/pod-uid": [found["metadata"]["uid"]],
        "authentication.kubernetes.io/node-name": ["n"],
        "authentication.kubernetes.io/node-uid": [node["metadata"]["uid"]],
    }
    # The node that goes takes nothing along, the pod does.
    await server.delete("nodes", "n")
    assert (await review(server, issued))["authenticated"]
    await server.delete("pods", "p", gracePeriodSeconds="0")
    gone = "[invalid bearer token, service account token has been invalidated]"
    assert await refused(server, issued) == gone
    again = await server.create("pods", pod("p"))
    assert await refused(server, issued) == (
        f"[invalid bearer token, pod UID ({again['metadata']['uid']}) does not match service account pod ref claim "
        f"({found['metadata']['uid']})]"
    )


async def test_bound_to_a_pod_that_is_ending(server: Server) -> None:
    assert isinstance(server.clock, ManualClock)
    await server.create("nodes", {"metadata": {"name": "n"}})
    reference = bound_to(await server.create("pods", pod("p", nodeName="n")), "Pod")
    issued = await token(server, boundObjectRef=reference)
    ending = await server.delete("pods", "p", gracePeriodSeconds="30")
    assert ending["metadata"]["deletionTimestamp"] == "2026-01-01T00:00:30Z"
    await server.clock.advance(90)
    assert (await review(server, issued))["authenticated"]
    await server.clock.advance(1)
    assert "service account token has been invalidated" in await refused(server, issued)


@pytest.mark.parametrize(("plural", "kind"), [("secrets", "Secret"), ("nodes", "Node")])
async def test_bound_to_something_else(server: Server, plural: str, kind: str) -> None:
    found = await server.create(plural, {"metadata": {"name": "x"}})
    issued = await token(server, boundObjectRef=bound_to(found, kind))
    assert (await review(server, issued))["authenticated"]
    await server.delete(plural, "x")
    assert await refused(server, issued) == "[invalid bearer token, service account token has been invalidated]"


async def test_the_account_goes(server: Server) -> None:
    await server.create("serviceaccounts", {"metadata": {"name": "robot"}})
    issued: str = (await ask(server, name="robot"))["status"]["token"]
    await server.delete("serviceaccounts", "robot")
    assert await refused(server, issued) == '[invalid bearer token, serviceaccounts "robot" not found]'
    await server.create("serviceaccounts", {"metadata": {"name": "robot"}})
    assert "does not match claim" in await refused(server, issued)


async def test_tokens_of_other_servers(server: Server) -> None:
    async with Server() as other:
        foreign = await token(other)
    assert await refused(server, foreign) == "[invalid bearer token, invalid signature, no keys found]"
    assert await refused(server, "opensesame") == "invalid bearer token"
    async with Server(service_account_issuer=("https://elsewhere",)) as other:
        assert await refused(server, await token(other)) == "invalid bearer token"


async def test_who_am_i(server: Server) -> None:
    issued = await token(server)
    names = {}
    for shown in (f"Bearer {issued}", "Bearer opensesame", "Basic Og=="):
        headers = {"authorization": shown}
        answer = await server.request("POST", f"{REVIEWS}/selfsubjectreviews", code=201, json={}, headers=headers)
        names[shown.partition(" ")[2]] = answer["status"]["userInfo"]["username"]
    assert names == {
        issued: "system:serviceaccount:default:default",
        "opensesame": "kubernetes-admin",
        "Og==": "kubernetes-admin",
    }


async def test_a_bound_on_expiration() -> None:
    async with Server(service_account_max_token_expiration=7200) as server:
        answer = await ask(server, {"expirationSeconds": 10_000})
        assert server.warnings == ["requested expiration of 10000 seconds shortened to 7200 seconds"]
        assert answer["spec"]["expirationSeconds"] == 7200
        assert answer["status"]["expirationTimestamp"] == "2026-01-01T02:00:00Z"


@pytest.mark.parametrize(
    ("settings", "spec", "lasts", "warns"),
    [
        pytest.param({}, {"expirationSeconds": 3607}, 31536000, 3607, id="as pods ask for it"),
        pytest.param({}, {"expirationSeconds": 3606}, 3606, None, id="another time"),
        pytest.param({}, {"expirationSeconds": 3607, "audiences": ["x"]}, 3607, None, id="for others"),
        pytest.param(
            {"service_account_extend_token_expiration": False},
            {"expirationSeconds": 3607},
            3607,
            None,
            id="switched off",
        ),
    ],
)
async def test_tokens_of_pods_are_extended(
    settings: dict[str, Any], spec: JSONObject, lasts: int, warns: int | None
) -> None:
    async with Server(**settings) as server:
        reference = bound_to(await server.create("pods", pod("p")), "Pod")
        answer = await ask(server, {**spec, "boundObjectRef": reference})
        found = read(answer["status"]["token"])
        warning = found["kubernetes.io"].get("warnafter")
        assert (found["exp"] - found["iat"], warning and warning - found["iat"]) == (lasts, warns)
        # What the client is told is when to come back.
        seconds = spec["expirationSeconds"]
        assert answer["status"]["expirationTimestamp"] == f"2026-01-01T01:00:{seconds - 3600:02}Z"


async def test_issuers_and_audiences() -> None:
    settings = {"service_account_issuer": ("https://new", "https://old"), "api_audiences": ("api", "more")}
    async with Server(**settings) as server:
        issued = await token(server)
        assert (read(issued)["iss"], read(issued)["aud"]) == ("https://new", ["api", "more"])
        assert (await review(server, issued))["audiences"] == ["api", "more"]
        assert (await review(server, issued, "more"))["audiences"] == ["more"]


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        pytest.param(TokenPolicy((), ()), "service-account-issuer is a required flag", id="no issuer"),
        pytest.param(TokenPolicy(("::1",), ()), "was not a valid URL", id="no URL"),
        pytest.param(TokenPolicy(("me",), (), 3599), "between 1 hour and 2\\^32 seconds", id="too short"),
    ],
)
def test_policies_that_cannot_be(policy: TokenPolicy, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_policy(policy)


def test_nobody_pays_for_tokens_they_do_not_ask_for() -> None:
    root = Path(__file__).resolve().parents[3]
    code = "import sys, apiserver.server; print([name for name in ('jwt', 'cryptography') if name in sys.modules])"
    assert run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True).stdout == "[]\n"
