"""The kinds that run pods (``pkg/registry/{apps,batch,core}/*/strategy.go``, v1.36)."""

from typing import Any

from apiserver.defaults import workloads as defaults
from apiserver.registry.strategy import COMMON_FIELDS, Strategy
from apiserver.validation import apps, batch
from apiserver.validation.field import Causes
from apiserver.validation.job_status import validate_job_status_update

JSONObject = dict[str, Any]


class ReplicaSetStrategy(Strategy):
    selectable_fields = (*COMMON_FIELDS, "status.replicas")

    def default(self, obj: JSONObject) -> None:
        defaults.default_replica_set(obj)

    def prepare_for_create(self, obj: JSONObject) -> None:
        obj["status"] = {"replicas": 0}

    def validate(self, obj: JSONObject) -> Causes:
        return apps.validate_replica_set(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return self.validate(new) + apps.same_selector(new, old)

    def validate_status_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return apps.validate_replicas_status(new, old)

    def fields(self, obj: JSONObject) -> dict[str, str]:
        return {**super().fields(obj), "status.replicas": str(obj.get("status", {}).get("replicas", 0))}


class ReplicationControllerStrategy(ReplicaSetStrategy):
    """The selector of the oldest kind may change, and its pods stay when it goes."""

    orphans_by_default = True

    def default(self, obj: JSONObject) -> None:
        defaults.default_replication_controller(obj)

    def validate(self, obj: JSONObject) -> Causes:
        return apps.validate_replication_controller(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return self.validate(new)


class PodTemplateStrategy(Strategy):
    def default(self, obj: JSONObject) -> None:
        defaults.default_pod_template(obj)

    def validate(self, obj: JSONObject) -> Causes:
        return apps.validate_template(obj.get("template") or {}, "template")


class DeploymentStrategy(Strategy):
    def default(self, obj: JSONObject) -> None:
        defaults.default_deployment(obj)

    def validate(self, obj: JSONObject) -> Causes:
        return apps.validate_deployment(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return self.validate(new) + apps.same_selector(new, old)

    def validate_status_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return apps.validate_deployment_status(new, old)


class DaemonSetStrategy(Strategy):
    def default(self, obj: JSONObject) -> None:
        defaults.default_daemon_set(obj)

    def prepare_for_create(self, obj: JSONObject) -> None:
        obj["status"] = {
            "currentNumberScheduled": 0,
            "desiredNumberScheduled": 0,
            "numberMisscheduled": 0,
            "numberReady": 0,
        }

    def validate(self, obj: JSONObject) -> Causes:
        return apps.validate_daemon_set(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return self.validate(new) + apps.same_selector(new, old)

    def validate_status_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return apps.validate_daemon_set_status(new, old)


class StatefulSetStrategy(Strategy):
    def default(self, obj: JSONObject) -> None:
        defaults.default_stateful_set(obj)

    def prepare_for_create(self, obj: JSONObject) -> None:
        obj["status"] = {"replicas": 0, "availableReplicas": 0}

    def validate(self, obj: JSONObject) -> Causes:
        return apps.validate_stateful_set(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return apps.validate_stateful_set_update(new, old)

    def validate_status_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return apps.validate_stateful_set_status(new, old)


class ControllerRevisionStrategy(Strategy):
    counts_generations = False

    def prepare_for_create(self, obj: JSONObject) -> None:
        """A revision has no status."""

    def validate(self, obj: JSONObject) -> Causes:
        return apps.validate_controller_revision(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return apps.validate_controller_revision_update(new, old)


_OLD_LABELS = ("controller-uid", "job-name")
_LABELS = ("batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name")


class JobStrategy(Strategy):
    selectable_fields = (*COMMON_FIELDS, "status.successful")
    orphans_by_default = True
    orphaning_warning = (
        "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them "
        "or set propagationPolicy=Orphan to suppress this warning"
    )

    def default(self, obj: JSONObject) -> None:
        defaults.default_job(obj)

    def prepare_for_create(self, obj: JSONObject) -> None:
        """Give the job its selector and its pods the labels for it, unless it brings its own."""
        obj.pop("status", None)
        spec = obj["spec"]
        if spec.get("manualSelector"):
            return
        metadata = spec["template"].setdefault("metadata", {})
        labels = metadata["labels"] = dict(metadata.get("labels") or {})
        identity = (obj["metadata"]["uid"], obj["metadata"].get("name", ""))
        for names in (_OLD_LABELS, _LABELS):
            labels |= dict(zip(names, identity, strict=True))
        selector = spec["selector"] = dict(spec.get("selector") or {})
        selector["matchLabels"] = {**(selector.get("matchLabels") or {}), _LABELS[0]: identity[0]}
        # Defaults are due once more, as when upstream reads what it has stored: the labels have become the job's own.
        defaults.default_job(obj)

    def validate(self, obj: JSONObject) -> Causes:
        return batch.validate_job(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return batch.validate_job_update(new, old)

    def validate_status_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return validate_job_status_update(new, old)

    def fields(self, obj: JSONObject) -> dict[str, str]:
        return {**super().fields(obj), "status.successful": str(obj.get("status", {}).get("succeeded", 0))}


class CronJobStrategy(Strategy):
    def default(self, obj: JSONObject) -> None:
        defaults.default_cron_job(obj)

    def validate(self, obj: JSONObject) -> Causes:
        return batch.validate_cron_job(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return batch.validate_cron_job_update(new)
