"""``flowcontrol.apiserver.k8s.io`` (``pkg/registry/flowcontrol``, v1.36)."""

from apiserver.registry import extensions
from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (
        Row(
            kind="FlowSchema",
            plural="flowschemas",
            strategy=extensions.FlowSchemaStrategy(),
            namespaced=False,
            status=True,
        ),
        Row(
            kind="PriorityLevelConfiguration",
            plural="prioritylevelconfigurations",
            strategy=extensions.PriorityLevelStrategy(),
            namespaced=False,
            status=True,
        ),
    )
