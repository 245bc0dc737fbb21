"""``policy`` (``pkg/registry/policy``, v1.36)."""

from apiserver.registry import policy
from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (
        Row(
            kind="PodDisruptionBudget",
            plural="poddisruptionbudgets",
            strategy=policy.PodDisruptionBudgetStrategy(),
            short_names=("pdb",),
            status=True,
        ),
    )
