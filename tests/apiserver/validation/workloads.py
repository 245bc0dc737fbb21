"""Workloads that are right, for tests to change."""

import copy
from typing import Any

JSONObject = dict[str, Any]

LABELS = {"app": "web"}
TEMPLATE: JSONObject = {
    "metadata": {"labels": LABELS},
    "spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]},
}


def workload(kind: str, **spec: Any) -> JSONObject:
    """Return an object of a kind whose pods always restart; ``None`` leaves a field of the spec out."""
    whole = {"selector": {"matchLabels": dict(LABELS)}, "template": copy.deepcopy(TEMPLATE), **spec}
    api_version = "v1" if kind == "ReplicationController" else "apps/v1"
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "web"},
        "spec": {key: value for key, value in whole.items() if value is not None},
    }


def template(**spec: Any) -> JSONObject:
    made = copy.deepcopy(TEMPLATE)
    made["spec"] |= spec
    return made


def job_spec(**spec: Any) -> JSONObject:
    whole = {"template": template(restartPolicy="Never"), **spec}
    return {key: value for key, value in whole.items() if value is not None}


def job(**spec: Any) -> JSONObject:
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "work", "uid": "u1"},
        "spec": job_spec(**spec),
    }


def cron_job(**spec: Any) -> JSONObject:
    whole = {"schedule": "*/5 * * * *", "jobTemplate": {"spec": job_spec()}, **spec}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "tick"}, "spec": whole}


def autoscaler(**spec: Any) -> JSONObject:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": {"scaleTargetRef": target, "maxReplicas": 5, **spec},
    }
