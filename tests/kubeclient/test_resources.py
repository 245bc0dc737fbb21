"""Where resources live."""

import pytest

from kubeclient.resources import LEASES, NODES, PODS, REPLICASETS


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (PODS.path(), "/api/v1/pods"),
        (PODS.path(namespace="a"), "/api/v1/namespaces/a/pods"),
        (PODS.path("x", namespace="a", subresource="status"), "/api/v1/namespaces/a/pods/x/status"),
        (PODS.path("a/b c", namespace="a"), "/api/v1/namespaces/a/pods/a%2Fb%20c"),
        (NODES.path("n", namespace="ignored"), "/api/v1/nodes/n"),
        (REPLICASETS.path(namespace="a"), "/apis/apps/v1/namespaces/a/replicasets"),
        (LEASES.path("l", namespace="a"), "/apis/coordination.k8s.io/v1/namespaces/a/leases/l"),
    ],
)
def test_paths(path: str, expected: str) -> None:
    assert path == expected
