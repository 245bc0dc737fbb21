"""Pods on a node: started, restarted, probed and ended by a pod worker, on a clock moved by hand."""

from collections.abc import AsyncIterator

import pytest

from apimachinery.types.pod import PodCondition
from kubelet.runtime import SandboxState
from kubelet.volumes import volume_directory
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import CIDR, NODE_IP, Rig, open_rig
from tests.live.addresses import address

MOUNTED = [{"name": "v", "mountPath": "/v"}]


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with open_rig() as opened:
        yield opened


def ending(code: int, seconds: float = 0, name: str = "web", **fields: object) -> dict[str, object]:
    """A container that ends with ``code`` after ``seconds``."""
    return container(name, "ends", args=[str(code), str(seconds)], **fields)


async def test_a_pod_is_started(rig: Rig) -> None:
    """S1, S5, S14, S15, S16: a sandbox, then the containers, all of it in the status."""
    pod = make_pod(container("a"), container("b"))
    await rig.add(pod)
    status = rig.status(pod)
    sandbox = rig.runtime.list_pod_sandboxes()[0]
    assert (status.phase, status.pod_ip, status.host_ip) == ("Running", sandbox.ip, NODE_IP)
    assert {condition.type: condition.status for condition in status.conditions} == {
        "PodReadyToStartContainers": "True",
        "Initialized": "True",
        "Ready": "True",
        "ContainersReady": "True",
    }
    a = rig.container(pod, "a")
    run = rig.runtime.list_containers()[0]
    assert (a.ready, a.started, a.restart_count, a.container_id) == (True, True, 0, f"fake://{run.id}")
    assert a.state.running is not None
    assert rig.events.seen == [
        'Pulling: Pulling image "idle"',
        'Pulling: Pulling image "idle"',
        'Pulled: Successfully pulled image "idle" in 0s (0s including waiting). Image size: 10000000 bytes.',
        "Created: Container created",
        "Started: Container started",
        'Pulled: Successfully pulled image "idle" in 0s (0s including waiting). Image size: 10000000 bytes.',
        "Created: Container created",
        "Started: Container started",
    ]


async def test_an_image_that_is_there_is_not_pulled_again(rig: Rig) -> None:
    await rig.runtime.pull_image("idle")
    await rig.add(make_pod())
    assert rig.events.seen[0] == (
        'Pulled: Container image "idle" already present on machine and can be accessed by the pod'
    )


async def test_init_containers_run_in_order(rig: Rig) -> None:
    init = (ending(0, 5, "one"), ending(0, 5, "two"))
    pod = make_pod(container("web"), init=init)
    await rig.add(pod)
    assert rig.running() == ["one"]
    web = rig.container(pod, "web").state.waiting
    assert web is not None
    assert web.reason == "PodInitializing"
    assert rig.status(pod).phase == "Pending"
    await rig.clock.advance(5)
    assert rig.running() == ["two"]
    await rig.clock.advance(5)
    assert rig.running() == ["web"]
    assert rig.status(pod).phase == "Running"
    assert rig.container(pod, "one").ready


async def test_a_sidecar_starts_first_and_stays(rig: Rig) -> None:
    pod = make_pod(ending(0, 30), init=(container("side", restartPolicy="Always"),), policy="Never")
    await rig.add(pod)
    assert rig.running() == ["side", "web"]
    await rig.clock.advance(30)
    assert rig.running() == []
    assert rig.status(pod).phase == "Succeeded"


async def test_a_failed_init_container_ends_a_pod_that_never_restarts(rig: Rig) -> None:
    pod = make_pod(container("web"), init=(ending(3, 1, "one"),), policy="Never")
    await rig.add(pod)
    await rig.clock.advance(1)
    assert rig.status(pod).phase == "Failed"
    assert rig.running() == []
    web = rig.container(pod, "web").state.waiting
    assert web is not None
    assert web.reason == "PodInitializing"


