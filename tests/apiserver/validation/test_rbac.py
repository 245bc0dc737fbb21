"""Roles and bindings that are refused, and in which words."""

from typing import Any

import pytest

from apiserver.registry.rbac import ClusterRoleBindingStrategy, ClusterRoleStrategy, RoleBindingStrategy, RoleStrategy
from apiserver.registry.strategy import Strategy
from tests.apiserver.objects import JSONObject
from tests.apiserver.validation.causes import lines

ROLE, CLUSTER_ROLE = RoleStrategy(), ClusterRoleStrategy()
BINDING, CLUSTER_BINDING = RoleBindingStrategy(), ClusterRoleBindingStrategy()
GROUP = "rbac.authorization.k8s.io"


def checked(strategy: Strategy, obj: JSONObject) -> list[str]:
    strategy.default(obj)
    return lines(strategy.validate(obj))


@pytest.mark.parametrize(
    ("strategy", "rule", "expected"),
    [
        pytest.param(ROLE, {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}, [], id="fine"),
        pytest.param(CLUSTER_ROLE, {"verbs": ["get"], "nonResourceURLs": ["/healthz"]}, [], id="a path"),
        pytest.param(
            ROLE,
            {},
            [
                "rules[0].verbs: Required value: verbs must contain at least one value",
                "rules[0].apiGroups: Required value: resource rules must supply at least one api group",
                "rules[0].resources: Required value: resource rules must supply at least one resource",
            ],
            id="empty",
        ),
        pytest.param(
            ROLE,
            {"verbs": ["get"], "nonResourceURLs": ["/"]},
            ['rules[0].nonResourceURLs: Invalid value: ["/"]: namespaced rules cannot apply to non-resource URLs'],
            id="a path in a namespace",
        ),
        pytest.param(
            CLUSTER_ROLE,
            {"verbs": ["get"], "nonResourceURLs": ["/"], "resources": ["pods"]},
            [
                'rules[0].nonResourceURLs: Invalid value: ["/"]: '
                "rules cannot apply to both regular resources and non-resource URLs"
            ],
            id="a path and a resource",
        ),
    ],
)
def test_rules(strategy: Strategy, rule: JSONObject, expected: list[str]) -> None:
    assert checked(strategy, {"rules": [rule]}) == expected


def test_aggregation_needs_selectors() -> None:
    assert checked(CLUSTER_ROLE, {"aggregationRule": {}}) == [
        "aggregationRule.clusterRoleSelectors: Required value: "
        "at least one clusterRoleSelector required if aggregationRule is non-nil"
    ]


def binding(*subjects: JSONObject, **role: Any) -> JSONObject:
    return {"roleRef": {"kind": "ClusterRole", "name": "view", **role}, "subjects": list(subjects)}


@pytest.mark.parametrize(
    ("strategy", "obj", "expected"),
    [
        pytest.param(
            BINDING,
            binding({"kind": "User", "name": "a"}, {"kind": "ServiceAccount", "name": "b", "namespace": "c"}),
            [],
            id="fine",
        ),
        pytest.param(
            CLUSTER_BINDING,
            binding(kind="Role"),
            ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"'],
            id="a role of a namespace",
        ),
        pytest.param(
            BINDING,
            binding(kind="Roll", name=""),
            [
                'roleRef.kind: Unsupported value: "Roll": supported values: "ClusterRole", "Role"',
                "roleRef.name: Required value",
            ],
            id="no role",
        ),
        pytest.param(
            BINDING,
            binding(apiGroup="x"),
            [f'roleRef.apiGroup: Unsupported value: "x": supported values: "{GROUP}"'],
            id="another group",
        ),
        pytest.param(
            CLUSTER_BINDING,
            binding({"kind": "ServiceAccount", "name": "a"}),
            ["subjects[0].namespace: Required value"],
            id="account of no namespace",
        ),
        pytest.param(
            BINDING,
            binding({"kind": "ServiceAccount", "name": "a", "apiGroup": "x"}),
            ['subjects[0].apiGroup: Unsupported value: "x": supported values: ""'],
            id="account of a group",
        ),
        pytest.param(
            BINDING,
            binding({"kind": "Robot", "name": "a"}),
            ['subjects[0].kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"'],
            id="unknown kind",
        ),
        pytest.param(BINDING, binding({"kind": "User"}), ["subjects[0].name: Required value"], id="nobody"),
    ],
)
def test_bindings(strategy: Strategy, obj: JSONObject, expected: list[str]) -> None:
    assert checked(strategy, obj) == expected


def test_groups_are_filled_in() -> None:
    obj = binding({"kind": "Group", "name": "a"}, {"kind": "ServiceAccount", "name": "b"})
    BINDING.default(obj)
    assert obj["roleRef"]["apiGroup"] == obj["subjects"][0]["apiGroup"] == GROUP
    assert "apiGroup" not in obj["subjects"][1]


def test_a_binding_stays_with_its_role() -> None:
    old, new = binding(), binding(name="edit")
    for obj in (old, new):
        BINDING.default(obj)
    assert lines(BINDING.validate_update(new, old)) == [
        f'roleRef: Invalid value: {{"kind":"ClusterRole","name":"edit","apiGroup":"{GROUP}"}}: cannot change roleRef'
    ]


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        pytest.param("system:node", True, id="colon"),
        pytest.param("A B", True, id="anything"),
        pytest.param("a/b", False, id="slash"),
        pytest.param("..", False, id="dots"),
    ],
)
def test_names(name: str, allowed: bool) -> None:
    assert (not ROLE.name_check(name)) is allowed
