"""``authentication.k8s.io`` (``pkg/registry/authentication``, v1.36)."""

from apiserver.registry.builtin.row import CREATE_ONLY, Row


def rows() -> tuple[Row, ...]:
    return (
        Row(kind="SelfSubjectReview", plural="selfsubjectreviews", namespaced=False, verbs=CREATE_ONLY),
        Row(kind="TokenReview", plural="tokenreviews", namespaced=False, verbs=CREATE_ONLY),
    )
