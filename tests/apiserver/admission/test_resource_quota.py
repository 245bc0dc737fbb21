"""ResourceQuota: what is allowed, what has been used, and who is told so."""

import asyncio
from typing import Any

import pytest

from tests.apiserver.admission.server import JSONObject, Server
from tests.apiserver.objects import container, pod


def quota(hard: dict[str, str], *, name: str = "q", **spec: Any) -> JSONObject:
    return {"metadata": {"name": name}, "spec": {"hard": hard, **spec}}


def needing(name: str, requests: dict[str, str], limits: dict[str, str] | None = None, **spec: Any) -> JSONObject:
    resources = {"requests": requests, "limits": limits or {}}
    return pod(name, containers=[container("c", resources=resources)], **spec)


async def used(server: Server, name: str = "q") -> dict[str, str]:
    status = (await server.get("resourcequotas", name))["status"]
    found: dict[str, str] = status["used"]
    return found


async def end(server: Server, name: str, phase: str = "Succeeded") -> None:
    await server.patch("pods", name, {"status": {"phase": phase}}, subresource="status")


class TestCounting:
    async def test_a_quota_knows_at_once_what_is_there(self, server: Server) -> None:
        await server.create("pods", pod("old"))
        await server.create(
            "resourcequotas", quota({"pods": "5", "configmaps": "10", "count/leases.coordination.k8s.io": "1"})
        )
        status = (await server.get("resourcequotas", "q"))["status"]
        assert status["hard"] == {"pods": "5", "configmaps": "10", "count/leases.coordination.k8s.io": "1"}
        # The namespace's own ConfigMap with the root certificates counts.
        assert status["used"] == {"pods": "1", "configmaps": "1", "count/leases.coordination.k8s.io": "0"}

    async def test_creations_and_deletions(self, server: Server) -> None:
        await server.create("resourcequotas", quota({"pods": "2", "count/pods": "9"}))
        await server.create("pods", pod("a"))
        await server.create("pods", pod("b"))
        assert await used(server) == {"pods": "2", "count/pods": "2"}
        await server.delete("pods", "a")
        assert await used(server) == {"pods": "1", "count/pods": "1"}
        await server.create("pods", pod("c"))

    async def test_a_pod_that_has_ended_is_an_object_still(self, server: Server) -> None:
        await server.create("resourcequotas", quota({"pods": "1", "count/pods": "9", "requests.cpu": "1"}))
        await server.create("pods", needing("a", {"cpu": "1"}))
        await end(server, "a")
        assert await used(server) == {"pods": "0", "count/pods": "1", "requests.cpu": "0"}
        await server.create("pods", needing("b", {"cpu": "1"}))

    async def test_a_pod_with_finalizers_counts_until_it_is_gone(self, server: Server) -> None:
        await server.create("resourcequotas", quota({"pods": "1"}))
        held = pod("a")
        held["metadata"]["finalizers"] = ["example.com/hold"]
        await server.create("pods", held)
        await server.delete("pods", "a")
        assert await used(server) == {"pods": "1"}
        await server.patch("pods", "a", {"metadata": {"finalizers": None}})
        assert await used(server) == {"pods": "0"}

    async def test_amounts(self, server: Server) -> None:
        hard = {
            "cpu": "4",
            "requests.memory": "4Gi",
            "limits.cpu": "8",
            "limits.memory": "1",
            "requests.ephemeral-storage": "9Gi",
        }
        await server.create("resourcequotas", quota(hard | {"limits.memory": "8Gi", "requests.example.com/gpu": "3"}))
        requests = {"cpu": "250m", "memory": "64Mi", "example.com/gpu": "1", "ephemeral-storage": "1Gi"}
        for name in ("a", "b"):
            await server.create(
                "pods", needing(name, requests, {"cpu": "1500m", "memory": "1Gi", "example.com/gpu": "1"})
            )
        assert await used(server) == {
            "cpu": "500m",
            "requests.memory": "128Mi",
            "limits.cpu": "3",
            "limits.memory": "2Gi",
            "requests.ephemeral-storage": "2Gi",
            "requests.example.com/gpu": "2",
        }

    async def test_services(self, server: Server) -> None:
        hard = {"services": "3", "services.nodeports": "3", "services.loadbalancers": "1"}
        await server.create("resourcequotas", quota(hard))
        # The service of the server itself is in this namespace.
        assert await used(server) == {"services": "1", "services.nodeports": "0", "services.loadbalancers": "0"}
        ports = [{"name": "a", "port": 80}, {"name": "b", "port": 81}]
        await server.create("services", {"metadata": {"name": "s"}, "spec": {"type": "NodePort", "ports": ports}})
        assert await used(server) == {"services": "2", "services.nodeports": "2", "services.loadbalancers": "0"}
        balanced = {"metadata": {"name": "l"}, "spec": {"type": "LoadBalancer", "ports": ports}}
        assert await server.refused("services", balanced) == (
            'services "l" is forbidden: exceeded quota: q, requested: services.nodeports=2, '
            "used: services.nodeports=2, limited: services.nodeports=3"
        )

    async def test_a_service_that_changes_its_type(self, server: Server) -> None:
        await server.create("resourcequotas", quota({"services.nodeports": "1"}))
        service = {"metadata": {"name": "s"}, "spec": {"ports": [{"name": "a", "port": 80}, {"name": "b", "port": 81}]}}
        await server.create("services", service)
        status = await server.patch("services", "s", {"spec": {"type": "NodePort"}}, code=403)
        assert "requested: services.nodeports=2, used: services.nodeports=0, limited" in status["message"]

    async def test_claims(self, server: Server) -> None:
        classed = "gold.storageclass.storage.k8s.io"
        hard = {"persistentvolumeclaims": "2", "requests.storage": "10Gi", f"{classed}/requests.storage": "5Gi"}
        await server.create("resourcequotas", quota(hard))

        def claim(name: str, storage: str, **spec: Any) -> JSONObject:
            resources = {"requests": {"storage": storage}}
            return {
                "metadata": {"name": name},
                "spec": {"accessModes": ["ReadWriteOnce"], "resources": resources, **spec},
            }

        await server.create("persistentvolumeclaims", claim("a", "4Gi", storageClassName="gold"))
        assert await used(server) == {
            "persistentvolumeclaims": "1",
            "requests.storage": "4Gi",
            f"{classed}/requests.storage": "4Gi",
        }
        message = await server.refused("persistentvolumeclaims", claim("b", "2Gi", storageClassName="gold"))
        assert f"requested: {classed}/requests.storage=2Gi, used: {classed}/requests.storage=4Gi" in message
        await server.create("persistentvolumeclaims", claim("b", "6Gi", storageClassName="iron"))

    async def test_a_quota_that_is_changed_is_counted_anew(self, server: Server) -> None:
        await server.create("resourcequotas", quota({"pods": "1"}))
        await server.create("pods", needing("a", {"cpu": "1"}))
        changed = await server.patch("resourcequotas", "q", {"spec": {"hard": {"pods": "2", "requests.cpu": "3"}}})
        assert changed["spec"]["hard"] == {"pods": "2", "requests.cpu": "3"}
        assert await used(server) == {"pods": "1", "requests.cpu": "1"}

    async def test_nobody_can_write_another_status(self, server: Server) -> None:
        await server.create("resourcequotas", quota({"pods": "1"}))
        await server.patch("resourcequotas", "q", {"status": {"used": {"pods": "0"}}}, subresource="status")
        await server.create("pods", pod("a"))
        await server.patch("resourcequotas", "q", {"status": {"used": {"pods": "0"}}}, subresource="status")
        assert await used(server) == {"pods": "1"}
        await server.refused("pods", pod("b"))


