"""``scheduling.k8s.io`` (``pkg/registry/scheduling``, v1.36)."""

from apiserver.registry import policy
from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (
        Row(
            kind="PriorityClass",
            plural="priorityclasses",
            strategy=policy.PriorityClassStrategy(),
            namespaced=False,
            short_names=("pc",),
        ),
    )
