"""LimitRanger: defaults and bounds."""

from typing import Any

import pytest

from tests.apiserver.admission.server import JSONObject, Server
from tests.apiserver.objects import container, pod


def limits(*entries: JSONObject, name: str = "limits") -> JSONObject:
    return {"metadata": {"name": name}, "spec": {"limits": list(entries)}}


def needing(requests: dict[str, str] | None = None, limits: dict[str, str] | None = None) -> dict[str, Any]:
    return {"resources": {"requests": requests or {}, "limits": limits or {}}}


DEFAULTS = {
    "type": "Container",
    "default": {"cpu": "500m", "memory": "128Mi"},
    "defaultRequest": {"cpu": "250m", "memory": "64Mi"},
}


class TestDefaults:
    async def test_what_is_not_given(self, server: Server) -> None:
        await server.create("limitranges", limits(DEFAULTS))
        created = await server.create("pods", pod("p", initContainers=[container("init")]))
        expected = {
            "requests": {"cpu": "250m", "memory": "64Mi"},
            "limits": {"cpu": "500m", "memory": "128Mi"},
        }
        assert created["spec"]["containers"][0]["resources"] == expected
        assert created["spec"]["initContainers"][0]["resources"] == expected
        assert created["metadata"]["annotations"]["kubernetes.io/limit-ranger"] == (
            "LimitRanger plugin set: cpu, memory request for container main; cpu, memory limit for container main; "
            "cpu, memory request for init container init; cpu, memory limit for init container init"
        )
        assert created["status"]["qosClass"] == "Burstable"

    async def test_what_is_given_stays(self, server: Server) -> None:
        await server.create("limitranges", limits(DEFAULTS))
        own = container("main", **needing({"cpu": "100m"}, {"memory": "100Mi"}))
        created = await server.create("pods", pod("p", containers=[own]))
        assert created["spec"]["containers"][0]["resources"] == {
            # A limit that is given has been made the request already.
            "requests": {"cpu": "100m", "memory": "100Mi"},
            "limits": {"cpu": "500m", "memory": "100Mi"},
        }
        assert created["metadata"]["annotations"]["kubernetes.io/limit-ranger"] == (
            "LimitRanger plugin set: cpu limit for container main"
        )

    async def test_no_note_when_nothing_is_set(self, server: Server) -> None:
        await server.create("limitranges", limits(DEFAULTS))
        whole = {"cpu": "100m", "memory": "100Mi"}
        created = await server.create("pods", pod("p", containers=[container(**needing(whole, whole))]))
        assert "annotations" not in created["metadata"]


CONTAINER = {"type": "Container", "min": {"cpu": "100m"}, "max": {"cpu": "1"}}
RATIO = {"type": "Container", "maxLimitRequestRatio": {"cpu": "2"}}
POD = {"type": "Pod", "max": {"memory": "1Gi"}, "min": {"memory": "64Mi"}}


@pytest.mark.parametrize(
    ("limit", "needs", "why"),
    [
        pytest.param(CONTAINER, needing({"cpu": "500m"}, {"cpu": "1"}), "", id="within bounds"),
        pytest.param(
            CONTAINER,
            needing({"cpu": "50m"}, {"cpu": "1"}),
            "minimum cpu usage per Container is 100m, but request is 50m",
            id="request too small",
        ),
        pytest.param(
            CONTAINER,
            needing({"cpu": "500m"}, {"cpu": "2"}),
            "maximum cpu usage per Container is 1, but limit is 2",
            id="limit too large",
        ),
        pytest.param(
            {"type": "Container", "min": {"ephemeral-storage": "1Mi"}},
            needing(),
            "",
            id="what has a minimum is requested by default",
        ),
        pytest.param(
            {"type": "Pod", "min": {"cpu": "1"}},
            needing(),
            "minimum cpu usage per Pod is 1.  No request is specified",
            id="no request",
        ),
        pytest.param(
            {"type": "Pod", "max": {"cpu": "1"}},
            needing({"cpu": "500m"}),
            "maximum cpu usage per Pod is 1.  No limit is specified",
            id="no limit",
        ),
        pytest.param(
            RATIO,
            needing({"cpu": "100m"}, {"cpu": "300m"}),
            "cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000",
            id="ratio",
        ),
        pytest.param(RATIO, needing({"cpu": "100m"}, {"cpu": "200m"}), "", id="ratio just met"),
        pytest.param(
            RATIO,
            needing(),
            "cpu max limit to request ratio per Container is 2, but no request is specified or request is 0",
            id="ratio without request",
        ),
        pytest.param(
            RATIO,
            needing({"cpu": "1"}),
            "cpu max limit to request ratio per Container is 2, but no limit is specified or limit is 0",
            id="ratio without limit",
        ),
        pytest.param(
            POD,
            needing({"memory": "600Mi"}, {"memory": "600Mi"}),
            "maximum memory usage per Pod is 1Gi, but limit is 1200Mi",
            id="both containers together",
        ),
        pytest.param(
            {"type": "Pod", "max": {"cpu": "1", "memory": "1Gi"}},
            needing(),
            "[maximum cpu usage per Pod is 1.  No limit is specified, "
            "maximum memory usage per Pod is 1Gi.  No limit is specified]",
            id="several at once",
        ),
    ],
)
async def test_bounds(server: Server, limit: JSONObject, needs: JSONObject, why: str) -> None:
    """Two containers with the same needs against one entry of a LimitRange."""
    await server.create("limitranges", limits(limit))
    wanted = pod("p", containers=[container("a", **needs), container("b", **needs)])
    if why:
        assert await server.refused("pods", wanted) == f'pods "p" is forbidden: {why}'
    else:
        await server.create("pods", wanted)