class TestRefusals:
    async def test_the_text(self, server: Server) -> None:
        await server.create("resourcequotas", quota({"pods": "1"}))
        await server.create("pods", pod("a"))
        status = await server.create("pods", pod("b"), code=403)
        assert status["message"] == (
            'pods "b" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1'
        )
        assert status["details"] == {"name": "b", "kind": "pods"}

    async def test_only_what_is_exceeded_is_named(self, server: Server) -> None:
        await server.create("resourcequotas", quota({"requests.cpu": "1", "requests.memory": "100Mi", "pods": "9"}))
        await server.create("pods", needing("a", {"cpu": "750m", "memory": "60Mi"}))
        assert await server.refused("pods", needing("b", {"cpu": "500m", "memory": "60Mi"})) == (
            'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=500m,requests.memory=60Mi, '
            "used: requests.cpu=750m,requests.memory=60Mi, limited: requests.cpu=1,requests.memory=100Mi"
        )

    async def test_what_must_be_given(self, server: Server) -> None:
        await server.create("resourcequotas", quota({"limits.cpu": "1", "requests.memory": "1Gi"}))
        containers = [container("a"), container("b", resources={"limits": {"cpu": "100m"}})]
        assert await server.refused("pods", pod("p", containers=containers)) == (
            'pods "p" is forbidden: failed quota: q: must specify limits.cpu for: a; requests.memory for: a,b'
        )

    async def test_every_quota_has_a_say(self, server: Server) -> None:
        await server.create("resourcequotas", quota({"pods": "5"}, name="wide"))
        await server.create("resourcequotas", quota({"pods": "0"}, name="tight"))
        assert "exceeded quota: tight" in await server.refused("pods", pod("p"))
        assert await used(server, "wide") == {"pods": "0"}

    async def test_counts_of_other_kinds(self, server: Server) -> None:
        await server.create("resourcequotas", quota({"secrets": "1", "count/leases.coordination.k8s.io": "1"}))
        await server.create("secrets", {"metadata": {"name": "a"}})
        assert "requested: secrets=1, used: secrets=1" in await server.refused("secrets", {"metadata": {"name": "b"}})
        await server.create("leases", {"metadata": {"name": "a"}})
        message = await server.refused("leases", {"metadata": {"name": "b"}})
        assert message == (
            'leases.coordination.k8s.io "b" is forbidden: exceeded quota: q, requested: '
            "count/leases.coordination.k8s.io=1, used: count/leases.coordination.k8s.io=1, "
            "limited: count/leases.coordination.k8s.io=1"
        )

    async def test_a_generated_name_is_told(self, server: Server) -> None:
        await server.create("resourcequotas", quota({"pods": "0"}))
        unnamed = pod()
        unnamed["metadata"] = {"generateName": "web-"}
        message = await server.refused("pods", unnamed)
        assert message.startswith('pods "web-')
        assert len(message.split('"')[1]) == len("web-") + 5

    async def test_dry_run_counts_nothing_but_is_refused_too(self, server: Server) -> None:
        await server.create("resourcequotas", quota({"pods": "1"}))
        await server.create("pods", pod("a"), dryRun="All")
        assert await used(server) == {"pods": "0"}
        await server.create("pods", pod("a"))
        await server.refused("pods", pod("b"), dryRun="All")

    async def test_what_fails_later_counts_nothing(self, server: Server) -> None:
        await server.create("resourcequotas", quota({"pods": "2"}))
        await server.create("pods", pod("a"))
        await server.create("pods", pod("a"), code=409)
        await server.create("pods", pod("b", restartPolicy="Sometimes"), code=422)
        assert await used(server) == {"pods": "1"}

    async def test_many_at_once(self, server: Server) -> None:
        await server.create("resourcequotas", quota({"pods": "7"}))
        path = server.path("pods")
        answers = await asyncio.gather(*(server.http.post(path, json=pod(f"p{number}")) for number in range(40)))
        assert sorted(answer.status_code for answer in answers) == [201] * 7 + [403] * 33
        assert await used(server) == {"pods": "7"}