async def test_crash_loop(rig: Rig) -> None:
    """S17, S26: restarted at once, then after 10 s, then after 20 s."""
    pod = make_pod(ending(1, 1))
    await rig.add(pod)
    starts: list[int] = []
    seen = -1
    for second in range(45):
        count = rig.container(pod).restart_count
        if count != seen:
            starts, seen = [*starts, second], count
        await rig.clock.advance(1)
    assert starts == [0, 1, 12, 33]
    web = rig.container(pod)
    assert web.state.waiting is not None
    assert web.state.waiting.reason == "CrashLoopBackOff"
    assert web.state.waiting.message == "back-off 40s restarting failed container=web pod=web_default(uid-web)"
    assert web.last_state.terminated is not None
    assert (web.last_state.terminated.exit_code, web.last_state.terminated.reason) == (1, "Error")
    assert "BackOff: Back-off restarting failed container web in pod web_default(uid-web)" in rig.events.seen
    assert rig.status(pod).phase == "Running"
    assert len(rig.runtime.list_containers()) == 2, "older runs are removed"


@pytest.mark.parametrize(
    ("policy", "code", "phase", "count"),
    [
        ("Never", 0, "Succeeded", 0),
        ("Never", 1, "Failed", 0),
        ("OnFailure", 0, "Succeeded", 0),
        ("OnFailure", 1, "Running", 1),
        ("Always", 0, "Running", 1),
    ],
)
async def test_restart_policy(rig: Rig, policy: str, code: int, phase: str, count: int) -> None:
    """S7, S17, S26."""
    pod = make_pod(ending(code, 5), policy=policy)
    await rig.add(pod)
    await rig.clock.advance(6)
    assert (rig.status(pod).phase, rig.container(pod).restart_count) == (phase, count)


async def test_a_finished_pod_gives_its_address_back(rig: Rig) -> None:
    pod = make_pod(ending(0, 5), policy="Never")
    await rig.add(pod)
    await rig.clock.advance(5)
    sandbox = rig.runtime.list_pod_sandboxes()[0]
    assert sandbox.state is SandboxState.NOTREADY
    assert rig.status(pod).phase == "Succeeded"
    ready = next(entry for entry in rig.status(pod).conditions if entry.type == "Ready")
    assert (ready.status, ready.reason) == ("False", "PodCompleted")
    assert rig.container(pod).container_id, "its log can still be read"


async def test_the_pod_restarts_when_its_sandbox_dies(rig: Rig) -> None:
    """S2: a new sandbox, and every container again."""
    pod = make_pod(container("a"), container("b"), init=(ending(0, 0, "i"),))
    await rig.add(pod)
    first = rig.runtime.list_pod_sandboxes()[0]
    await rig.runtime.stop_pod_sandbox(first.id)
    await rig.settle()
    # The first is kept for its logs.
    former, second = rig.runtime.list_pod_sandboxes()
    assert (former.id, former.state) == (first.id, SandboxState.NOTREADY)
    assert (second.config.attempt, second.state) == (1, SandboxState.READY)
    assert rig.running() == ["a", "b"]
    assert [rig.container(pod, name).restart_count for name in ("i", "a", "b")] == [1, 1, 1]
    assert rig.status(pod).pod_ip == second.ip
    last = rig.container(pod, "a").last_state.terminated
    assert last is not None
    assert (last.exit_code, last.reason) == (137, "Error")
    assert "SandboxChanged: Pod sandbox changed, it will be killed and re-created." in rig.events.seen


async def test_only_the_container_that_ended_is_restarted(rig: Rig) -> None:
    """S2, S17."""
    pod = make_pod(container("stays"), ending(1, 5, "web"))
    await rig.add(pod)
    before = rig.container(pod, "stays").container_id
    await rig.clock.advance(6)
    assert rig.container(pod, "web").restart_count == 1
    assert rig.container(pod, "stays").container_id == before
    assert len(rig.runtime.list_pod_sandboxes()) == 1


async def test_deletion_lets_containers_end_by_themselves(rig: Rig) -> None:
    pod = make_pod()
    await rig.add(pod)
    deleted = await rig.delete(pod, grace=30)
    assert "Killing: Stopping container web" in rig.events.seen
    terminated = rig.container(pod).state.terminated
    assert terminated is not None
    assert (terminated.exit_code, terminated.reason) == (0, "Completed")
    assert rig.status(pod).phase == "Succeeded"
    assert rig.statuses.deletion_due(pod.metadata.uid)
    await rig.remove(deleted)
    assert (len(rig.workers), rig.runtime.list_pod_sandboxes(), rig.runtime.list_containers()) == (0, [], [])


