"""Roles and their bindings (``pkg/registry/rbac``, v1.36)."""

from typing import Any

from apimachinery import names
from apiserver.registry.strategy import Strategy
from apiserver.validation import rbac
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]


class _RBACStrategy(Strategy):
    name_check = staticmethod(names.path_segment)
    counts_generations = False
    create_on_update = True


class RoleStrategy(_RBACStrategy):
    def validate(self, obj: JSONObject) -> Causes:
        return rbac.validate_role(obj)


class ClusterRoleStrategy(_RBACStrategy):
    def validate(self, obj: JSONObject) -> Causes:
        return rbac.validate_cluster_role(obj)


class _BindingStrategy(_RBACStrategy):
    def default(self, obj: JSONObject) -> None:
        reference = obj.setdefault("roleRef", {})
        reference["apiGroup"] = reference.get("apiGroup") or rbac.GROUP
        for subject in obj.get("subjects", ()):
            if subject.get("kind") in {"User", "Group"}:
                subject["apiGroup"] = subject.get("apiGroup") or rbac.GROUP

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return self.validate(new) + rbac.validate_role_ref_update(new, old)


class RoleBindingStrategy(_BindingStrategy):
    def validate(self, obj: JSONObject) -> Causes:
        return rbac.validate_role_binding(obj)


class ClusterRoleBindingStrategy(_BindingStrategy):
    def validate(self, obj: JSONObject) -> Causes:
        return rbac.validate_cluster_role_binding(obj)