@pytest.mark.parametrize(
    ("spec", "counted", "free"),
    [
        pytest.param({"scopes": ["BestEffort"]}, pod("p"), needing("p", {"cpu": "1"}), id="BestEffort"),
        pytest.param({"scopes": ["NotBestEffort"]}, needing("p", {"cpu": "1"}), pod("p"), id="NotBestEffort"),
        pytest.param({"scopes": ["Terminating"]}, pod("p", activeDeadlineSeconds=9), pod("p"), id="Terminating"),
        pytest.param({"scopes": ["NotTerminating"]}, pod("p"), pod("p", activeDeadlineSeconds=9), id="NotTerminating"),
        pytest.param(
            {"scopeSelector": {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "Exists"}]}},
            pod("p", priorityClassName="high"),
            pod("p"),
            id="any class",
        ),
        pytest.param(
            {
                "scopeSelector": {
                    "matchExpressions": [{"scopeName": "PriorityClass", "operator": "In", "values": ["high"]}]
                }
            },
            pod("p", priorityClassName="high"),
            pod("p", priorityClassName="low"),
            id="one class",
        ),
        pytest.param(
            {
                "scopeSelector": {
                    "matchExpressions": [{"scopeName": "PriorityClass", "operator": "NotIn", "values": ["high"]}]
                }
            },
            pod("p"),
            pod("p", priorityClassName="high"),
            id="all but one class",
        ),
        pytest.param(
            {"scopes": ["BestEffort", "Terminating"]},
            pod("p", activeDeadlineSeconds=9),
            pod("p"),
            id="all scopes must fit",
        ),
        pytest.param(
            {"scopes": ["CrossNamespacePodAffinity"]},
            pod(
                "p",
                affinity={
                    "podAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": [
                            {"topologyKey": "zone", "namespaces": ["other"], "labelSelector": {}}
                        ]
                    }
                },
            ),
            pod("p"),
            id="CrossNamespacePodAffinity",
        ),
    ],
)
async def test_scopes(server: Server, spec: JSONObject, counted: JSONObject, free: JSONObject) -> None:
    for name in ("high", "low"):
        await server.create("priorityclasses", {"metadata": {"name": name}, "value": 1})
    await server.create("resourcequotas", quota({"pods": "0"}, **spec))
    assert "exceeded quota: q" in await server.refused("pods", counted)
    await server.create("pods", free)


