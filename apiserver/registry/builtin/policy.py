"""``policy`` (``pkg/registry/policy``, v1.36)."""

from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (Row(kind="PodDisruptionBudget", plural="poddisruptionbudgets", short_names=("pdb",), status=True),)
