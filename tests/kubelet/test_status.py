"""What a pod's status says of its containers, beside their states."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from apimachinery.types.base import to_wire
from apimachinery.types.pod import Container, PodStatus
from kubelet.status import mount_statuses, same_status
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Rig, open_rig


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with open_rig() as opened:
        yield opened


@pytest.mark.parametrize(
    ("mount", "status"),
    [
        pytest.param({}, {}, id="to write to"),
        pytest.param({"readOnly": True}, {"readOnly": True, "recursiveReadOnly": "Disabled"}, id="read-only"),
        pytest.param(
            {"readOnly": True, "recursiveReadOnly": "IfPossible"},
            {"readOnly": True, "recursiveReadOnly": "Enabled"},
            id="recursively",
        ),
    ],
)
def test_mounts(mount: dict[str, Any], status: dict[str, Any]) -> None:
    made = Container.model_validate(container(volumeMounts=[{"name": "v", "mountPath": "/v", **mount}]))
    assert [to_wire(entry) for entry in mount_statuses(made)] == [{"name": "v", "mountPath": "/v", **status}]


async def test_who_it_runs_as_and_how_it_is_stopped(rig: Rig) -> None:
    security = {"runAsUser": 1000, "runAsGroup": 2000, "fsGroup": 3000, "supplementalGroups": [4000]}
    pod = make_pod(
        container("plain", securityContext={"runAsUser": 0, "runAsGroup": 0}),
        container("web", lifecycle={"stopSignal": "SIGUSR1"}),
        securityContext=security,
    )
    await rig.add(pod)
    plain, web = to_wire(rig.container(pod, "plain")), to_wire(rig.container(pod, "web"))
    assert web["user"] == {"linux": {"uid": 1000, "gid": 2000, "supplementalGroups": [2000, 3000, 4000]}}
    assert plain["user"]["linux"]["uid"] == 0
    assert (plain["stopSignal"], web["stopSignal"]) == ("SIGTERM", "SIGUSR1")


async def test_resources_of_a_container_that_asks_for_none(rig: Rig) -> None:
    pod = make_pod()
    await rig.add(pod)
    status = to_wire(rig.container(pod))
    assert (status["resources"], "allocatedResources" in status) == ({}, False)


async def test_termination_messages_share_their_room(rig: Rig) -> None:
    """Four containers may say 3 KiB each."""
    script = "seq -w 1 9999 > /dev/termination-log"
    pod = make_pod(
        *(container(f"c{number}", "busybox", command=["sh", "-c", script]) for number in range(4)), policy="Never"
    )
    await rig.add(pod)
    await rig.until(lambda: rig.status(pod).phase == "Succeeded")
    ended = [status.state.terminated for status in rig.status(pod).container_statuses]
    assert [len(entry.message) for entry in ended if entry is not None] == [3072] * 4


async def test_a_container_that_must_not_be_root(rig: Rig) -> None:
    pod = make_pod(container(securityContext={"runAsNonRoot": True}))
    await rig.add(pod)
    waiting = rig.container(pod).state.waiting
    assert waiting is not None
    message = 'container has runAsNonRoot and image will run as root (pod: "web_default(uid-web)", container: web)'
    assert (waiting.reason, waiting.message) == ("CreateContainerConfigError", message)
    assert f"Failed: Error: {message}" in rig.events.seen


REPORTED: dict[str, Any] = {
    "phase": "Running",
    "podIP": "127.128.0.2",
    "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}],
}
FOREIGN = {"type": "example.com/Fine", "status": "True"}


@pytest.mark.parametrize(
    ("shown", "same"),
    [
        pytest.param(REPORTED, True, id="the same"),
        pytest.param({**REPORTED, "conditions": [FOREIGN, *REPORTED["conditions"]]}, True, id="and what others say"),
        pytest.param({**REPORTED, "conditions": []}, False, id="a condition less"),
        pytest.param({**REPORTED, "podIP": "127.128.0.3"}, False, id="another address"),
        pytest.param({**REPORTED, "phase": "Pending"}, False, id="another phase"),
    ],
)
def test_whether_the_api_server_shows_what_was_reported(shown: dict[str, Any], *, same: bool) -> None:
    assert same_status(PodStatus.model_validate(shown), PodStatus.model_validate(REPORTED)) is same
