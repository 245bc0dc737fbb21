"""The routes of all Services together."""

from kubeproxy.route_table import RouteTable
from kubeproxy.routes import Backend, Frontend, Route

HTTP = Frontend("TCP", "127.70.0.1", 80)
SHARED = Frontend("TCP", "127.71.0.1", 80)


def route(name: str, port: int = 8080) -> Route:
    return Route(name, (Backend("127.150.0.2", port),))


def test_says_what_has_changed() -> None:
    table = RouteTable()
    assert table.put("default/a", {HTTP: route("a"), SHARED: route("a")}) == {HTTP, SHARED}
    assert table.put("default/a", {HTTP: route("a", 81), SHARED: route("a")}) == {HTTP}
    assert table.get(HTTP) == route("a", 81)
    assert table.put("default/a", {}) == {HTTP, SHARED}
    assert table.get(HTTP) is None


def test_the_first_by_name_has_what_two_claim() -> None:
    table = RouteTable()
    table.put("default/b", {SHARED: route("b")})
    table.put("default/a", {SHARED: route("a")})
    assert table.get(SHARED) == route("a")
    assert table.put("default/a", {}) == {SHARED}
    assert table.get(SHARED) == route("b")