async def test_a_quota_that_is_gone_limits_nothing(server: Server) -> None:
    await server.create("resourcequotas", quota({"pods": "0"}))
    await server.delete("resourcequotas", "q")
    await server.create("pods", pod("p"))


async def test_switched_off_it_only_counts() -> None:
    async with Server(disable=("ResourceQuota",)) as server:
        await server.create("resourcequotas", quota({"pods": "0"}))
        await server.create("pods", pod("p"))
        assert await used(server) == {"pods": "1"}


async def test_a_resize_takes_the_difference(server: Server) -> None:
    await server.create("resourcequotas", quota({"requests.cpu": "2"}))
    await server.create("pods", needing("p", {"cpu": "1"}))

    def resized(cpu: str) -> JSONObject:
        return {"spec": {"containers": [{"name": "c", "resources": {"requests": {"cpu": cpu}}}]}}

    path, headers = server.path("pods", "p", "resize"), {"content-type": "application/strategic-merge-patch+json"}
    status = await server.request("PATCH", path, json=resized("3"), headers=headers, code=403)
    assert status["message"] == (
        'pods "p" is forbidden: exceeded quota: q, requested: requests.cpu=2, used: requests.cpu=1, '
        "limited: requests.cpu=2"
    )
    await server.request("PATCH", path, json=resized("2"), headers=headers)
    assert await used(server) == {"requests.cpu": "2"}
    await server.request("PATCH", path, json=resized("500m"), headers=headers)
    assert await used(server) == {"requests.cpu": "500m"}