async def test_what_ignores_term_is_killed_after_the_grace_period(rig: Rig) -> None:
    pod = make_pod(container(image="stubborn"))
    await rig.add(pod)
    await rig.delete(pod, grace=30)
    await rig.clock.advance(29)
    assert rig.running() == ["web"]
    assert not rig.statuses.deletion_due(pod.metadata.uid)
    await rig.clock.advance(1)
    terminated = rig.container(pod).state.terminated
    assert terminated is not None
    assert terminated.exit_code == 137
    assert rig.status(pod).phase == "Failed"


async def test_a_second_deletion_can_shorten_the_grace_period(rig: Rig) -> None:
    pod = make_pod(container(image="stubborn"))
    await rig.add(pod)
    deleted = await rig.delete(pod, grace=300)
    await rig.clock.advance(10)
    await rig.delete(deleted, grace=2)
    await rig.clock.advance(2)
    assert rig.running() == []
    assert rig.reasons().count("Killing") == 1


async def test_a_pod_that_vanished_is_killed_at_once(rig: Rig) -> None:
    pod = make_pod(container(image="stubborn", volumeMounts=MOUNTED), volumes=[{"name": "v", "emptyDir": {}}])
    await rig.add(pod)
    assert rig.runtime.host.exists(volume_directory("uid-web", "v"))
    await rig.remove(pod)
    assert (len(rig.workers), rig.runtime.list_pod_sandboxes(), rig.runtime.list_containers()) == (0, [], [])
    assert not rig.runtime.host.exists(volume_directory("uid-web", "v"))


async def test_a_deleted_pod_that_never_started_ends_as_failed(rig: Rig) -> None:
    """Its volume cannot be had as long as the API server does not answer."""
    pod = make_pod(container(volumeMounts=MOUNTED), volumes=[{"name": "v", "configMap": {"name": "x"}}])
    await rig.add(pod)
    await rig.clock.advance(1)
    failure = "failed to sync configmap cache: timed out waiting for the condition"
    assert rig.events.seen == [f'FailedMount: MountVolume.SetUp failed for volume "v" : {failure}']
    waiting = rig.container(pod).state.waiting
    assert waiting is not None
    assert waiting.reason == "ContainerCreating"
    await rig.delete(pod, grace=30)
    assert rig.status(pod).phase == "Failed"
    assert rig.statuses.deletion_due(pod.metadata.uid)


async def test_containers_of_an_earlier_process_are_started_once(rig: Rig) -> None:
    """S17: what the API server shows as running, but this process does not have, is lost and started anew."""
    reported = {
        "name": "web",
        "state": {"running": {"startedAt": "2025-12-31T23:00:00Z"}},
        "ready": True,
        "restartCount": 2,
        "image": "idle",
        "imageID": "",
        "containerID": "fake://old",
    }
    pod = make_pod(status={"phase": "Running", "podIP": address(CIDR, 9), "containerStatuses": [reported]})
    await rig.add(pod)
    await rig.clock.advance(600)
    web = rig.container(pod)
    assert (web.restart_count, rig.running()) == (3, ["web"])
    last = web.last_state.terminated
    assert last is not None
    assert (last.reason, last.exit_code, last.container_id) == ("ContainerStatusUnknown", 137, "fake://old")
    assert rig.reasons().count("Started") == 1


async def test_a_finished_pod_of_an_earlier_process_is_left_alone(rig: Rig) -> None:
    ended = {"name": "web", "state": {"terminated": {"exitCode": 0}}, "ready": False, "restartCount": 0}
    pod = make_pod(
        policy="Never", status={"phase": "Succeeded", "containerStatuses": [{**ended, "image": "idle", "imageID": ""}]}
    )
    await rig.add(pod)
    assert (rig.status(pod).phase, rig.events.seen, rig.runtime.list_pod_sandboxes()) == ("Succeeded", [], [])


