"""gRPC probes of a real server (S33 and S36 in gRPC's form)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from apimachinery.types.pod import Container, Pod
from apimachinery.types.probes import Probe
from kubelet.grpc_health import Code
from kubelet.probe_state import Result
from kubelet.prober.grpc_probe import duration, rpc_failure
from kubelet.prober.outcome import Outcome, Subject
from kubelet.prober.prober import Prober
from kubelet.runtime import ContainerConfig
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Rig, open_rig

SERVING = Outcome(Result.SUCCESS)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with open_rig() as opened:
        yield opened


async def serve(rig: Rig, *args: str) -> Pod:
    pod = make_pod(container(image="agnhost", args=["grpc-health-checking", *args]))
    await rig.add(pod)
    await rig.until(lambda: rig.running() == ["web"])
    return pod


async def probe(rig: Rig, pod: Pod, *, passing: float = 0.0, **how: Any) -> Outcome:
    subject = Subject(Container(name="web"), "", rig.status(pod).pod_ip)
    outcomes: list[Outcome] = []
    async with Prober(rig.runtime, rig.runtime.network.endpoint, rig.clock) as prober:
        prober.check(Probe.model_validate(how), subject).begin(outcomes.append)
        if passing:
            await rig.settle()
            assert not outcomes
            await rig.clock.advance(passing)
        await rig.until(lambda: bool(outcomes))
    return outcomes[0]


async def test_a_server_that_serves_and_then_does_not(rig: Rig) -> None:
    pod = await serve(rig, "--delay-unhealthy-sec", "30")
    assert await probe(rig, pod, grpc={"port": 5000}) == SERVING
    await rig.clock.advance(30)
    assert await probe(rig, pod, grpc={"port": 5000}) == Outcome(
        Result.FAILURE, 'service unhealthy (responded with "NOT_SERVING")'
    )


async def test_services_by_name(rig: Rig) -> None:
    pod = await serve(rig, "--service", "shop")
    assert await probe(rig, pod, grpc={"port": 5000, "service": "shop"}) == SERVING
    assert await probe(rig, pod, grpc={"port": 5000, "service": "bank"}) == Outcome(
        Result.FAILURE, "error: health rpc probe failed: rpc error: code = NotFound desc = unknown service"
    )


async def test_told_over_http(rig: Rig) -> None:
    pod = await serve(rig)
    for page, healthy in (("make-not-serving", False), ("make-serving", True)):
        assert await probe(rig, pod, httpGet={"port": 8080, "path": f"/{page}"}) == Outcome(Result.SUCCESS)
        assert (await probe(rig, pod, grpc={"port": 5000}) == SERVING) is healthy


@pytest.mark.parametrize("port", [pytest.param(5001, id="nobody listens"), pytest.param(8080, id="no gRPC server")])
async def test_where_there_is_no_grpc_server(rig: Rig, port: int) -> None:
    """S36: connecting is tried until the time is up."""
    pod = await serve(rig)
    outcome = await probe(rig, pod, grpc={"port": port}, timeoutSeconds=3, passing=3)
    where = f'"{rig.status(pod).pod_ip}:{port}"'
    assert outcome == Outcome(
        Result.FAILURE, f"timeout: failed to connect service {where} within 3s: context deadline exceeded"
    )


async def test_a_server_that_comes_up_meanwhile(rig: Rig) -> None:
    pod = make_pod(container(image="busybox", command=["sleep", "1000"]))
    await rig.add(pod)
    await rig.until(lambda: rig.running() == ["web"])
    ip = rig.status(pod).pod_ip
    outcomes: list[Outcome] = []
    async with Prober(rig.runtime, rig.runtime.network.endpoint, rig.clock) as prober:
        check = Probe.model_validate({"grpc": {"port": 5000}, "timeoutSeconds": 10})
        prober.check(check, Subject(Container(name="web"), "", ip)).begin(outcomes.append)
        await rig.clock.advance(0.5)
        (run,) = rig.runtime.list_containers()
        await rig.runtime.pull_image("agnhost")
        late = await rig.runtime.create_container(
            run.sandbox_id, ContainerConfig("late", "agnhost", args=("grpc-health-checking",))
        )
        await rig.runtime.start_container(late)
        await rig.clock.advance(2)
        await rig.until(lambda: bool(outcomes))
    assert outcomes == [SERVING]


def test_a_server_without_the_service() -> None:
    assert rpc_failure(Code.Unimplemented, "unknown service") == Outcome(
        Result.FAILURE,
        "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service",
    )


@pytest.mark.parametrize(("seconds", "text"), [(1.0, "1s"), (90.0, "1m30s"), (3600.0, "1h0m0s")])
def test_durations_as_go_prints_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text
