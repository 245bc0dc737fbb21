"""What people call kinds."""

import socket

import pytest

from apimachinery.errors import FatalError
from kubemu.objects.kinds import Kinds, kinds_in
from kubemu.objects.server import Server

LISTED = {
    "groupVersion": "apps/v1",
    "resources": [
        {
            "name": "deployments",
            "singularName": "deployment",
            "kind": "Deployment",
            "namespaced": True,
            "shortNames": ["deploy"],
        },
        {"name": "deployments/scale", "singularName": "", "kind": "Scale", "namespaced": True},
    ],
}


def test_names_and_paths() -> None:
    (found,) = kinds_in(LISTED)
    assert found.names == {
        "deployments",
        "deployment",
        "deploy",
        "deployments.apps",
        "deployment.apps",
        "deploy.apps",
    }
    assert found.qualified == "deployment.apps"
    assert found.path("shop", "a/b") == "/apis/apps/v1/namespaces/shop/deployments/a%2Fb"
    assert found.path() == "/apis/apps/v1/deployments"


@pytest.mark.parametrize(
    ("name", "plural"),
    [("po", "pods"), ("Pod", "pods"), ("no", "nodes"), ("deploy", "deployments"), ("jobs.batch", "jobs")],
)
def test_kinds_are_found_on_a_server(apiserver: str, name: str, plural: str) -> None:
    with Server(apiserver) as server:
        assert Kinds(server).called(name).plural == plural


def test_kinds_that_are_not_there(apiserver: str) -> None:
    with Server(apiserver) as server:
        kinds = Kinds(server)
        with pytest.raises(FatalError, match=r"""the server doesn't have a resource type "foo\""""):
            kinds.called("foo")
        for api_version in ("v1", "example.com/v1"):
            with pytest.raises(FatalError, match=f"no kind 'Foo' in version '{api_version}'"):
                kinds.of_object({"apiVersion": api_version, "kind": "Foo"})


def test_no_server_is_told_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with Server(url) as server, pytest.raises(FatalError, match="cannot reach the server"):
            server.ask("GET", "/api")
