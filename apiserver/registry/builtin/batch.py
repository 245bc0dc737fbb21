"""``batch`` (``pkg/registry/batch``, v1.36)."""

from apiserver.registry import workloads
from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (
        Row(
            kind="CronJob",
            plural="cronjobs",
            strategy=workloads.CronJobStrategy(),
            short_names=("cj",),
            categories=("all",),
            status=True,
        ),
        Row(kind="Job", plural="jobs", strategy=workloads.JobStrategy(), categories=("all",), status=True),
    )
