"""Jobs and their pods for tests, with only what a test says about them."""

from datetime import timedelta
from typing import Any

from apimachinery.types.batch import Job
from apimachinery.types.pod import Pod
from controller_manager.jobs.observed import Observed, observe
from controller_manager.jobs.pods import (
    COMPLETION_INDEX,
    INDEX_FAILURE_COUNT,
    INDEX_IGNORED_FAILURE_COUNT,
    TRACKING_FINALIZER,
)
from tests.controller_manager.builders import NOW


def job(*, status: dict[str, Any] | None = None, deleting: bool = False, **spec: Any) -> Job:
    """Return a job ``pi`` that runs pods ``app=pi``, one until it has succeeded unless the ``spec`` says otherwise."""
    restart = spec.pop("restart", "Never")
    template = {
        "metadata": {"labels": {"app": "pi"}},
        "spec": {"restartPolicy": restart, "containers": [{"name": "c"}]},
    }
    if "parallelism" not in spec and "completions" not in spec:
        spec["completions"] = 1
    given = {"parallelism": 1, "backoffLimit": 6, "template": template, **spec}
    metadata = {"name": "pi", "namespace": "default", "uid": "uid-pi", "deletionTimestamp": NOW if deleting else None}
    return Job.model_validate({"metadata": metadata, "spec": given, "status": status or {}})


def indexed(**more: Any) -> Job:
    """Return an indexed job of three, all at once."""
    return job(**{"completionMode": "Indexed", "completions": 3, "parallelism": 3, **more})


def pod(name: str, phase: str = "Running", *, index: object = None, ended: float = 0.0, **more: Any) -> Pod:
    """Return one of the job's pods.

    ``ended`` is for how many seconds it has been over; ``exit_code``, ``restarts``, ``conditions``, ``failures`` and
    ``ignored`` (of its index, before), ``tracked=False``, ``deleting``, ``ready`` and ``node`` say the rest.
    """
    annotations = {}
    if index is not None:
        annotations[COMPLETION_INDEX] = str(index)
    for key, annotation in (("failures", INDEX_FAILURE_COUNT), ("ignored", INDEX_IGNORED_FAILURE_COUNT)):
        if key in more:
            annotations[annotation] = str(more[key])
    state: dict[str, Any] = {"running": {}}
    if phase in {"Succeeded", "Failed"}:
        code = more.get("exit_code", int(phase == "Failed"))
        state = {"terminated": {"exitCode": code, "finishedAt": NOW - timedelta(seconds=ended)}}
    status = {"name": "c", "ready": False, "restartCount": more.get("restarts", 0), "image": "", "imageID": ""}
    conditions = list(more.get("conditions", []))
    if more.get("ready"):
        conditions.append({"type": "Ready", "status": "True"})
    return Pod.model_validate({
        "metadata": {
            "name": name,
            "namespace": "default",
            "uid": name,
            "creationTimestamp": NOW - timedelta(seconds=60),
            "annotations": annotations,
            "finalizers": [TRACKING_FINALIZER] if more.get("tracked", True) else [],
            "deletionTimestamp": NOW if more.get("deleting") else None,
        },
        "spec": {"nodeName": more.get("node", "node-1")},
        "status": {"phase": phase, "conditions": conditions, "containerStatuses": [{**status, "state": state}]},
    })


def look(job: Job, *pods: Pod, released: tuple[str, ...] = ()) -> Observed:
    return observe(job, pods, released)
