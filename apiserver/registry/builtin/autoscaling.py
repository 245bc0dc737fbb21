"""``autoscaling`` (``pkg/registry/autoscaling``, v1.36)."""

from apiserver.registry.autoscaling import HorizontalPodAutoscalerStrategy, HorizontalPodAutoscalerV1Conversion
from apiserver.registry.builtin.row import Row


def rows_v2() -> tuple[Row, ...]:
    return (_row(),)


def rows_v1() -> tuple[Row, ...]:
    return (_row(stored_as="autoscaling/v2", conversion=HorizontalPodAutoscalerV1Conversion()),)


def _row(stored_as: str = "", conversion: HorizontalPodAutoscalerV1Conversion | None = None) -> Row:
    return Row(
        kind="HorizontalPodAutoscaler",
        plural="horizontalpodautoscalers",
        strategy=HorizontalPodAutoscalerStrategy(),
        short_names=("hpa",),
        categories=("all",),
        status=True,
        stored_as=stored_as,
        conversion=conversion,
    )
