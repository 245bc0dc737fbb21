"""Annotations that wish something of fake containers, on pods that run: what comes of them, also while they run."""

from collections.abc import AsyncIterator

import pytest

from apimachinery.types.pod import Pod
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Rig, open_rig


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with open_rig() as opened:
        yield opened


def wishing(*containers: dict[str, object], restart: str = "Never", **wishes: str) -> Pod:
    annotations = {f"kubemu.io/{name.replace('_', '-')}": value for name, value in wishes.items()}
    return make_pod(*(containers or (container(),)), policy=restart, metadata={"annotations": annotations})


async def annotate(rig: Rig, pod: Pod, **wishes: str | None) -> Pod:
    """Change annotations of a pod that runs; ``None`` takes one away."""
    changed = pod.model_copy(deep=True)
    for name, value in wishes.items():
        key = f"kubemu.io/{name.replace('_', '-')}"
        if value is None:
            del changed.metadata.annotations[key]
        else:
            changed.metadata.annotations[key] = value
    await rig.update(pod, changed)
    return changed


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        pytest.param({"run_for": "5s"}, 0, id="run-for"),
        pytest.param({"run_for": "5s", "exit_code": "3"}, 3, id="run-for and exit-code"),
        pytest.param({"run_for.web": "5s", "exit_code.web": "4"}, 4, id="of the container"),
        pytest.param({"run_for": "1h", "run_for.web": "5s"}, 0, id="the container's goes first"),
    ],
)
async def test_a_container_ends_in_time(rig: Rig, wishes: dict[str, str], code: int) -> None:
    """Even one whose program cares for nothing."""
    pod = wishing(container(image="stubborn"), **wishes)
    await rig.add(pod)
    await rig.clock.advance(4)
    await rig.settle()
    assert rig.running() == ["web"]
    await rig.clock.advance(1)
    await rig.settle()
    ended = rig.container(pod).state.terminated
    assert ended is not None
    assert (ended.exit_code, ended.signal, ended.reason) == (code, 0, "Completed" if code == 0 else "Error")
    assert rig.status(pod).phase == ("Succeeded" if code == 0 else "Failed")


async def test_the_time_may_change_while_it_runs(rig: Rig) -> None:
    pod = wishing(run_for="5s")
    await rig.add(pod)
    longer = await annotate(rig, pod, run_for="20s", exit_code="7")
    await rig.clock.advance(10)
    await rig.settle()
    assert rig.running() == ["web"]
    await annotate(rig, longer, run_for="1s")
    ended = rig.container(pod).state.terminated
    assert ended is not None
    assert ended.exit_code == 7


async def test_a_wish_may_be_taken_back(rig: Rig) -> None:
    pod = wishing(run_for="5s")
    await rig.add(pod)
    await annotate(rig, pod, run_for=None)
    await rig.clock.advance(100)
    await rig.settle()
    assert rig.running() == ["web"]


async def test_an_exit_code_is_for_whatever_way_it_ends(rig: Rig) -> None:
    pod = wishing(container(image="ends", args=["0", "2"]), exit_code="9")
    await rig.add(pod)
    await rig.clock.advance(2)
    await rig.settle()
    ended = rig.container(pod).state.terminated
    assert ended is not None
    assert (ended.exit_code, ended.reason) == (9, "Error")


async def test_a_program_may_start_late(rig: Rig) -> None:
    pod = wishing(container(image="ends", args=["0", "2"]), start_delay="10s")
    await rig.add(pod)
    await rig.clock.advance(11)
    await rig.settle()
    assert rig.running() == ["web"]
    await rig.clock.advance(1)
    await rig.settle()
    assert rig.status(pod).phase == "Succeeded"


async def test_term_ends_the_wait_for_the_start(rig: Rig) -> None:
    pod = wishing(start_delay="1h")
    await rig.add(pod)
    await rig.delete(pod, grace=30)
    assert rig.running() == []


async def test_a_pull_error_is_there_until_it_is_taken_back(rig: Rig) -> None:
    """Also where the image is on the node."""
    await rig.runtime.pull_image("idle")
    pod = wishing(pull_error="toomanyrequests: You have reached your pull rate limit")
    await rig.add(pod)
    waiting = rig.container(pod).state.waiting
    assert waiting is not None
    assert (waiting.reason, waiting.message) == (
        "ErrImagePull",
        'failed to pull and unpack image "docker.io/library/idle:latest": '
        "toomanyrequests: You have reached your pull rate limit",
    )
    await annotate(rig, pod, pull_error=None)
    assert rig.running() == ["web"]


async def test_only_the_named_container_cannot_be_pulled(rig: Rig) -> None:
    pod = wishing(container("a", "idle"), container("b", "stubborn"), **{"pull_error.b": "denied"})
    await rig.add(pod)
    assert rig.running() == ["a"]


async def test_probes_fail_while_it_is_wished(rig: Rig) -> None:
    """S29: readiness goes and comes, with the container untouched."""
    probe = {"exec": {"command": ["ends", "0"]}, "periodSeconds": 1, "failureThreshold": 1}
    pod = wishing(container(image="idle", readinessProbe=probe, livenessProbe=probe), fail_probe="readiness:3s-6s")
    await rig.add(pod)

    async def ready_after(seconds: float) -> bool:
        for _ in range(int(seconds * 2)):
            await rig.clock.advance(0.5)
            await rig.settle()
        return bool(rig.container(pod).ready)

    assert await ready_after(2)
    assert not await ready_after(2)
    assert await ready_after(4)
    assert rig.container(pod).restart_count == 0
    assert any("Readiness probe failed: as the annotation" in text for text in rig.events.seen)
    await annotate(rig, pod, fail_probe="readiness:always")
    assert not await ready_after(2)


async def test_what_cannot_be_followed_is_told(rig: Rig) -> None:
    pod = wishing(run_for="soon", **{"cpu.nobody": "1"})
    await rig.add(pod)
    assert rig.running() == ["web"]
    told = [text for text in rig.events.seen if text.startswith("InvalidAnnotation")]
    assert told == [
        'InvalidAnnotation: annotation kubemu.io/run-for: "soon" is ignored: time: invalid duration "soon"',
        'InvalidAnnotation: annotation kubemu.io/cpu.nobody: "1" is ignored: there is no container "nobody"',
    ]
    await annotate(rig, pod, exit_code="many")
    assert any('kubemu.io/exit-code: "many" is ignored' in text for text in rig.events.seen)
