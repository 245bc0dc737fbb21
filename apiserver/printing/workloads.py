"""The kinds that run pods (``pkg/printers/internalversion/printers.go``, v1.36)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apimachinery.clock import parse_rfc3339
from apiserver.printing.columns import (
    AGE,
    NAME,
    Cell,
    Column,
    Printer,
    RowPrinter,
    age,
    condition,
    count,
    human_duration,
    label_selector_text,
    labels_text,
    name_of,
    since,
    template_cells,
)

JSONObject = dict[str, Any]

_CONTAINERS = Column("Containers", description="The names of the template's containers.", priority=1)
_IMAGES = Column("Images", description="The images of the template's containers.", priority=1)
_SELECTOR = Column("Selector", description="The label selector of the pods.", priority=1)
_READY = Column("Ready", description="How many of the wanted replicas are ready.")


def workload_printers() -> Mapping[tuple[str, str], Printer]:
    return {
        ("", "ReplicationController"): RowPrinter(
            (
                NAME,
                count("Desired", "How many replicas are wanted."),
                count("Current", "How many replicas there are."),
                count("Ready", "How many replicas are ready."),
                AGE,
                _CONTAINERS,
                _IMAGES,
                _SELECTOR,
            ),
            _replication_controller,
        ),
        ("", "PodTemplate"): RowPrinter(
            (
                NAME,
                Column("Containers", description=_CONTAINERS.description),
                Column("Images", description=_IMAGES.description),
                Column("Pod Labels", description="The labels of the template."),
            ),
            _pod_template,
        ),
        ("apps", "Deployment"): RowPrinter(
            (
                NAME,
                _READY,
                Column("Up-to-date", description="How many replicas have the current template."),
                Column("Available", description="How many replicas are available."),
                AGE,
                _CONTAINERS,
                _IMAGES,
                _SELECTOR,
            ),
            _deployment,
        ),
        ("apps", "StatefulSet"): RowPrinter((NAME, _READY, AGE, _CONTAINERS, _IMAGES), _stateful_set),
        ("apps", "DaemonSet"): RowPrinter(
            (
                NAME,
                count("Desired", "How many nodes should run the pod."),
                count("Current", "How many nodes that should run the pod do."),
                count("Ready", "How many of these pods are ready."),
                count("Up-to-date", "How many of these pods have the current template."),
                count("Available", "How many of these pods are available."),
                Column("Node Selector", description="The node selector of the template."),
                AGE,
                _CONTAINERS,
                _IMAGES,
                _SELECTOR,
            ),
            _daemon_set,
        ),
        ("apps", "ControllerRevision"): RowPrinter(
            (
                NAME,
                Column("Controller", description="The controller that the revision belongs to."),
                Column("Revision", description="The revision's number."),
                AGE,
            ),
            _controller_revision,
        ),
        ("batch", "Job"): RowPrinter(
            (
                NAME,
                Column("Status", description="How far the job is."),
                Column("Completions", description="How many of the wanted pods have succeeded."),
                Column("Duration", description="How long the job has taken."),
                AGE,
                _CONTAINERS,
                _IMAGES,
                _SELECTOR,
            ),
            _job,
        ),
        ("batch", "CronJob"): RowPrinter(
            (
                NAME,
                Column("Schedule", description="When a job is started, in cron's format."),
                Column("Timezone", description="The time zone of the schedule."),
                Column("Suspend", type="boolean", description="Whether no further jobs are started."),
                count("Active", "How many jobs are running."),
                Column("Last Schedule", description="How long ago a job was started."),
                AGE,
                _CONTAINERS,
                _IMAGES,
                _SELECTOR,
            ),
            _cron_job,
        ),
    }


def _replication_controller(obj: JSONObject, now: datetime) -> list[Cell]:
    spec, status = obj.get("spec", {}), obj.get("status", {})
    return [
        name_of(obj),
        spec.get("replicas", 0),
        status.get("replicas", 0),
        status.get("readyReplicas", 0),
        age(obj, now),
        *template_cells(spec.get("template", {})),
        labels_text(spec.get("selector")),
    ]


def _pod_template(obj: JSONObject, now: datetime) -> list[Cell]:
    template = obj.get("template", {})
    return [name_of(obj), *template_cells(template), labels_text(template.get("metadata", {}).get("labels"))]


def _deployment(obj: JSONObject, now: datetime) -> list[Cell]:
    spec, status = obj.get("spec", {}), obj.get("status", {})
    return [
        name_of(obj),
        f"{status.get('readyReplicas', 0)}/{spec.get('replicas', 0)}",
        status.get("updatedReplicas", 0),
        status.get("availableReplicas", 0),
        age(obj, now),
        *template_cells(spec.get("template", {})),
        label_selector_text(spec.get("selector")),
    ]


def _stateful_set(obj: JSONObject, now: datetime) -> list[Cell]:
    spec, status = obj.get("spec", {}), obj.get("status", {})
    ready = f"{status.get('readyReplicas', 0)}/{spec.get('replicas', 0)}"
    return [name_of(obj), ready, age(obj, now), *template_cells(spec.get("template", {}))]


def _daemon_set(obj: JSONObject, now: datetime) -> list[Cell]:
    spec, status = obj.get("spec", {}), obj.get("status", {})
    template = spec.get("template", {})
    return [
        name_of(obj),
        status.get("desiredNumberScheduled", 0),
        status.get("currentNumberScheduled", 0),
        status.get("numberReady", 0),
        status.get("updatedNumberScheduled", 0),
        status.get("numberAvailable", 0),
        labels_text(template.get("spec", {}).get("nodeSelector")),
        age(obj, now),
        *template_cells(template),
        label_selector_text(spec.get("selector")),
    ]


def _controller_revision(obj: JSONObject, now: datetime) -> list[Cell]:
    owner = next((entry for entry in obj["metadata"].get("ownerReferences", ()) if entry.get("controller")), None)
    controller = "<none>"
    if owner is not None:
        group = owner.get("apiVersion", "").rpartition("/")[0]
        kind = owner.get("kind", "").lower()
        controller = f"{kind}.{group}/{owner.get('name', '')}" if group else f"{kind}/{owner.get('name', '')}"
    return [name_of(obj), controller, obj.get("revision", 0), age(obj, now)]


def _job(obj: JSONObject, now: datetime) -> list[Cell]:
    spec, succeeded = obj.get("spec", {}), obj.get("status", {}).get("succeeded", 0)
    if spec.get("completions") is not None:
        completions = f"{succeeded}/{spec['completions']}"
    elif spec.get("parallelism", 0) > 1:
        completions = f"{succeeded}/1 of {spec['parallelism']}"
    else:
        completions = f"{succeeded}/1"
    return [
        name_of(obj),
        _job_status(obj),
        completions,
        _job_duration(obj, now),
        age(obj, now),
        *template_cells(spec.get("template", {})),
        label_selector_text(spec.get("selector")),
    ]


def _job_status(job: JSONObject) -> str:
    def holds(kind: str) -> bool:
        found = condition(job, kind)
        return found is not None and found.get("status") == "True"

    for kind in ("Complete", "Failed"):
        if holds(kind):
            return kind
    if job["metadata"].get("deletionTimestamp"):
        return "Terminating"
    return next((kind for kind in ("Suspended", "FailureTarget", "SuccessCriteriaMet") if holds(kind)), "Running")


def _job_duration(job: JSONObject, now: datetime) -> str:
    status = job.get("status", {})
    if not status.get("startTime"):
        return ""
    end = now
    failed = condition(job, "Failed")
    if status.get("completionTime"):
        end = parse_rfc3339(status["completionTime"])
    elif failed is not None and failed.get("status") == "True" and failed.get("lastTransitionTime"):
        end = parse_rfc3339(failed["lastTransitionTime"])
    return human_duration((end - parse_rfc3339(status["startTime"])).total_seconds())


def _cron_job(obj: JSONObject, now: datetime) -> list[Cell]:
    spec, status = obj.get("spec", {}), obj.get("status", {})
    job = spec.get("jobTemplate", {}).get("spec", {})
    suspend = spec.get("suspend")
    return [
        name_of(obj),
        spec.get("schedule", ""),
        spec.get("timeZone", "<none>"),
        "<unset>" if suspend is None else str(suspend),
        len(status.get("active", ())),
        since(status["lastScheduleTime"], now) if status.get("lastScheduleTime") else "<none>",
        age(obj, now),
        *template_cells(job.get("template", {})),
        label_selector_text(job.get("selector")),
    ]
