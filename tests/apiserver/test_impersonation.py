"""The ``Impersonate-…`` headers."""

import asyncio

import httpx
import pytest

from apimachinery.errors import BadRequest
from apiserver.impersonation import impersonated
from apiserver.user import UserInfo
from tests.apiserver.conftest import check_status
from tests.live.processes import Kubectl

ACCOUNT = "system:serviceaccount:shop:till"


@pytest.mark.parametrize(
    ("headers", "user"),
    [
        pytest.param({}, None, id="nobody else"),
        pytest.param({"user": "jane"}, UserInfo("jane", groups=("system:authenticated",)), id="a user"),
        pytest.param(
            {"user": "jane", "group": "devs", "uid": "7"},
            UserInfo("jane", "7", ("devs", "system:authenticated")),
            id="with a group and a uid",
        ),
        pytest.param(
            {"user": "jane", "group": "system:unauthenticated"},
            UserInfo("jane", groups=("system:unauthenticated",)),
            id="as if not authenticated",
        ),
        pytest.param(
            {"user": "system:anonymous"},
            UserInfo("system:anonymous", groups=("system:unauthenticated",)),
            id="anonymous",
        ),
        pytest.param(
            {"user": ACCOUNT},
            UserInfo(
                ACCOUNT,
                groups=("system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"),
            ),
            id="a service account has its groups",
        ),
        pytest.param(
            {"user": ACCOUNT, "group": "devs"},
            UserInfo(ACCOUNT, groups=("devs", "system:authenticated")),
            id="a service account with other groups",
        ),
        pytest.param(
            {"user": "system:serviceaccount:shop"},
            UserInfo("system:serviceaccount:shop", groups=("system:authenticated",)),
            id="no service account",
        ),
        pytest.param(
            {"user": "jane", "extra-acme.com%2fproject": "x"},
            UserInfo("jane", groups=("system:authenticated",), extra={"acme.com/project": ("x",)}),
            id="extra",
        ),
    ],
)
def test_who(headers: dict[str, str], user: UserInfo | None) -> None:
    sent = [(f"impersonate-{name}".encode(), value.encode()) for name, value in headers.items()]
    assert impersonated([(b"accept", b"*/*"), *sent]) == user


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        pytest.param([(b"impersonate-group", b"devs")], "{Group  devs    }", id="a group"),
        pytest.param([(b"impersonate-uid", b"7")], "{UID  7  authentication.k8s.io/v1  }", id="a uid"),
        pytest.param(
            [(b"impersonate-extra-scopes", b"a"), (b"impersonate-user", b"")],
            "{UserExtra  a  authentication.k8s.io/v1  scopes}",
            id="extra and an empty user",
        ),
    ],
)
def test_nobody_to_be(headers: list[tuple[bytes, bytes]], asked: str) -> None:
    with pytest.raises(BadRequest) as refused:
        impersonated(headers)
    assert refused.value.message == f"requested [{asked}] without impersonating a user"


async def test_every_request_is_looked_at(http: httpx.AsyncClient) -> None:
    refused = await http.get("/api/v1/nodes", headers={"Impersonate-Group": "devs"})
    check_status(refused.json(), 400, "BadRequest")
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    review = {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}}
    answer = await http.post(path, json=review, headers={"Impersonate-User": "jane"})
    assert answer.json()["status"] == {"allowed": True}, "that is what the server does"


async def test_kubectl_as(kubectl: Kubectl) -> None:
    arguments = (
        "auth",
        "whoami",
        "--as=jane",
        "--as-group=devs",
        "--as-group=ops",
        "-o",
        "jsonpath={.status.userInfo}",
    )
    shown = await asyncio.to_thread(kubectl.run, *arguments)
    assert shown == '{"groups":["devs","ops","system:authenticated"],"username":"jane"}'
