"""Defaults, checks and preparation of the kinds that run pods."""

import copy
from typing import Any

import pytest

from apiserver.registry import workloads
from apiserver.registry.autoscaling import HorizontalPodAutoscalerStrategy, HorizontalPodAutoscalerV1Conversion
from apiserver.registry.strategy import Strategy
from tests.apiserver.validation.workloads import autoscaler, cron_job, job, job_spec, template, workload

JSONObject = dict[str, Any]

STRATEGIES: dict[str, Strategy] = {
    "ReplicaSet": workloads.ReplicaSetStrategy(),
    "ReplicationController": workloads.ReplicationControllerStrategy(),
    "Deployment": workloads.DeploymentStrategy(),
    "DaemonSet": workloads.DaemonSetStrategy(),
    "StatefulSet": workloads.StatefulSetStrategy(),
    "Job": workloads.JobStrategy(),
    "CronJob": workloads.CronJobStrategy(),
    "HorizontalPodAutoscaler": HorizontalPodAutoscalerStrategy(),
}


def created(obj: JSONObject) -> JSONObject:
    strategy = STRATEGIES[obj["kind"]]
    strategy.default(obj)
    strategy.prepare_for_create(obj)
    return obj


def problems(obj: JSONObject) -> dict[str, str]:
    """Return what creating the object would be refused for, by field."""
    found = STRATEGIES[obj["kind"]].validate(created(obj))
    return {cause.field: cause.message for cause in found}


def update_problems(new: JSONObject, old: JSONObject) -> dict[str, str]:
    strategy = STRATEGIES[old["kind"]]
    old = created(old)
    strategy.default(new)
    strategy.prepare_for_update(new, old)
    return {cause.field: cause.message for cause in strategy.validate_update(new, old)}


@pytest.mark.parametrize(
    "obj",
    [
        pytest.param(workload("ReplicaSet"), id="replica-set"),
        pytest.param(workload("ReplicationController", selector={"app": "web"}), id="replication-controller"),
        pytest.param(workload("Deployment"), id="deployment"),
        pytest.param(workload("DaemonSet"), id="daemon-set"),
        pytest.param(workload("StatefulSet", serviceName="web"), id="stateful-set"),
        pytest.param(job(), id="job"),
        pytest.param(cron_job(), id="cron-job"),
        pytest.param(autoscaler(), id="autoscaler"),
    ],
)
def test_what_is_right_is_let_in(obj: JSONObject) -> None:
    assert problems(obj) == {}


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(
            workload("Deployment"),
            {
                "replicas": 1,
                "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}},
                "revisionHistoryLimit": 10,
                "progressDeadlineSeconds": 600,
            },
            id="deployment",
        ),
        pytest.param(
            workload("DaemonSet"),
            {
                "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}},
                "revisionHistoryLimit": 10,
            },
            id="daemon-set",
        ),
        pytest.param(
            workload("StatefulSet"),
            {
                "podManagementPolicy": "OrderedReady",
                "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
                "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
                "replicas": 1,
                "revisionHistoryLimit": 10,
            },
            id="stateful-set",
        ),
        pytest.param(
            job(),
            {
                "completions": 1,
                "parallelism": 1,
                "backoffLimit": 6,
                "completionMode": "NonIndexed",
                "suspend": False,
                "podReplacementPolicy": "TerminatingOrFailed",
            },
            id="job",
        ),
        pytest.param(job(parallelism=3), {"parallelism": 3, "completions": None}, id="job-work-queue"),
        pytest.param(
            job(completions=2, completionMode="Indexed", backoffLimitPerIndex=1),
            {"backoffLimit": 2**31 - 1},
            id="job-limit-for-each-index",
        ),
        pytest.param(
            cron_job(),
            {
                "concurrencyPolicy": "Allow",
                "suspend": False,
                "successfulJobsHistoryLimit": 3,
                "failedJobsHistoryLimit": 1,
            },
            id="cron-job",
        ),
        pytest.param(
            autoscaler(behavior={"scaleDown": {"stabilizationWindowSeconds": 60}}),
            {
                "minReplicas": 1,
                "metrics": [
                    {
                        "type": "Resource",
                        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
                    }
                ],
                "behavior": {
                    "scaleDown": {
                        "stabilizationWindowSeconds": 60,
                        "selectPolicy": "Max",
                        "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}],
                    },
                    "scaleUp": {
                        "stabilizationWindowSeconds": 0,
                        "selectPolicy": "Max",
                        "policies": [
                            {"type": "Pods", "value": 4, "periodSeconds": 15},
                            {"type": "Percent", "value": 100, "periodSeconds": 15},
                        ],
                    },
                },
            },
            id="autoscaler",
        ),
    ],
)
def test_defaults(obj: JSONObject, expected: JSONObject) -> None:
    spec = created(obj)["spec"]
    assert {key: spec.get(key) for key in expected} == expected
    if "template" in spec:
        assert spec["template"]["spec"]["dnsPolicy"] == "ClusterFirst"


