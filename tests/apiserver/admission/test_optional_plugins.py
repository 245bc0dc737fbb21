"""The plugins that are off by default: small, and each with one thing to say."""

import pytest

from tests.apiserver.admission.server import JSONObject, Server
from tests.apiserver.objects import container, pod


class TestAlways:
    async def test_admit_says_nothing(self) -> None:
        async with Server(enable=("AlwaysAdmit",)) as server:
            await server.create("pods", pod("p"))

    async def test_deny_refuses_everything(self) -> None:
        async with Server(enable=("AlwaysDeny",)) as server:
            # Not even the cluster's own namespaces are there.
            status = await server.create("nodes", {"metadata": {"name": "n"}}, code=403)
            assert status["message"] == 'nodes "n" is forbidden: admission control is denying all modifications'
            assert (await server.request("GET", "/api/v1/namespaces"))["items"] == []


class TestNamespaceExists:
    async def test_it_refuses_changes_too(self) -> None:
        async with Server(enable=("NamespaceExists",), disable=("NamespaceLifecycle",)) as server:
            await server.create("configmaps", {"metadata": {"name": "c"}})
            status = await server.create("configmaps", {"metadata": {"name": "c"}}, namespace="nowhere", code=404)
            assert status["message"] == 'namespaces "nowhere" not found'


class TestLimitPodHardAntiAffinityTopology:
    @pytest.mark.parametrize(
        ("key", "why"),
        [
            pytest.param("kubernetes.io/hostname", "", id="node"),
            pytest.param(
                "zone",
                'pods "p" is forbidden: affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey zone but '
                "only key kubernetes.io/hostname is allowed",
                id="zone",
            ),
        ],
    )
    async def test_keys(self, key: str, why: str) -> None:
        terms = [{"topologyKey": key, "labelSelector": {"matchLabels": {"a": "b"}}}]
        affinity = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
        async with Server(enable=("LimitPodHardAntiAffinityTopology",)) as server:
            if why:
                assert await server.refused("pods", pod("p", affinity=affinity)) == why
            else:
                await server.create("pods", pod("p", affinity=affinity))


class TestAlwaysPullImages:
    async def test_every_container(self) -> None:
        async with Server(enable=("AlwaysPullImages",)) as server:
            lazy = {"imagePullPolicy": "Never"}
            spec = {"containers": [container("a", **lazy)], "initContainers": [container("i", **lazy)]}
            created = (await server.create("pods", pod("p", **spec)))["spec"]
            assert created["containers"][0]["imagePullPolicy"] == "Always"
            assert created["initContainers"][0]["imagePullPolicy"] == "Always"
            await server.patch("pods", "p", {"metadata": {"labels": {"a": "b"}}})


class TestExtendedResourceToleration:
    async def test_pods_with_a_special_resource(self) -> None:
        async with Server(enable=("ExtendedResourceToleration",), disable=("DefaultTolerationSeconds",)) as server:
            needs = {"example.com/gpu": "1", "cpu": "1"}
            special = container(resources={"requests": needs, "limits": needs})
            created = await server.create("pods", pod("p", containers=[special]))
            assert created["spec"]["tolerations"] == [{"key": "example.com/gpu", "operator": "Exists"}]
            assert "tolerations" not in (await server.create("pods", pod("q")))["spec"]


class TestPodNodeSelector:
    @pytest.mark.parametrize(
        ("selector", "expected"),
        [
            pytest.param({}, {"zone": "a", "disk": "ssd"}, id="none given"),
            pytest.param({"cpu": "fast"}, {"zone": "a", "disk": "ssd", "cpu": "fast"}, id="another given"),
            pytest.param({"zone": "b"}, None, id="a different one given"),
        ],
    )
    async def test_selectors(self, selector: dict[str, str], expected: dict[str, str] | None) -> None:
        annotations = {"scheduler.alpha.kubernetes.io/node-selector": "zone=a,disk=ssd"}
        async with Server(enable=("PodNodeSelector",)) as server:
            await server.create("namespaces", {"metadata": {"name": "n", "annotations": annotations}})
            wanted = pod("p", nodeSelector=selector)
            if expected is None:
                assert await server.refused("pods", wanted, namespace="n") == (
                    'pods "p" is forbidden: pod node label selector conflicts with its namespace node label selector'
                )
            else:
                created = await server.create("pods", wanted, namespace="n")
                assert created["spec"]["nodeSelector"] == expected


class TestDenyServiceExternalIPs:
    async def test_new_addresses(self) -> None:
        def service(*addresses: str) -> JSONObject:
            return {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}], "externalIPs": list(addresses)}}

        async with Server(enable=("DenyServiceExternalIPs",)) as server:
            assert await server.refused("services", service("192.0.2.1")) == (
                'services "s" is forbidden: Use of external IPs is denied by admission control'
            )
            await server.create("services", service())
            claimed = {"spec": {"externalIPs": ["192.0.2.1"]}}
            await server.patch("services", "s", claimed, code=403)


async def test_taint_nodes_by_condition() -> None:
    async with Server() as server:
        created = await server.create("nodes", {"metadata": {"name": "n"}})
        assert created["spec"]["taints"] == [{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}]
