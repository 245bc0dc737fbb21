"""Jobs on a whole cluster, as the pages of the Kubernetes documentation use them."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from apimachinery.errors import NotFound
from apimachinery.types.batch import Job
from apimachinery.types.pod import Pod
from controller_manager.jobs.pods import COMPLETION_INDEX, TRACKING_FINALIZER
from kubeclient.client import Client
from kubeclient.resources import CRONJOBS, EVENTS, JOBS, PODS
from tests.live import Cluster
from tests.live.addresses import own_range
from tests.live.node import NAMESPACE, start_kubelet
from tests.live.processes import Kubectl, Process, require_kubectl
from tests.live.waiting import eventually


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    cluster = Cluster()
    cluster.start("scheduler")
    cluster.start("controller_manager", "--cluster-cidr", own_range(20), "--node-cidr-mask-size", "24")
    start_kubelet(cluster, "node-1", "--cpu", "16")
    yield cluster
    cluster.stop()


class Rig:
    """Jobs of one cluster."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def create(self, name: str, script: str, *, image: str = "busybox", **spec: Any) -> Job:
        container = {"name": "main", "image": image, "command": ["sh", "-c", script]}
        template = {"spec": {"restartPolicy": "Never", "terminationGracePeriodSeconds": 1, "containers": [container]}}
        template["spec"] |= spec.pop("pod", {})
        return await self.client.create(
            JOBS, {"metadata": {"name": name}, "spec": {"template": template, **spec}}, namespace=NAMESPACE
        )

    async def get(self, name: str) -> Job:
        return await self.client.get(JOBS, name, namespace=NAMESPACE)

    async def pods(self, name: str) -> list[Pod]:
        found = await self.client.list(PODS, namespace=NAMESPACE, label_selector=f"batch.kubernetes.io/job-name={name}")
        return found.items

    async def until_finished(self, name: str) -> Job:
        async def finished() -> Job:
            job = await self.get(name)
            assert job.finished, job.status
            return job

        return await eventually(finished)

    async def until_active(self, name: str, count: int) -> list[Pod]:
        async def active() -> list[Pod]:
            job = await self.get(name)
            assert job.status.active == count, job.status
            return [pod for pod in await self.pods(name) if not pod.finished and not pod.deleting]

        return await eventually(active)

    async def until_idle(self, name: str) -> None:
        async def idle() -> bool:
            return (await self.get(name)).status.active == 0

        await eventually(idle)

    async def reasons(self, name: str) -> set[str]:
        found = await self.client.list(EVENTS, namespace=NAMESPACE, field_selector=f"involvedObject.name={name}")
        return {event.reason for event in found.items}


@pytest.fixture
async def rig(running: Cluster) -> AsyncIterator[Rig]:
    async with Client(running.url) as client:
        yield Rig(client)


def conditions(job: Job) -> dict[str, str]:
    return {entry.type: entry.reason for entry in job.status.conditions if entry.status == "True"}


async def test_a_job_completes(rig: Rig) -> None:
    await rig.create("pi", "echo 3.14159", backoffLimit=4)
    job = await rig.until_finished("pi")
    assert conditions(job) == {"SuccessCriteriaMet": "", "Complete": ""}
    status = job.status
    assert (status.succeeded, status.failed, status.active, status.terminating) == (1, 0, 0, 0)
    assert status.completion_time is not None
    (pod,) = await rig.pods("pi")
    assert pod.metadata.name.startswith("pi-")
    assert TRACKING_FINALIZER not in pod.metadata.finalizers

    async def told() -> bool:
        return await rig.reasons("pi") == {"SuccessfulCreate", "Completed"}

    await eventually(told)


async def test_each_pod_of_an_indexed_job_has_its_index(rig: Rig) -> None:
    script = "echo -n $JOB_COMPLETION_INDEX $(hostname) > /dev/termination-log"
    await rig.create("indexed", script, completions=3, parallelism=3, completionMode="Indexed")
    job = await rig.until_finished("indexed")
    assert job.status.completed_indexes == "0-2"
    said = {}
    for pod in await rig.pods("indexed"):
        ended = pod.status.container_statuses[0].state.terminated
        assert ended is not None
        index = pod.metadata.labels[COMPLETION_INDEX]
        assert pod.metadata.name.startswith(f"indexed-{index}-")
        said[index] = ended.message
    assert said == {"0": "0 indexed-0", "1": "1 indexed-1", "2": "2 indexed-2"}


async def test_a_work_queue_ends_with_its_first_success(rig: Rig) -> None:
    """Without completions, one success says that the queue is empty: the others end by themselves."""
    await rig.create("queue", "sleep 0.2", parallelism=2)
    job = await rig.until_finished("queue")
    assert job.spec.completions is None
    assert job.status.succeeded == 2


