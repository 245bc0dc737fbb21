"""``/metrics/resource`` and ``/metrics/cadvisor``."""

import httpx
import pytest

from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Rig


@pytest.fixture
async def started(rig: Rig) -> int:
    """A pod that has run for four seconds; return what time it is, in milliseconds."""
    annotations = {"kubemu.io/memory": "10Mi", "kubemu.io/cpu": "250m"}
    await rig.add(make_pod(container("web", image="idle"), name="p", metadata={"annotations": annotations}))
    await rig.clock.advance(4)
    return int(rig.clock.now().timestamp() * 1000)


async def test_resource(started: int, http: httpx.AsyncClient) -> None:
    answer = await http.get("/metrics/resource")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    labels = 'container="web",namespace="default",pod="p"'
    pod = 'namespace="default",pod="p"'
    for line in (
        f"container_cpu_usage_seconds_total{{{labels}}} 1.0 {started}",
        f"container_memory_working_set_bytes{{{labels}}} 1.048576e+07 {started}",
        f"pod_cpu_usage_seconds_total{{{pod}}} 1.0 {started}",
        f"pod_memory_working_set_bytes{{{pod}}} 1.048576e+07 {started}",
        f"node_memory_working_set_bytes 1.44703488e+08 {started}",
        "resource_scrape_error 0.0",
        "scrape_error 0.0",
        "# TYPE node_cpu_usage_seconds_total counter",
    ):
        assert line in lines
    assert any(line.startswith(f"container_start_time_seconds{{{labels}}} ") for line in lines)


async def test_cadvisor(started: int, http: httpx.AsyncClient) -> None:
    text = (await http.get("/metrics/cadvisor")).text
    assert 'container_network_receive_bytes_total{interface="eth0",namespace="default",pod="p"}' in text
    (line,) = [line for line in text.splitlines() if line.startswith("container_memory_working_set_bytes{")]
    assert 'container="web"' in line
    assert 'image="idle"' in line


async def test_probes(rig: Rig, http: httpx.AsyncClient) -> None:
    probe = {"exec": {"command": ["false"]}, "periodSeconds": 1}
    await rig.add(make_pod(container("web", image="busybox", command=["sleep", "9"], readinessProbe=probe), name="p"))
    await rig.clock.advance(0.2)
    line = (
        'prober_probe_total{container="web",namespace="default",pod="p",pod_uid="uid-p",probe_type="Readiness",'
        'result="failed"} 1.0'
    )
    await rig.until(lambda: any(count.result == "failed" for count in rig.services.probes.counts()))
    assert line in (await http.get("/metrics/probes")).text.splitlines()