async def test_an_init_container_counts_once(server: Server) -> None:
    await server.create("limitranges", limits({"type": "Pod", "max": {"cpu": "1"}}))
    one = needing({"cpu": "1"}, {"cpu": "1"})
    await server.create("pods", pod("p", containers=[container(**one)], initContainers=[container("i", **one)]))
    sidecar = container("i", restartPolicy="Always", **one)
    assert "but limit is 2" in await server.refused(
        "pods", pod("q", containers=[container(**one)], initContainers=[sidecar])
    )


async def test_an_update_of_a_pod_is_not_looked_at(server: Server) -> None:
    await server.create("pods", pod("p"))
    await server.create("limitranges", limits({"type": "Pod", "max": {"cpu": "1"}}))
    await server.patch("pods", "p", {"metadata": {"labels": {"a": "b"}}})


def claim(storage: str) -> JSONObject:
    resources = {"requests": {"storage": storage}}
    return {"metadata": {"name": "c"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": resources}}


@pytest.mark.parametrize(
    ("storage", "why"),
    [
        pytest.param("2Gi", "", id="within bounds"),
        pytest.param(
            "1Gi", "minimum storage usage per PersistentVolumeClaim is 2Gi, but request is 1Gi", id="too small"
        ),
        pytest.param(
            "9Gi", "maximum storage usage per PersistentVolumeClaim is 8Gi, but request is 9Gi", id="too large"
        ),
    ],
)
async def test_claims(server: Server, storage: str, why: str) -> None:
    bounds = {"type": "PersistentVolumeClaim", "min": {"storage": "2Gi"}, "max": {"storage": "8Gi"}}
    await server.create("limitranges", limits(bounds))
    if why:
        message = await server.refused("persistentvolumeclaims", claim(storage))
        assert message == f'persistentvolumeclaims "c" is forbidden: {why}'
    else:
        await server.create("persistentvolumeclaims", claim(storage))


async def test_other_namespaces_are_free(server: Server) -> None:
    await server.create("limitranges", limits({"type": "Pod", "max": {"cpu": "1"}}))
    await server.create("pods", pod("p"), namespace="kube-public")


async def test_a_resize_is_held_to_what_it_changes(server: Server) -> None:
    """The memory that the pod has had before the LimitRange is too much, and stays."""
    have = needing({"cpu": "1", "memory": "2Gi"}, {"cpu": "1", "memory": "2Gi"})
    await server.create("pods", pod("p", containers=[container(**have)]))
    await server.create("limitranges", limits({"type": "Container", "max": {"cpu": "2", "memory": "1Gi"}}))
    path, headers = server.path("pods", "p", "resize"), {"content-type": "application/strategic-merge-patch+json"}

    def resized(cpu: str) -> JSONObject:
        resources = {"requests": {"cpu": cpu}, "limits": {"cpu": cpu}}
        return {"spec": {"containers": [{"name": "main", "resources": resources}]}}

    await server.request("PATCH", path, json=resized("2"), headers=headers)
    status = await server.request("PATCH", path, json=resized("3"), headers=headers, code=403)
    assert status["message"] == 'pods "p" is forbidden: maximum cpu usage per Container is 2, but limit is 3'