@pytest.mark.parametrize(
    ("image", "policy", "reason"),
    [
        pytest.param("web:404", "IfNotPresent", "ErrImagePull", id="no such image"),
        pytest.param("Not A Name", "IfNotPresent", "InvalidImageName", id="no such name"),
        pytest.param("idle", "Never", "ErrImageNeverPull", id="not present"),
    ],
)
async def test_an_image_that_cannot_be_had(rig: Rig, image: str, policy: str, reason: str) -> None:
    pod = make_pod(container(image=image, imagePullPolicy=policy))
    await rig.add(pod)
    waiting = rig.container(pod).state.waiting
    assert waiting is not None
    assert waiting.reason == reason
    assert f"Failed: Error: {reason}" in rig.events.seen
    assert rig.status(pod).phase == "Pending"


async def test_a_failed_pull_is_repeated_with_back_off(rig: Rig) -> None:
    pod = make_pod(container(image="web:404"))
    await rig.add(pod)
    await rig.clock.advance(3)
    waiting = rig.container(pod).state.waiting
    assert waiting is not None
    assert waiting.reason == "ImagePullBackOff"
    assert waiting.message.startswith('Back-off pulling image "web:404": ErrImagePull: failed to pull')
    assert rig.events.seen.count('Pulling: Pulling image "web:404"') == 1
    await rig.clock.advance(7)
    assert rig.events.seen.count('Pulling: Pulling image "web:404"') == 2
    await rig.clock.advance(19)
    assert rig.events.seen.count('Pulling: Pulling image "web:404"') == 2
    await rig.clock.advance(1)
    assert rig.events.seen.count('Pulling: Pulling image "web:404"') == 3


async def test_a_config_that_cannot_be_read(rig: Rig) -> None:
    """The API server that this node talks to does not answer."""
    pod = make_pod(container(envFrom=[{"configMapRef": {"name": "x"}}]))
    await rig.add(pod)
    await rig.clock.advance(1)
    await rig.until(lambda: "Failed" in rig.reasons())
    waiting = rig.container(pod).state.waiting
    assert waiting is not None
    message = "failed to sync configmap cache: timed out waiting for the condition"
    assert (waiting.reason, waiting.message) == ("CreateContainerConfigError", message)
    assert f"Failed: Error: {message}" in rig.events.seen


@pytest.mark.parametrize(
    ("mount", "reason"),
    [
        pytest.param({"subPath": "../.."}, "CreateContainerConfigError", id="out of the volume"),
        pytest.param({"mountPath": "/usr/share/nginx/html/index.html/x"}, "CreateContainerError", id="through a file"),
    ],
)
async def test_a_mount_that_cannot_be(rig: Rig, mount: dict[str, str], reason: str) -> None:
    mounts = [{"name": "v", "mountPath": "/data", **mount}]
    pod = make_pod(container(image="nginx", volumeMounts=mounts), volumes=[{"name": "v", "emptyDir": {}}])
    await rig.add(pod)
    waiting = rig.container(pod).state.waiting
    assert waiting is not None
    assert waiting.reason == reason
    assert rig.reasons().count("Failed") == 1
    await rig.clock.advance(10)
    assert rig.reasons().count("Failed") == 2


async def test_a_pod_that_cannot_be_handled_is_tried_again_beside_the_others(rig: Rig) -> None:
    """What nobody foresaw about one pod is not the end of the kubelet."""
    began = {"startTime": "2026-01-01T00:00:00Z"}
    pod, other = make_pod(status=began, activeDeadlineSeconds=10**15), make_pod(name="other")
    await rig.add(pod)
    await rig.add(other)
    assert rig.reasons()[0] == "FailedSync"
    assert rig.status(other).phase == "Running"
    await rig.update(pod, make_pod(status=began))
    await rig.clock.advance(10)
    assert rig.status(pod).phase == "Running"


async def test_a_volume_of_a_kind_nobody_serves(rig: Rig) -> None:
    pod = make_pod(container(volumeMounts=MOUNTED), volumes=[{"name": "v", "nfs": {"server": "s", "path": "/"}}])
    await rig.add(pod)
    assert [entry for entry in rig.events.seen if "err=no volume plugin matched" in entry]
    waiting = rig.container(pod).state.waiting
    assert waiting is not None
    assert waiting.reason == "ContainerCreating"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param({"terminationMessagePolicy": "FallbackToLogsOnError"}, "the end\n", id="fallback"),
        pytest.param({}, "", id="none"),
        pytest.param(
            {"terminationMessagePolicy": "FallbackToLogsOnError", "args": ["echo the end"]}, "", id="no failure"
        ),
    ],
)
async def test_the_termination_message_from_the_log(rig: Rig, fields: dict[str, object], message: str) -> None:
    script: dict[str, object] = {"command": ["sh", "-c"], "args": ["echo the end; exit 3"], **fields}
    pod = make_pod({"name": "web", "image": "busybox", **script}, policy="Never")
    await rig.add(pod)
    await rig.until(lambda: rig.container(pod).state.terminated is not None)
    terminated = rig.container(pod).state.terminated
    assert terminated is not None
    assert terminated.message == message


