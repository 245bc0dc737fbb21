"""``rbac.authorization.k8s.io`` (``pkg/registry/rbac``, v1.36)."""

from apiserver.registry import rbac
from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (
        Row(
            kind="ClusterRoleBinding",
            plural="clusterrolebindings",
            strategy=rbac.ClusterRoleBindingStrategy(),
            namespaced=False,
        ),
        Row(kind="ClusterRole", plural="clusterroles", strategy=rbac.ClusterRoleStrategy(), namespaced=False),
        Row(kind="RoleBinding", plural="rolebindings", strategy=rbac.RoleBindingStrategy()),
        Row(kind="Role", plural="roles", strategy=rbac.RoleStrategy()),
    )
