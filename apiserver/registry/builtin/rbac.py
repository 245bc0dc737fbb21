"""``rbac.authorization.k8s.io`` (``pkg/registry/rbac``, v1.36)."""

from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (
        Row(kind="ClusterRoleBinding", plural="clusterrolebindings", namespaced=False),
        Row(kind="ClusterRole", plural="clusterroles", namespaced=False),
        Row(kind="RoleBinding", plural="rolebindings"),
        Row(kind="Role", plural="roles"),
    )