async def test_a_program_that_is_not_there(rig: Rig) -> None:
    pod = make_pod(container(command=["nonsense"]))
    await rig.add(pod)
    last = rig.container(pod).last_state.terminated
    assert last is not None
    assert (last.exit_code, last.reason) == (128, "StartError")
    assert rig.status(pod).phase == "Running"


async def test_exec_liveness_probe(rig: Rig) -> None:
    """S29, S34, S37, S39: killed after the third failure, ten seconds apart, then started again."""
    probe = {"exec": {"command": ["ends", "1"]}}
    pod = make_pod(container(livenessProbe=probe))
    await rig.add(pod)
    await rig.clock.advance(20)
    assert (rig.container(pod).restart_count, rig.reasons().count("Unhealthy")) == (0, 2)
    await rig.clock.advance(1)
    await rig.settle()
    assert rig.container(pod).restart_count == 1
    assert "Unhealthy: Liveness probe failed: " in rig.events.seen
    assert "Killing: Container web failed liveness probe, will be restarted" in rig.events.seen


async def test_a_probe_that_hangs_has_failed(rig: Rig) -> None:
    """S35, S36, S37."""
    probe = {"exec": {"command": ["ends", "0", "60"]}, "initialDelaySeconds": 5, "timeoutSeconds": 2}
    pod = make_pod(container(readinessProbe={**probe, "failureThreshold": 1}))
    await rig.add(pod)
    await rig.clock.advance(6.5)
    assert "Unhealthy" not in rig.reasons()
    await rig.clock.advance(1)
    assert 'Unhealthy: Readiness probe failed: command timed out: "ends 0 60" timed out after 2s' in rig.events.seen
    assert not rig.container(pod).ready


async def test_liveness_is_not_probed_while_a_pod_ends(rig: Rig) -> None:
    pod = make_pod(container(image="stubborn", livenessProbe={"exec": {"command": ["ends", "1"]}}))
    await rig.add(pod)
    await rig.delete(pod, grace=300)
    await rig.clock.advance(100)
    assert "Unhealthy" not in rig.reasons()


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("Always", "Container web failed startup probe, will be restarted"),
        ("Never", "Container web failed startup probe"),
    ],
)
async def test_a_startup_probe_that_fails_has_its_container_killed(rig: Rig, policy: str, message: str) -> None:
    probe = {"exec": {"command": ["ends", "1"]}, "failureThreshold": 1, "terminationGracePeriodSeconds": 3}
    pod = make_pod(container(image="stubborn", startupProbe=probe), policy=policy)
    await rig.add(pod)
    await rig.clock.advance(1)
    assert rig.running() == ["web"], "it has its three seconds"
    await rig.clock.advance(3)
    await rig.settle()
    assert f"Killing: {message}" in rig.events.seen
    assert (rig.status(pod).phase, rig.container(pod).restart_count) == (
        ("Running", 1) if policy == "Always" else ("Failed", 0)
    )


async def test_a_startup_probe_comes_before_the_others(rig: Rig) -> None:
    fine = {"exec": {"command": ["ends", "0"]}}
    pod = make_pod(container(startupProbe={**fine, "initialDelaySeconds": 20}, readinessProbe=fine))
    await rig.add(pod)
    await rig.clock.advance(10)
    assert (rig.container(pod).started, rig.container(pod).ready) == (False, False)
    await rig.clock.advance(11)
    assert (rig.container(pod).started, rig.container(pod).ready) == (True, True)


