"""The pods that a Job creates (``manageJob`` and ``indexed_job_utils.go`` of ``pkg/controller/job``, v1.36)."""

from typing import Any

from apimachinery.types.base import encode
from apimachinery.types.batch import Job
from apimachinery.types.pod import Pod
from controller_manager.jobs.pods import (
    COMPLETION_INDEX,
    INDEX_FAILURE_COUNT,
    INDEX_IGNORED_FAILURE_COUNT,
    TRACKING_FINALIZER,
    counted_failures,
    ignored_failures,
)
from controller_manager.jobs.policies import judge
from controller_manager.pod_control import pod_of_template

INDEX_VARIABLE = "JOB_COMPLETION_INDEX"
"""The environment variable that tells a container the index of its pod."""

LONGEST_GENERATED_NAME = 58
"""What may stand before the five characters that the server adds."""

JSONObject = dict[str, Any]


class PodTemplate:
    """Makes the pods of one state of a job."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._pod = pod_of_template(job, job.spec.template)
        metadata = self._pod["metadata"]
        finalizers = metadata.get("finalizers", [])
        metadata["finalizers"] = [*finalizers, *({TRACKING_FINALIZER} - set(finalizers))]
        if job.spec.indexed:
            _add_index_variable(self._pod["spec"])

    def body(self, index: int | None = None, replaced: Pod | None = None) -> bytes:
        """Return a pod's bytes; ``replaced`` is the one that failed on this index before."""
        if index is None:
            return encode(self._pod)
        name, given = self._job.metadata.name, self._pod["metadata"]
        annotations = {**given.get("annotations", {}), COMPLETION_INDEX: str(index)}
        if self._job.spec.backoff_limit_per_index is not None:
            annotations |= self._failure_counts(replaced)
        metadata = {
            **given,
            "generateName": generate_name(name, index),
            "annotations": annotations,
            "labels": {**given.get("labels", {}), COMPLETION_INDEX: str(index)},
        }
        spec = {**self._pod["spec"], "hostname": f"{name}-{index}"}
        return encode({**self._pod, "metadata": metadata, "spec": spec})

    def _failure_counts(self, replaced: Pod | None) -> dict[str, str]:
        """Return the annotations that say how often the index has failed."""
        if replaced is None:
            return {INDEX_FAILURE_COUNT: "0"}
        counts = judge(self._job.spec.pod_failure_policy, replaced).counts
        ignored = ignored_failures(replaced) + (not counts)
        annotations = {INDEX_FAILURE_COUNT: str(counted_failures(replaced) + counts)}
        return {**annotations, INDEX_IGNORED_FAILURE_COUNT: str(ignored)} if ignored else annotations


def generate_name(job: str, index: int) -> str:
    """Return what the server is to make the pod's name of; a long name of a job is cut, never the index."""
    suffix = f"-{index}-"
    return job[: LONGEST_GENERATED_NAME - len(suffix)] + suffix


def _add_index_variable(spec: JSONObject) -> None:
    source = {"fieldRef": {"fieldPath": f"metadata.labels['{COMPLETION_INDEX}']"}}
    for container in (*spec.get("initContainers", ()), *spec.get("containers", ())):
        variables = container.setdefault("env", [])
        if all(entry["name"] != INDEX_VARIABLE for entry in variables):
            variables.append({"name": INDEX_VARIABLE, "valueFrom": source})
