"""``/stats/summary``."""

import httpx

from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Rig

MEBI = 1024 * 1024


async def started(rig: Rig) -> None:
    web = container("web", image="idle", resources={"limits": {"memory": "64Mi"}})
    annotations = {"kubemu.io/memory": "10Mi", "kubemu.io/cpu": "250m"}
    volumes = [{"name": "scratch", "emptyDir": {}}]
    web["volumeMounts"] = [{"name": "scratch", "mountPath": "/scratch"}]
    await rig.add(make_pod(web, name="p", metadata={"annotations": annotations}, volumes=volumes))
    await rig.clock.advance(4)


async def test_summary(rig: Rig, http: httpx.AsyncClient) -> None:
    await started(rig)
    shown = (await http.get("/stats/summary")).json()
    node, (pod,) = shown["node"], shown["pods"]
    assert node["nodeName"] == "node-1"
    assert node["cpu"]["usageNanoCores"] == 270_000_000
    assert node["memory"]["workingSetBytes"] == 138 * MEBI
    assert node["memory"]["availableBytes"] == 8 * 1024 * MEBI - 138 * MEBI
    assert node["fs"]["capacityBytes"] == 100 * 1024 * MEBI
    assert node["runtime"]["imageFs"]["usedBytes"] > 0
    assert {entry["name"] for entry in node["systemContainers"]} == {"kubelet", "pods"}
    assert pod["podRef"]["name"] == "p"
    assert pod["podRef"]["namespace"] == "default"
    assert pod["network"]["rxBytes"] > 0
    assert [volume["name"] for volume in pod["volume"]] == ["scratch"]
    assert pod["process_stats"] == {"process_count": 1}
    (web,) = pod["containers"]
    assert (web["name"], web["cpu"]["usageNanoCores"]) == ("web", 250_000_000)
    assert web["cpu"]["usageCoreNanoSeconds"] == 1_000_000_000
    assert web["memory"]["availableBytes"] == 54 * MEBI
    assert web["cpu"]["time"] == rig.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")


async def test_only_cpu_and_memory(rig: Rig, http: httpx.AsyncClient) -> None:
    await started(rig)
    shown = (await http.get("/stats/summary", params={"only_cpu_and_memory": "true"})).json()
    assert set(shown["node"]) == {"nodeName", "systemContainers", "startTime", "cpu", "memory"}
    (pod,) = shown["pods"]
    assert set(pod) == {"podRef", "startTime", "containers", "cpu", "memory"}
    assert set(pod["containers"][0]) == {"name", "startTime", "cpu", "memory"}