@pytest.mark.parametrize("probe", [{"httpGet": {"port": "http", "path": "/"}}, {"tcpSocket": {"port": 80}}])
async def test_readiness_over_the_network(rig: Rig, probe: dict[str, object]) -> None:
    """S30, S32, S33."""
    ports = [{"containerPort": 80, "name": "http"}]
    pod = make_pod(container(image="nginx", ports=ports, readinessProbe=probe))
    await rig.add(pod)
    assert not rig.container(pod).ready
    await rig.clock.advance(0.2)
    await rig.until(lambda: rig.container(pod).ready)
    assert rig.status(pod).phase == "Running"


async def test_nobody_listens(rig: Rig) -> None:
    """S32, S37."""
    pod = make_pod(container(readinessProbe={"httpGet": {"port": 8080, "path": "/healthz"}}))
    await rig.add(pod)
    await rig.until(lambda: "Unhealthy" in rig.reasons(), passing=0.2)
    ip = rig.status(pod).pod_ip
    assert rig.events.seen[-1] == (
        f'Unhealthy: Readiness probe failed: Get "http://{ip}:8080/healthz": '
        f"dial tcp {ip}:8080: connect: connection refused"
    )


async def test_the_active_deadline_ends_a_pod(rig: Rig) -> None:
    await rig.runtime.pull_image("idle")
    pod = make_pod(activeDeadlineSeconds=60)
    await rig.add(pod)
    await rig.clock.advance(59)
    assert rig.status(pod).phase == "Running"
    await rig.clock.advance(1)
    await rig.settle()
    assert (rig.status(pod).phase, rig.status(pod).reason) == ("Failed", "DeadlineExceeded")
    assert rig.running() == []


async def test_containers_share_a_volume(rig: Rig) -> None:
    """S4: both mount the same folder."""
    mount = [{"name": "v", "mountPath": "/data"}]
    pod = make_pod(
        container("a", volumeMounts=mount),
        container("b", volumeMounts=mount),
        volumes=[{"name": "v", "emptyDir": {}}],
    )
    await rig.add(pod)
    paths = [run.config.mounts[0].host_path for run in rig.runtime.list_containers()]
    assert paths == [volume_directory("uid-web", "v")] * 2


async def test_an_evicted_pod_fails_with_the_nodes_reason(rig: Rig) -> None:
    """S7: what still runs is stopped within the grace it is given, then the pod says why it failed."""
    pod = make_pod(container(image="stubborn"))
    await rig.add(pod)
    condition = PodCondition(
        type="DisruptionTarget", status="True", reason="TerminationByKubelet", message="low on memory"
    )
    assert rig.workers.evict(pod.metadata.uid, "Evicted", "low on memory", grace=3, condition=condition)
    await rig.settle()
    assert (rig.status(pod).phase, rig.status(pod).reason) == ("Running", "")
    await rig.clock.advance(3)
    await rig.settle()
    status = rig.status(pod)
    assert (status.phase, status.reason, status.message) == ("Failed", "Evicted", "low on memory")
    shown = next(entry for entry in status.conditions if entry.type == "DisruptionTarget")
    assert (shown.reason, shown.last_transition_time, shown.observed_generation) == (
        "TerminationByKubelet",
        rig.clock.now(),
        1,
    )
    assert not rig.workers.evict("nobody", "Evicted", "")


async def test_a_container_past_its_memory_limit_is_restarted(rig: Rig) -> None:
    pod = make_pod(container(resources={"limits": {"memory": "64Mi"}}))
    await rig.add(pod)
    changed = pod.model_copy(deep=True)
    changed.metadata.annotations["kubemu.io/memory"] = "65Mi"
    await rig.update(pod, changed)
    last = rig.container(pod).last_state.terminated
    assert last is not None
    assert (last.exit_code, last.reason) == (137, "OOMKilled")


@pytest.mark.parametrize(("allowed", "uid"), [(None, 0), (True, 0), (False, 1000)])
async def test_whether_privileges_may_grow(rig: Rig, allowed: bool | None, uid: int) -> None:
    security = {"runAsUser": 1000} if allowed is None else {"runAsUser": 1000, "allowPrivilegeEscalation": allowed}
    await rig.add(make_pod(container(image="nonewprivs", securityContext=security), policy="Never"))
    (run,) = rig.runtime.list_containers()
    assert [entry.line for entry in rig.runtime.container_log(run.id)] == [f"Effective uid: {uid}".encode()]
