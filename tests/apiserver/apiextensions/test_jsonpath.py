"""The paths of printer columns and selectable fields."""

from typing import Any

import pytest

from apiserver.apiextensions.jsonpath import JSONPathError, parse

OBJ: dict[str, Any] = {
    "metadata": {"labels": {"app.kubernetes.io/name": "web"}},
    "spec": {"hosts": ["a", "b"], "map": {"x": 1}},
    "status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Idle", "status": "False", "n": 3}]},
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        pytest.param(".spec.hosts", [["a", "b"]], id="field"),
        pytest.param(".spec.hosts[1]", ["b"], id="index"),
        pytest.param(".spec.hosts[-1]", ["b"], id="from-the-end"),
        pytest.param(".spec.hosts[7]", [], id="beyond"),
        pytest.param(".spec.hosts[*]", ["a", "b"], id="all"),
        pytest.param(".spec.missing.deeper", [], id="nowhere"),
        pytest.param(r".metadata.labels.app\.kubernetes\.io/name", ["web"], id="escaped"),
        pytest.param(".metadata.labels['app.kubernetes.io/name']", ["web"], id="quoted"),
        pytest.param('.status.conditions[?(@.type=="Ready")].status', ["True"], id="filter"),
        pytest.param(".status.conditions[?(@.type!='Ready')].status", ["False"], id="filter-not"),
        pytest.param(".status.conditions[?(@.n==3)].type", ["Idle"], id="filter-number"),
        pytest.param(".status.conditions[?(@.n >= 2)].type", ["Idle"], id="filter-order"),
        pytest.param(".status.conditions[?(@.type<3)].type", [], id="filter-without-an-order"),
        pytest.param(".status.conditions[?(@.n)].type", ["Idle"], id="filter-there"),
        pytest.param(".status.conditions[-1:].type", ["Idle"], id="slice"),
        pytest.param(".spec.hosts[0:2:2]", ["a"], id="slice-with-step"),
        pytest.param(".spec.hosts[1,0]", ["b", "a"], id="several"),
        pytest.param(".spec.map.*", [1], id="all-fields"),
        pytest.param("..type", ["Ready", "Idle"], id="anywhere"),
    ],
)
def test_paths(path: str, found: list[Any]) -> None:
    assert parse(path).find(OBJ) == found


@pytest.mark.parametrize(
    "path",
    ["", ".", "spec", ".spec[", ".spec[a]", ".a..", ".a[::0]", ".a[-:1]", f".a[{'9' * 5000}]", f".a[:{'9' * 5000}]"],
)
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(JSONPathError):
        parse(path)


def test_only_fields_are_simple() -> None:
    assert parse(".spec.replicas").names == ("spec", "replicas")
    assert parse(".spec.hosts[0]").names is None
