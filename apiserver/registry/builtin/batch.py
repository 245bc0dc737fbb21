"""``batch`` (``pkg/registry/batch``, v1.36)."""

from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (
        Row(kind="CronJob", plural="cronjobs", short_names=("cj",), categories=("all",), status=True),
        Row(kind="Job", plural="jobs", categories=("all",), status=True),
    )
