"""What each metric of an autoscaler asks for (``horizontal.go``, v1.36): samples are fetched, the rest is worked out.

Nothing serves ``custom.metrics.k8s.io`` and ``external.metrics.k8s.io`` here, so metrics of pods, objects and the
outside world fail as they do in a cluster without an adapter.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any
from urllib.parse import quote

import orjson

from apimachinery.errors import StatusError
from apimachinery.quantity import format_quantity, milli_value
from apimachinery.selectors import from_label_selector
from apimachinery.types.autoscaling import MetricSpec, MetricTarget
from apimachinery.types.pod import Pod
from controller_manager.autoscaling.calculator import Proposal, Tolerances, by_utilization, by_value, counted
from controller_manager.autoscaling.pods import Patience, group_pods, pod_requests
from controller_manager.autoscaling.samples import NoReplicaCount, Samples, read_samples
from kubeclient.client import Client

JSONObject = dict[str, Any]


class MetricFailed(Exception):
    """A metric says nothing. ``reason`` and ``cause`` are for events and conditions, the text for who sums up."""

    def __init__(self, reason: str, cause: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Target:
    """What is scaled: its namespace, its selector as the ``scale`` shows it, how many there are, and its pods."""

    namespace: str
    selector: str
    replicas: int
    pods: Sequence[Pod]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """``name`` is how events call the metric, ``status`` what the autoscaler shows of it."""

    replicas: int
    name: str
    status: JSONObject


@dataclass(slots=True)
class MetricReader:
    """Reads the metrics of one autoscaler at one moment; pods' usage is asked for once."""

    client: Client
    target: Target
    tolerances: Tolerances
    patience: Patience
    now: datetime
    _items: list[JSONObject] | None = field(default=None, init=False)

    async def read(self, spec: MetricSpec) -> Recommendation:
        """Return what a metric asks for; raise :class:`MetricFailed`."""
        if spec.resource is not None:
            name, target = spec.resource.name, spec.resource.target
            try:
                replicas, current = await self._compute(name, "", target)
            except NoReplicaCount as error:
                text = f"failed to get {name} resource metric value: {error}"
                raise MetricFailed("FailedGetResourceMetric", str(error), text) from error
            status = {"type": "Resource", "resource": {"name": name, "current": current}}
            return Recommendation(replicas, _called(f"{name} resource", target), status)
        if spec.container_resource is not None:
            name, target = spec.container_resource.name, spec.container_resource.target
            container = spec.container_resource.container
            try:
                replicas, current = await self._compute(name, container, target)
            except NoReplicaCount as error:
                text = f"failed to get {name} container metric value: {error}"
                raise MetricFailed("FailedGetContainerResourceMetric", str(error), text) from error
            shown = {"name": name, "container": container, "current": current}
            status = {"type": "ContainerResource", "containerResource": shown}
            return Recommendation(replicas, _called(f"{name} container resource", target), status)
        raise unserved(spec, self.target.namespace)

    async def _compute(self, resource: str, container: str, target: MetricTarget) -> tuple[int, JSONObject]:
        if target.average_value is not None:
            try:
                proposal = await self._proposal(resource, container, target)
            except NoReplicaCount as error:
                raise NoReplicaCount(f"failed to get {resource} usage: {error}") from error
            return proposal.replicas, {"averageValue": _quantity(proposal.average)}
        if target.average_utilization is None:
            raise NoReplicaCount(
                "invalid resource metric source: neither an average utilization target nor an average value (usage) "
                "target was set"
            )
        try:
            proposal = await self._proposal(resource, container, target)
        except NoReplicaCount as error:
            raise NoReplicaCount(f"failed to get {resource} utilization: {error}") from error
        current = {"averageUtilization": proposal.percent, "averageValue": _quantity(proposal.average)}
        return proposal.replicas, current

    async def _proposal(self, resource: str, container: str, target: MetricTarget) -> Proposal:
        try:
            samples = await self._samples(resource, container)
        except NoReplicaCount as error:
            raise NoReplicaCount(f"unable to get metrics for resource {resource}: {error}") from error
        pods, replicas = self.target.pods, self.target.replicas
        if not pods:
            raise NoReplicaCount("no pods returned by selector while calculating replica count")
        groups = group_pods(pods, samples, resource, self.patience, self.now)
        values = counted(samples, groups)
        if target.average_value is not None:
            return by_value(replicas, milli_value(target.average_value), values, groups, self.tolerances)
        requests = pod_requests(pods, resource, container)
        return by_utilization(replicas, target.average_utilization or 0, values, requests, groups, self.tolerances)

    async def _samples(self, resource: str, container: str) -> Samples:
        if self._items is None:
            path = f"/apis/metrics.k8s.io/v1beta1/namespaces/{quote(self.target.namespace, safe='')}/pods"
            try:
                answer = await self.client.request("GET", path, params={"labelSelector": self.target.selector})
            except StatusError as error:
                raise NoReplicaCount(f"unable to fetch metrics from resource metrics API: {error}") from error
            self._items = orjson.loads(answer)["items"]
        if not self._items:
            raise NoReplicaCount("no metrics returned from resource metrics API")
        return read_samples(self._items, resource, container)


def unserved(spec: MetricSpec, namespace: str) -> MetricFailed:
    """Return why a metric that no API here has cannot be had."""
    custom = "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered"
    if spec.pods is not None:
        cause = f"unable to get metric {spec.pods.metric.name}: {custom}"
        return MetricFailed("FailedGetPodsMetric", cause, f"failed to get pods metric value: {cause}")
    if spec.object is not None:
        kind = spec.object.described_object.kind
        cause = f"unable to get metric {spec.object.metric.name}: {kind} on {namespace} {custom}"
        return MetricFailed("FailedGetObjectMetric", cause, f"failed to get object metric value: {cause}")
    if spec.external is not None:
        metric = spec.external.metric
        external = (
            "unable to fetch metrics from external metrics API: the server could not find the requested resource "
            f"(get {metric.name}.external.metrics.k8s.io)"
        )
        selector = from_label_selector(metric.selector)
        cause = f"unable to get external metric {namespace}/{metric.name}/{selector or 'nil'}: {external}"
        text = (
            f"failed to get {metric.name} external metric value: failed to get {metric.name} external metric: {cause}"
        )
        return MetricFailed("FailedGetExternalMetric", cause, text)
    cause = f'unknown metric source type "{spec.type}"'
    return MetricFailed("InvalidMetricSourceType", cause, cause)


def _called(name: str, target: MetricTarget) -> str:
    return name if target.average_value is not None else f"{name} utilization (percentage of request)"


def _quantity(thousandths: int) -> str:
    return format_quantity(Fraction(thousandths, 1000))
