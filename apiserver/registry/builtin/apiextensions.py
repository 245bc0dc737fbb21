"""``apiextensions.k8s.io`` (``k8s.io/apiextensions-apiserver``, v0.36)."""

from apiserver.apiextensions.definition import DefinitionStrategy
from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (
        Row(
            kind="CustomResourceDefinition",
            plural="customresourcedefinitions",
            strategy=DefinitionStrategy(),
            namespaced=False,
            short_names=(
                "crd",
                "crds",
            ),
            categories=("api-extensions",),
            status=True,
        ),
    )