async def test_a_job_that_fails_for_good(rig: Rig) -> None:
    await rig.create("broken", "exit 1", backoffLimit=0)
    job = await rig.until_finished("broken")
    assert conditions(job) == {"FailureTarget": "BackoffLimitExceeded", "Failed": "BackoffLimitExceeded"}
    assert job.status.failed == 1


async def test_the_pod_failure_policy_ends_a_job_at_once(rig: Rig) -> None:
    rule = {"action": "FailJob", "onExitCodes": {"containerName": "main", "operator": "In", "values": [42]}}
    policy = {"rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}, rule]}
    await rig.create("policy", "exit 42", completions=4, parallelism=1, podFailurePolicy=policy)
    job = await rig.until_finished("policy")
    (pod,) = await rig.pods("policy")
    failed = job.true_condition("Failed")
    assert failed is not None
    assert failed.reason == "PodFailurePolicy"
    said = f"Container main for pod {NAMESPACE}/{pod.metadata.name} failed with exit code 42"
    assert failed.message == f"{said} matching FailJob rule at index 1"


async def test_indexes_fail_one_by_one(rig: Rig) -> None:
    script = "test $JOB_COMPLETION_INDEX != 1"
    await rig.create("some", script, completions=3, parallelism=3, completionMode="Indexed", backoffLimitPerIndex=0)
    job = await rig.until_finished("some")
    assert conditions(job)["Failed"] == "FailedIndexes"
    assert (job.status.completed_indexes, job.status.failed_indexes) == ("0,2", "1")


async def test_the_success_policy_ends_a_job_early(rig: Rig) -> None:
    script = 'if [ "$JOB_COMPLETION_INDEX" != 0 ]; then sleep 600; fi'
    policy = {"rules": [{"succeededIndexes": "0"}]}
    await rig.create("leader", script, completions=3, parallelism=3, completionMode="Indexed", successPolicy=policy)
    job = await rig.until_finished("leader")
    assert conditions(job) == {"SuccessCriteriaMet": "SuccessPolicy", "Complete": "SuccessPolicy"}
    assert (job.status.succeeded, job.status.failed) == (1, 0)


async def test_a_job_is_suspended_and_resumed(rig: Rig) -> None:
    await rig.create("paused", "sleep 600", suspend=True, parallelism=2, completions=2)

    async def suspended() -> Job:
        job = await rig.get("paused")
        assert conditions(job) == {"Suspended": "JobSuspended"}
        return job

    assert (await eventually(suspended)).status.start_time is None
    await rig.client.patch(JOBS, "paused", {"spec": {"suspend": False}}, namespace=NAMESPACE)
    await rig.until_active("paused", 2)
    assert (await rig.get("paused")).status.start_time is not None
    await rig.client.patch(JOBS, "paused", {"spec": {"suspend": True}}, namespace=NAMESPACE)
    await rig.until_idle("paused")
    job = await eventually(suspended)
    assert job.status.failed == 0
    assert {"Suspended", "Resumed", "SuccessfulDelete"} <= await rig.reasons("paused")


async def test_a_deadline_ends_what_runs(rig: Rig) -> None:
    await rig.create("late", "sleep 600", activeDeadlineSeconds=1)
    job = await rig.until_finished("late")
    assert conditions(job)["Failed"] == "DeadlineExceeded"
    assert (job.status.active, job.status.failed) == (0, 1)


@pytest.mark.parametrize("policy", ["Background", "Orphan"])
async def test_the_pods_of_a_deleted_job(rig: Rig, policy: str) -> None:
    """They go with it or stay; either way nothing holds them."""
    name = f"gone-{policy.lower()}"
    await rig.create(name, "sleep 600")
    (pod,) = await rig.until_active(name, 1)
    await rig.client.delete(JOBS, name, namespace=NAMESPACE, propagation_policy=policy)

    async def let_go() -> bool:
        left = await rig.pods(name)
        assert not any(TRACKING_FINALIZER in found.metadata.finalizers for found in left), left
        assert [found.metadata.name for found in left] == ([pod.metadata.name] if policy == "Orphan" else [])
        return True

    await eventually(let_go)


async def test_cron_jobs(rig: Rig, running: Cluster, tmp_path: Path) -> None:
    """One that is due at once, and one that is run by hand before it is due."""
    require_kubectl()
    pod = {"restartPolicy": "OnFailure", "containers": [{"name": "main", "image": "busybox", "command": ["true"]}]}
    template = {"spec": {"template": {"spec": pod}}}
    for name, schedule in (("often", "@every 1s"), ("yearly", "@yearly")):
        spec = {"schedule": schedule, "successfulJobsHistoryLimit": 1, "jobTemplate": template}
        await rig.client.create(CRONJOBS, {"metadata": {"name": name}, "spec": spec}, namespace=NAMESPACE)
    Kubectl(running.url, tmp_path).run("create", "job", "--from=cronjob/yearly", "by-hand")
    assert (await rig.until_finished("by-hand")).metadata.owner_references[0].name == "yearly"

    async def ran() -> bool:
        cron_job = await rig.client.get(CRONJOBS, "often", namespace=NAMESPACE)
        assert cron_job.status.last_schedule_time is not None
        return cron_job.status.last_successful_time is not None

    await eventually(ran)
    await rig.client.patch(CRONJOBS, "often", {"spec": {"suspend": True}}, namespace=NAMESPACE)

    async def told() -> bool:
        return {"SuccessfulCreate", "SawCompletedJob"} <= await rig.reasons("often")

    await eventually(told)


async def test_a_job_goes_with_its_pods_when_its_time_is_up(rig: Rig) -> None:
    await rig.create("brief", "true", ttlSecondsAfterFinished=0)

    async def gone() -> bool:
        with contextlib.suppress(NotFound):
            await rig.get("brief")
            return False
        return not await rig.pods("brief")

    await eventually(gone)


async def test_a_job_of_another_controller_is_left_alone(rig: Rig) -> None:
    await rig.create("foreign", "true", managedBy="example.com/queue")
    await rig.create("ours", "true", managedBy="kubernetes.io/job-controller")
    await rig.until_finished("ours")
    assert not await rig.pods("foreign")
    assert (await rig.get("foreign")).status.start_time is None


async def test_a_job_adopts_a_pod_and_lets_it_go(rig: Rig) -> None:
    container = {"name": "main", "image": "busybox", "command": ["sleep", "600"]}
    spec = {"restartPolicy": "Never", "terminationGracePeriodSeconds": 0, "containers": [container]}
    body = {"metadata": {"name": "stray", "labels": {"batch": "mine"}}, "spec": spec}
    await rig.client.create(PODS, body, namespace=NAMESPACE)
    template = {"metadata": {"labels": {"batch": "mine"}}, "spec": spec}
    job = {"manualSelector": True, "selector": {"matchLabels": {"batch": "mine"}}, "template": template}
    await rig.client.create(JOBS, {"metadata": {"name": "adopter"}, "spec": job}, namespace=NAMESPACE)

    async def stray() -> tuple[bool, bool]:
        pod = await rig.client.get(PODS, "stray", namespace=NAMESPACE)
        return bool(pod.metadata.owner_references), TRACKING_FINALIZER in pod.metadata.finalizers

    async def adopted() -> bool:
        return await stray() == (True, True) and (await rig.get("adopter")).status.active == 1

    await eventually(adopted)
    patch = {"metadata": {"labels": {"batch": "yours"}}}
    await rig.client.patch(PODS, "stray", patch, namespace=NAMESPACE)

    async def released() -> bool:
        return await stray() == (False, False)

    await eventually(released)
    await rig.client.delete(JOBS, "adopter", namespace=NAMESPACE, propagation_policy="Background")


@pytest.mark.slow
async def test_restarts_lose_and_repeat_nothing(cluster: Cluster) -> None:
    """The controller manager dies again and again; each pod is counted once, and there is none too many."""
    cluster.start("scheduler")
    start_kubelet(cluster, "node-1", "--cpu", "16")

    def start() -> Process:
        # Without an election the next one need not wait for the lease of the one that was killed.
        range_ = ("--cluster-cidr", own_range(20), "--node-cidr-mask-size", "24")
        return cluster.start("controller_manager", *range_, "--leader-elect=false")

    manager = start()
    async with Client(cluster.url) as client:
        rig = Rig(client)
        await rig.create("many", "sleep 0.3", completions=60, parallelism=12, completionMode="Indexed")
        for least in (5, 20, 35, 50):

            async def far_enough(least: int = least) -> bool:
                return (await rig.get("many")).status.succeeded >= least

            await eventually(far_enough, timeout=40)
            manager.kill()
            manager = start()
        job = await rig.until_finished("many")
        assert job.true_condition("Complete") is not None
        assert (job.status.succeeded, job.status.failed, job.status.completed_indexes) == (60, 0, "0-59")
        pods = await rig.pods("many")
        assert sorted(int(pod.metadata.labels[COMPLETION_INDEX]) for pod in pods) == list(range(60))
        assert not any(TRACKING_FINALIZER in pod.metadata.finalizers for pod in pods)
