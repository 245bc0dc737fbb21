"""``autoscaling`` (``pkg/registry/autoscaling``, v1.36)."""

from apiserver.registry.builtin.row import Row

_NAMES = ("hpa",)


def rows_v2() -> tuple[Row, ...]:
    return (
        Row(
            kind="HorizontalPodAutoscaler",
            plural="horizontalpodautoscalers",
            short_names=_NAMES,
            categories=("all",),
            status=True,
        ),
    )


def rows_v1() -> tuple[Row, ...]:
    return ()