def test_a_replication_controller_takes_its_templates_labels() -> None:
    obj = created(workload("ReplicationController", selector=None))
    assert (obj["spec"]["selector"], obj["metadata"]["labels"]) == ({"app": "web"}, {"app": "web"})


TEMPLATE_LABELS = "spec.template.metadata.labels"
RESTART = "spec.template.spec.restartPolicy"


@pytest.mark.parametrize(
    ("obj", "path", "message"),
    [
        *(
            pytest.param(
                workload(kind, template=template(restartPolicy="OnFailure")),
                RESTART,
                'Unsupported value: "OnFailure": supported values: "Always"',
                id=f"{kind}-restart-policy",
            )
            for kind in ("ReplicaSet", "Deployment", "DaemonSet", "StatefulSet")
        ),
        pytest.param(
            workload("Deployment", selector={"matchLabels": {"app": "other"}}),
            TEMPLATE_LABELS,
            'Invalid value: {"app":"web"}: `selector` does not match template `labels`',
            id="selector-mismatch",
        ),
        pytest.param(workload("Deployment", selector=None), "spec.selector", "Required value", id="no-selector"),
        pytest.param(
            workload("DaemonSet", selector={}),
            "spec.selector",
            "Invalid value: {}: empty selector is invalid for daemonset",
            id="empty-selector",
        ),
        pytest.param(
            workload("Deployment", replicas=-1),
            "spec.replicas",
            "Invalid value: -1: must be greater than or equal to 0",
            id="replicas",
        ),
        pytest.param(
            workload("Deployment", strategy={"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 0}}),
            "spec.strategy.rollingUpdate.maxUnavailable",
            "Invalid value: 0: may not be 0 when `maxSurge` is 0",
            id="nothing-may-move",
        ),
        pytest.param(
            workload("Deployment", strategy={"type": "Recreate", "rollingUpdate": {}}),
            "spec.strategy.rollingUpdate",
            "Forbidden: may not be specified when strategy `type` is 'Recreate'",
            id="recreate",
        ),
        pytest.param(
            workload("Deployment", strategy={"rollingUpdate": {"maxUnavailable": "150%"}}),
            "spec.strategy.rollingUpdate.maxUnavailable",
            'Invalid value: "150%": must not be greater than 100%',
            id="more-than-all",
        ),
        pytest.param(
            workload("Deployment", minReadySeconds=600),
            "spec.progressDeadlineSeconds",
            "Invalid value: 600: must be greater than minReadySeconds",
            id="deadline",
        ),
        pytest.param(
            workload("DaemonSet", updateStrategy={"rollingUpdate": {"maxUnavailable": 1, "maxSurge": 1}}),
            "spec.updateStrategy.rollingUpdate.maxSurge",
            "Invalid value: 1: may not be set when maxUnavailable is non-zero",
            id="daemon-set-surge",
        ),
        pytest.param(
            workload("StatefulSet", podManagementPolicy="Any"),
            "spec.podManagementPolicy",
            "Invalid value: \"Any\": must be 'OrderedReady' or 'Parallel'",
            id="pod-management",
        ),
        pytest.param(
            workload("StatefulSet", volumeClaimTemplates=[{"metadata": {"name": "data"}, "spec": {}}]),
            "spec.volumeClaimTemplates[0].spec.accessModes",
            "Required value: at least 1 access mode is required",
            id="claim-template",
        ),
        pytest.param(
            job(template=template()), RESTART, 'Required value: valid values: "OnFailure", "Never"', id="job-restart"
        ),
        pytest.param(
            job(completionMode="Indexed", completions=None, parallelism=2),
            "spec.completions",
            "Required value: when completion mode is Indexed",
            id="indexed",
        ),
        pytest.param(
            job(backoffLimitPerIndex=1),
            "spec.backoffLimitPerIndex",
            "Invalid value: 1: requires indexed completion mode",
            id="limit-for-each-index",
        ),
        pytest.param(
            job(podFailurePolicy={"rules": [{"action": "Retry", "onPodConditions": [{"type": "DisruptionTarget"}]}]}),
            "spec.podFailurePolicy.rules[0].action",
            'Unsupported value: "Retry": supported values: "Count", "FailIndex", "FailJob", "Ignore"',
            id="failure-policy-action",
        ),
        pytest.param(
            job(podFailurePolicy={"rules": [{"action": "FailJob", "onExitCodes": {"operator": "In", "values": [0]}}]}),
            "spec.podFailurePolicy.rules[0].onExitCodes.values[0]",
            "Invalid value: 0: must not be 0 for the In operator",
            id="failure-policy-zero",
        ),
        pytest.param(
            cron_job(schedule="* * *"),
            "spec.schedule",
            'Invalid value: "* * *": expected exactly 5 fields, found 3: [* * *]',
            id="schedule",
        ),
        pytest.param(
            cron_job(timeZone="Mars/Olympus"),
            "spec.timeZone",
            'Invalid value: "Mars/Olympus": unknown time zone Mars/Olympus',
            id="time-zone",
        ),
        pytest.param(
            cron_job(concurrencyPolicy="Maybe"),
            "spec.concurrencyPolicy",
            'Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"',
            id="concurrency",
        ),
        pytest.param(
            cron_job(jobTemplate={"spec": job_spec(template=template())}),
            "spec.jobTemplate.spec.template.spec.restartPolicy",
            'Required value: valid values: "OnFailure", "Never"',
            id="cron-job-restart",
        ),
        pytest.param(
            autoscaler(minReplicas=6),
            "spec.maxReplicas",
            "Invalid value: 5: must be greater than or equal to `minReplicas`",
            id="autoscaler-bounds",
        ),
        pytest.param(
            autoscaler(metrics=[{"type": "Resource", "pods": {}}]),
            "spec.metrics[0].resource",
            "Required value: must populate information for the given metric source: Resource",
            id="autoscaler-source",
        ),
    ],
)
def test_refusals(obj: JSONObject, path: str, message: str) -> None:
    """S27: which restart policies a workload may have, and everything else that keeps it out."""
    found = problems(obj)
    assert found.get(path) == message, found


@pytest.mark.parametrize("kind", ["ReplicaSet", "Deployment", "DaemonSet"])
def test_selectors_stay(kind: str) -> None:
    new = workload(kind, selector={"matchExpressions": [{"key": "app", "operator": "Exists"}]})
    found = update_problems(new, workload(kind))
    assert found["spec.selector"].endswith("field is immutable")


def test_containers_of_a_stateful_set_mount_its_claim_templates_by_name() -> None:
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claims = [{"metadata": {"name": "data"}, "spec": claim}]
    obj = workload("StatefulSet", volumeClaimTemplates=claims)
    (container,) = obj["spec"]["template"]["spec"]["containers"]
    container["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]
    assert problems(obj) == {}
    container["volumeMounts"] += [{"name": "logs", "mountPath": "/logs"}]
    assert problems(obj) == {"spec.template.spec.containers[0].volumeMounts[1].name": 'Not found: "logs"'}


def test_what_a_stateful_set_may_change() -> None:
    allowed = workload("StatefulSet", serviceName="web", replicas=3, minReadySeconds=2)
    assert update_problems(allowed, workload("StatefulSet", serviceName="web")) == {}
    found = update_problems(workload("StatefulSet", serviceName="other"), workload("StatefulSet", serviceName="web"))
    assert found["spec"].startswith("Forbidden: updates to statefulset spec for fields other than 'replicas'")


def test_a_jobs_pods_are_its_own() -> None:
    obj = created(job())
    uid = "batch.kubernetes.io/controller-uid"
    assert obj["spec"]["selector"]["matchLabels"] == {uid: "u1"}
    assert obj["spec"]["template"]["metadata"]["labels"] == {
        "app": "web",
        "controller-uid": "u1",
        "job-name": "work",
        uid: "u1",
        "batch.kubernetes.io/job-name": "work",
    }
    own = created(job(manualSelector=True, selector={"matchLabels": {"app": "web"}}))
    assert own["spec"]["selector"] == {"matchLabels": {"app": "web"}}


def test_a_job_has_the_labels_of_its_pods_from_the_start() -> None:
    """Not only from its next write on, which would have changed it for nothing."""
    bare = job()
    del bare["spec"]["template"]["metadata"]["labels"]
    obj = created(bare)
    labels = obj["metadata"]["labels"]
    assert labels == obj["spec"]["template"]["metadata"]["labels"]
    assert labels["batch.kubernetes.io/job-name"] == "work"
    STRATEGIES["Job"].default(obj)
    assert obj["metadata"]["labels"] == labels


SUSPENDED = [{"type": "Suspended", "status": "True"}]
STARTED = "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("change", "status", "changes"),
    [
        pytest.param({"nodeSelector": {"disk": "ssd"}}, {}, True, id="selector"),
        pytest.param({"affinity": {"nodeAffinity": {}}}, {}, True, id="affinity to nodes"),
        pytest.param({"affinity": {"podAffinity": {}}}, {}, False, id="affinity to pods"),
        pytest.param({"schedulingGates": [{"name": "a"}]}, {}, True, id="gates"),
        pytest.param({"tolerations": [{"operator": "Exists"}]}, {}, True, id="tolerations"),
        pytest.param({"terminationGracePeriodSeconds": 1}, {}, False, id="what the pods do"),
        pytest.param({"nodeSelector": {"disk": "ssd"}}, {"startTime": STARTED, "active": 1}, False, id="running"),
        pytest.param(
            {"nodeSelector": {"disk": "ssd"}},
            {"startTime": STARTED, "conditions": SUSPENDED},
            True,
            id="suspended again",
        ),
        pytest.param(
            {"nodeSelector": {"disk": "ssd"}},
            {"startTime": STARTED, "conditions": SUSPENDED, "active": 1},
            False,
            id="pods left",
        ),
    ],
)
def test_a_suspended_jobs_pods_may_be_placed_elsewhere(change: JSONObject, status: JSONObject, changes: bool) -> None:
    old = created(job(suspend=True)) | {"status": status}
    new = {**old, "spec": {**old["spec"], "template": {**old["spec"]["template"]}}}
    new["spec"]["template"]["spec"] = {**old["spec"]["template"]["spec"], **change}
    found = {cause.field: cause.message for cause in STRATEGIES["Job"].validate_update(new, old)}
    assert found.keys() == (set() if changes else {"spec.template"})


def test_a_suspended_jobs_pods_may_get_more() -> None:
    old = created(job(suspend=True))
    new = copy.deepcopy(old)
    new["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "2"}}
    assert STRATEGIES["Job"].validate_update(new, old) == []


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        pytest.param({"completions": 3}, {"completions": 4}, "Invalid value: 4: field is immutable", id="plain"),
        pytest.param(
            {"completionMode": "Indexed", "completions": 3, "parallelism": 3},
            {"completions": 4},
            "Invalid value: 4: can only be modified in tandem with spec.parallelism",
            id="alone",
        ),
        pytest.param(
            {"completionMode": "Indexed", "completions": 3, "parallelism": 3},
            {"completions": 4, "parallelism": 4},
            "",
            id="together",
        ),
    ],
)
def test_how_many_completions_a_job_has(before: JSONObject, after: JSONObject, message: str) -> None:
    old = created(job(**before))
    new = copy.deepcopy(old)
    new["spec"] |= after
    found = {cause.field: cause.message for cause in STRATEGIES["Job"].validate_update(new, old)}
    assert found == ({"spec.completions": message} if message else {})


STATUSES = [
    pytest.param("Deployment", {"replicas": 1, "readyReplicas": 2}, "status.readyReplicas", id="more than there are"),
    pytest.param("Deployment", {"replicas": 1, "availableReplicas": 1}, "status.availableReplicas", id="not ready"),
    pytest.param("Deployment", {"terminatingReplicas": -1}, "status.terminatingReplicas", id="terminating"),
    pytest.param("Deployment", {}, "status.collisionCount", id="collisions"),
    pytest.param("ReplicaSet", {"replicas": 1, "fullyLabeledReplicas": 2}, "status.fullyLabeledReplicas", id="labels"),
    pytest.param("StatefulSet", {"replicas": 1, "availableReplicas": 1}, "status.availableReplicas", id="stateful"),
    pytest.param("DaemonSet", {"collisionCount": 1}, "status.collisionCount", id="collisions of daemons"),
    pytest.param("DaemonSet", {"numberReady": -1}, "status.numberReady", id="negative"),
    pytest.param("HorizontalPodAutoscaler", {"desiredReplicas": -1}, "status.desiredReplicas", id="autoscaler"),
]


@pytest.mark.parametrize(("kind", "status", "field"), STATUSES)
def test_statuses_that_are_refused(kind: str, status: JSONObject, field: str) -> None:
    old = {"status": {"collisionCount": 2} if field.endswith("Count") else {}}
    found = STRATEGIES[kind].validate_status_update({"status": status}, old)
    assert [cause.field for cause in found] == [field]


class TestAutoscalingV1:
    CONVERSION = HorizontalPodAutoscalerV1Conversion()

    def test_there_and_back(self) -> None:
        old = autoscaler() | {"apiVersion": "autoscaling/v1"}
        old["spec"]["targetCPUUtilizationPercentage"] = 50
        stored = self.CONVERSION.to_stored(old)
        assert stored["apiVersion"] == "autoscaling/v2"
        assert stored["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] == 50
        assert self.CONVERSION.from_stored(stored) == old

    def test_what_it_has_no_field_for_travels_in_annotations(self) -> None:
        metric = {"type": "Pods", "pods": {"metric": {"name": "m"}, "target": {"averageValue": "3"}}}
        stored = autoscaler(metrics=[metric], behavior={"scaleUp": {"selectPolicy": "Max"}})
        seen = self.CONVERSION.from_stored(stored)
        assert "metrics" not in seen["spec"]
        assert "autoscaling.alpha.kubernetes.io/metrics" in seen["metadata"]["annotations"]
        assert self.CONVERSION.to_stored(seen) == stored
