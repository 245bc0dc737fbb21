"""What a token says, as tables."""

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apiserver.serviceaccount.claims import Bound, Lifetime, check_times, make_claims, unverified_issuer, user_of
from apiserver.serviceaccount.errors import InvalidToken
from apiserver.user import UserInfo

JSONObject = dict[str, Any]

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECONDS = int(NOW.timestamp())


def obj(name: str, **metadata: str) -> JSONObject:
    return {"metadata": {"name": name, "uid": f"uid-of-{name}", **metadata}}


def reference(name: str) -> JSONObject:
    return {"name": name, "uid": f"uid-of-{name}"}


ACCOUNT = obj("robot", namespace="ns")
POD, SECRET, NODE = obj("pod"), obj("secret"), obj("node")


NOTHING = Bound()


def claims(bound: Bound = NOTHING, *, expires: int = 600, warn_after: int = 0) -> JSONObject:
    lifetime = Lifetime(NOW, expires, warn_after)
    return make_claims(ACCOUNT, bound, lifetime, issuer="https://me", audiences=["a", "b"], token_id="id")


def test_public_claims() -> None:
    found = claims()
    del found["kubernetes.io"]
    assert found == {
        "aud": ["a", "b"],
        "exp": SECONDS + 600,
        "iat": SECONDS,
        "iss": "https://me",
        "jti": "id",
        "nbf": SECONDS,
        "sub": "system:serviceaccount:ns:robot",
    }


@pytest.mark.parametrize(
    ("bound", "warn_after", "more"),
    [
        pytest.param(Bound(), 0, {}, id="account alone"),
        pytest.param(Bound(pod=POD), 0, {"pod": reference("pod")}, id="pod"),
        pytest.param(
            Bound(pod=POD, node=NODE), 0, {"pod": reference("pod"), "node": reference("node")}, id="pod on a node"
        ),
        pytest.param(
            Bound(pod=POD, node={"metadata": {"name": "gone"}}),
            0,
            {"pod": reference("pod"), "node": {"name": "gone"}},
            id="pod on a node that is gone",
        ),
        pytest.param(Bound(secret=SECRET), 0, {"secret": reference("secret")}, id="secret"),
        pytest.param(Bound(node=NODE), 0, {"node": reference("node")}, id="node"),
        pytest.param(Bound(pod=POD), 60, {"pod": reference("pod"), "warnafter": SECONDS + 60}, id="warning"),
    ],
)
def test_private_claims(bound: Bound, warn_after: int, more: JSONObject) -> None:
    expected = {"namespace": "ns", "serviceaccount": reference("robot"), **more}
    assert claims(bound, warn_after=warn_after)["kubernetes.io"] == expected


@pytest.mark.parametrize(
    ("after", "problem"),
    [
        pytest.param(-61, "service account token is not valid yet", id="from a clock that is ahead"),
        pytest.param(-60, "", id="from a clock that is a little ahead"),
        pytest.param(0, "", id="new"),
        pytest.param(660, "", id="a minute over time"),
        pytest.param(661, "service account token has expired", id="over time"),
    ],
)
def test_times(after: int, problem: str) -> None:
    expected = pytest.raises(InvalidToken) if problem else contextlib.nullcontext()
    with expected as raised:
        check_times(claims(), NOW + timedelta(seconds=after))
    if raised is not None:
        assert str(raised.value) == f"[invalid bearer token, {problem}]"


def test_user() -> None:
    assert user_of(claims(Bound(pod=POD, node=NODE))) == UserInfo(
        "system:serviceaccount:ns:robot",
        "uid-of-robot",
        ("system:serviceaccounts", "system:serviceaccounts:ns", "system:authenticated"),
        {
            "authentication.kubernetes.io/credential-id": ("JTI=id",),
            "authentication.kubernetes.io/node-name": ("node",),
            "authentication.kubernetes.io/node-uid": ("uid-of-node",),
            "authentication.kubernetes.io/pod-name": ("pod",),
            "authentication.kubernetes.io/pod-uid": ("uid-of-pod",),
        },
    )


@pytest.mark.parametrize(
    ("token", "issuer"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("secret", "", id="a password"),
        pytest.param("a.b", "", id="two parts"),
        pytest.param("a.%%%.c", "", id="not base64"),
        pytest.param("a.bnVsbA.c", "", id="null"),
        pytest.param("a.eyJpc3MiOjF9.c", "", id="a number"),
        pytest.param("a.eyJpc3MiOiJtZSJ9.c", "me", id="an issuer"),
    ],
)
def test_unverified_issuer(token: str, issuer: str) -> None:
    assert unverified_issuer(token) == issuer
