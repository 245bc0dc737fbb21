"""``authorization.k8s.io`` (``pkg/registry/authorization``, v1.36)."""

from apiserver.registry.builtin.row import CREATE_ONLY, Row


def rows() -> tuple[Row, ...]:
    return (
        Row(kind="LocalSubjectAccessReview", plural="localsubjectaccessreviews", verbs=CREATE_ONLY),
        Row(kind="SelfSubjectAccessReview", plural="selfsubjectaccessreviews", namespaced=False, verbs=CREATE_ONLY),
        Row(kind="SelfSubjectRulesReview", plural="selfsubjectrulesreviews", namespaced=False, verbs=CREATE_ONLY),
        Row(kind="SubjectAccessReview", plural="subjectaccessreviews", namespaced=False, verbs=CREATE_ONLY),
    )
