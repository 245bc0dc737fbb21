"""The horizontal pod autoscaler: looks at each autoscaler every so often, and scales what it is for.

Follows ``pkg/controller/podautoscaler/horizontal.go`` (v1.36), but looks at a new or changed autoscaler at once, where
upstream's lets the period pass first.
"""

import logging
from dataclasses import dataclass
from typing import Any

from apimachinery.errors import Conflict, NotFound, StatusError
from apimachinery.quantity import parse_quantity
from apimachinery.selectors import Selector, SelectorSyntaxError, parse_label_selector
from apimachinery.types.autoscaling import HorizontalPodAutoscaler, HPAScalingRules
from apimachinery.types.core import object_reference
from apimachinery.types.pod import Pod
from controller_manager.autoscaling.calculator import Tolerances
from controller_manager.autoscaling.draft import ABLE_TO_SCALE, SCALING_ACTIVE, SCALING_LIMITED, Draft
from controller_manager.autoscaling.limits import History, limited, stabilized
from controller_manager.autoscaling.metrics import MetricFailed, MetricReader, Recommendation, Target
from controller_manager.autoscaling.pods import Patience
from controller_manager.controller import Context, Result
from controller_manager.ownership import NAMESPACE_INDEX, index_by_namespace
from controller_manager.scalables import NotScalable, Scalables
from kubeclient.events import NORMAL, WARNING
from kubeclient.resources import HORIZONTAL_POD_AUTOSCALERS, PODS

logger = logging.getLogger(__name__)

NAME = "horizontal-pod-autoscaler"

RESCALE_TRIES = 4

JSONObject = dict[str, Any]


class CannotScale(Exception):
    """Nothing is done this time; the draft and the events say why already."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many replicas there are to be, why, and what the metrics say."""

    replicas: int
    why: str


class HorizontalPodAutoscalerController:
    """Woken by autoscalers, and by time."""

    def __init__(self, context: Context) -> None:
        settings = context.settings
        self.workers = settings.concurrent_horizontal_pod_autoscaler_syncs
        self._settings = settings
        self._client = context.client
        self._clock = context.client.clock
        self._queue = context.queue
        self._recorder = context.recorder(NAME)
        self._scalables = Scalables(context.client)
        self._patience = Patience(
            settings.horizontal_pod_autoscaler_cpu_initialization_period,
            settings.horizontal_pod_autoscaler_initial_readiness_delay,
        )
        self._histories: dict[str, History] = {}
        self._selectors: dict[str, Selector] = {}
        """What each autoscaler's target selects, as far as it has been looked at."""
        autoscalers = context.informers.informer(HORIZONTAL_POD_AUTOSCALERS)
        pods = context.informers.informer(PODS, {NAMESPACE_INDEX: index_by_namespace})
        autoscalers.on_change(self._changed)
        self._autoscalers = autoscalers.cache
        self._pods = pods.cache

    def _changed(self, old: HorizontalPodAutoscaler | None, new: HorizontalPodAutoscaler | None) -> None:
        if old is not None and new is not None and old.spec == new.spec:
            return
        changed = new or old
        assert changed is not None
        self._queue.add(changed.key)

    async def reconcile(self, key: str) -> Result | None:
        autoscaler = self._autoscalers.get(key)
        if autoscaler is None:
            self._histories.pop(key, None)
            self._selectors.pop(key, None)
            return None
        draft = Draft(autoscaler, self._clock.now())
        try:
            await self._scale(autoscaler, draft)
        except CannotScale as error:
            logger.info("%s: %s", key, error)
        await self._write(autoscaler, draft)
        return Result(self._settings.horizontal_pod_autoscaler_sync_period)

    async def _scale(self, autoscaler: HorizontalPodAutoscaler, draft: Draft) -> None:
        """Bring the target to the size that it should have, and the draft up to date."""
        scale = await self._read_scale(autoscaler, draft)
        current = int(scale.get("spec", {}).get("replicas", 0))
        draft.seen(current)
        history = self._histories.setdefault(autoscaler.key, History())
        if not history.recommendations:
            history.recommendations.append((self._clock.monotonic(), current))
        fewest, most = autoscaler.spec.min_replicas, autoscaler.spec.max_replicas
        if current == 0 and fewest != 0:
            message = "scaling is disabled since the replica count of the target is zero"
            draft.condition(SCALING_ACTIVE, False, "ScalingDisabled", message)
            draft.seen(current, ())
            wanted = Wanted(0, "")
        elif current > most:
            draft.seen(current, ())
            wanted = Wanted(most, "Current number of replicas above Spec.MaxReplicas")
        elif current < fewest:
            draft.seen(current, ())
            wanted = Wanted(fewest, "Current number of replicas below Spec.MinReplicas")
        else:
            wanted = await self._wanted(autoscaler, scale, current, history, draft)
        if wanted.replicas != current:
            await self._rescale(autoscaler, scale, wanted, draft)
            history.scaled(current, wanted.replicas, autoscaler.spec.behavior, self._clock.monotonic())
        draft.decided(wanted.replicas, rescaled=wanted.replicas != current)

    async def _read_scale(self, autoscaler: HorizontalPodAutoscaler, draft: Draft) -> JSONObject:
        reference, namespace = autoscaler.spec.scale_target_ref, autoscaler.metadata.namespace
        try:
            scale = await self._scalables.get(reference.api_version, reference.kind, namespace, reference.name)
        except (StatusError, NotScalable) as error:
            self._tell(autoscaler, WARNING, "FailedGetScale", str(error))
            message = f"the HPA controller was unable to get the target's current scale: {error}"
            draft.condition(ABLE_TO_SCALE, False, "FailedGetScale", message)
            raise CannotScale(message) from error
        message = "the HPA controller was able to get the target's current scale"
        draft.condition(ABLE_TO_SCALE, True, "SucceededGetScale", message)
        return scale

    async def _wanted(
        self, autoscaler: HorizontalPodAutoscaler, scale: JSONObject, current: int, history: History, draft: Draft
    ) -> Wanted:
        """Return what the metrics ask for, in steps that the limits allow."""
        best = await self._recommended(autoscaler, scale, current, draft)
        behavior, now = autoscaler.spec.behavior, self._clock.monotonic()
        window = self._settings.horizontal_pod_autoscaler_downscale_stabilization
        steady = stabilized(best.replicas, current, history, behavior, window, now)
        draft.condition(ABLE_TO_SCALE, True, steady.reason, steady.message)
        bounds = (autoscaler.spec.min_replicas, autoscaler.spec.max_replicas)
        allowed = limited(steady.replicas, current, bounds, history, behavior, now)
        draft.condition(SCALING_LIMITED, allowed.changed, allowed.reason, allowed.message)
        return Wanted(
            allowed.replicas, f"{best.name} above target" if best.replicas > current else "All metrics below target"
        )

    async def _recommended(
        self, autoscaler: HorizontalPodAutoscaler, scale: JSONObject, current: int, draft: Draft
    ) -> Recommendation:
        """Return the largest number that a metric asks for.

        Metrics that fail are passed over as long as the others do not ask for fewer replicas than there are.
        """
        target = self._target(autoscaler, scale, current, draft)
        reader = MetricReader(self._client, target, self._tolerances(autoscaler), self._patience, self._clock.now())
        metrics = autoscaler.spec.metrics
        statuses: list[JSONObject] = []
        best: Recommendation | None = None
        failures: list[MetricFailed] = []
        for spec in metrics:
            try:
                found = await reader.read(spec)
            except MetricFailed as failure:
                self._tell(autoscaler, WARNING, failure.reason, failure.cause)
                failures.append(failure)
                statuses.append({"type": ""})
                continue
            statuses.append(found.status)
            if best is None or found.replicas > best.replicas:
                best = found
        draft.seen(current, statuses)
        if best is None or (failures and best.replicas < current):
            message = f"the HPA was unable to compute the replica count: {failures[0].cause}"
            draft.condition(SCALING_ACTIVE, False, failures[0].reason, message)
            text = f"invalid metrics ({len(failures)} invalid out of {len(metrics)}), first error is: {failures[0]}"
            raise self._cannot_compute(autoscaler, text)
        message = f"the HPA was able to successfully calculate a replica count from {best.name}"
        draft.condition(SCALING_ACTIVE, True, "ValidMetricFound", message)
        return best

    def _target(self, autoscaler: HorizontalPodAutoscaler, scale: JSONObject, current: int, draft: Draft) -> Target:
        """Return the pods that count; there must be a selector, and no other autoscaler that counts them too."""
        text = scale.get("status", {}).get("selector", "")
        if not text:
            message = "the HPA target's scale is missing a selector"
            self._tell(autoscaler, WARNING, "SelectorRequired", "selector is required")
            draft.condition(SCALING_ACTIVE, False, "InvalidSelector", message)
            raise self._cannot_compute(autoscaler, "selector is required")
        try:
            selector = parse_label_selector(text)
        except SelectorSyntaxError as error:
            message = f"couldn't convert selector into a corresponding internal selector object: {error}"
            self._tell(autoscaler, WARNING, "InvalidSelector", message)
            draft.condition(SCALING_ACTIVE, False, "InvalidSelector", message)
            raise self._cannot_compute(autoscaler, message) from error
        namespace = autoscaler.metadata.namespace
        self._selectors[autoscaler.key] = selector
        pods = [pod for pod in self._pods.by_index(NAMESPACE_INDEX, namespace) if selector.matches(pod.metadata.labels)]
        if len(others := self._selecting(namespace, pods)) > 1:
            named = " ".join(f"{{{name} {namespace}}}" for name in others)
            message = f"pods by selector {text} are controlled by multiple HPAs: [{named}]"
            self._tell(autoscaler, WARNING, "AmbiguousSelector", message)
            draft.condition(SCALING_ACTIVE, False, "AmbiguousSelector", message)
            raise self._cannot_compute(autoscaler, message)
        return Target(namespace, text, current, pods)

    def _selecting(self, namespace: str, pods: list[Pod]) -> list[str]:
        """Return the names of the autoscalers that count any of these pods."""
        prefix = f"{namespace}/"
        return sorted(
            key.removeprefix(prefix)
            for key, selector in self._selectors.items()
            if key.startswith(prefix) and any(selector.matches(pod.metadata.labels) for pod in pods)
        )

    def _cannot_compute(self, autoscaler: HorizontalPodAutoscaler, message: str) -> CannotScale:
        self._tell(autoscaler, WARNING, "FailedComputeMetricsReplicas", message)
        return CannotScale(f"failed to compute desired number of replicas based on listed metrics: {message}")

    def _tolerances(self, autoscaler: HorizontalPodAutoscaler) -> Tolerances:
        default = self._settings.horizontal_pod_autoscaler_tolerance
        behavior = autoscaler.spec.behavior
        if behavior is None:
            return Tolerances(default, default)
        return Tolerances(_tolerance(behavior.scale_down, default), _tolerance(behavior.scale_up, default))

    async def _rescale(
        self, autoscaler: HorizontalPodAutoscaler, scale: JSONObject, wanted: Wanted, draft: Draft
    ) -> None:
        what = f"New size: {wanted.replicas}; reason: {wanted.why}"
        try:
            await self._put_scale(autoscaler, scale, wanted.replicas)
        except StatusError as error:
            self._tell(autoscaler, WARNING, "FailedRescale", f"{what}; error: {error}")
            message = f"the HPA controller was unable to update the target scale: {error}"
            draft.condition(ABLE_TO_SCALE, False, "FailedUpdateScale", message)
            raise CannotScale(message) from error
        message = f"the HPA controller was able to update the target scale to {wanted.replicas}"
        draft.condition(ABLE_TO_SCALE, True, "SucceededRescale", message)
        self._tell(autoscaler, NORMAL, "SuccessfulRescale", what)

    async def _put_scale(self, autoscaler: HorizontalPodAutoscaler, scale: JSONObject, replicas: int) -> None:
        """Write the number of replicas, as long as it is still the one that was decided on.

        A target whose status is written in between is tried again; upstream gives up until the next time.
        """
        reference, namespace = autoscaler.spec.scale_target_ref, autoscaler.metadata.namespace
        decided_on = scale.get("spec", {})
        for attempt in range(RESCALE_TRIES):
            try:
                await self._scalables.put(
                    reference.api_version, reference.kind, {**scale, "spec": {"replicas": replicas}}
                )
                return
            except Conflict:
                scale = await self._scalables.get(reference.api_version, reference.kind, namespace, reference.name)
                if attempt + 1 == RESCALE_TRIES or scale.get("spec", {}) != decided_on:
                    raise

    async def _write(self, autoscaler: HorizontalPodAutoscaler, draft: Draft) -> None:
        if draft.status == autoscaler.status:
            return
        updated = autoscaler.model_copy(update={"status": draft.status})
        try:
            await self._client.replace(HORIZONTAL_POD_AUTOSCALERS, updated, subresource="status")
        except NotFound:
            return
        except StatusError as error:
            self._tell(autoscaler, WARNING, "FailedUpdateStatus", str(error))
            logger.info("%s: failed to update status: %s", autoscaler.key, error)

    def _tell(self, autoscaler: HorizontalPodAutoscaler, kind: str, reason: str, message: str) -> None:
        self._recorder.event(object_reference(autoscaler), kind, reason, message)


def _tolerance(rules: HPAScalingRules, default: float) -> float:
    return float(parse_quantity(rules.tolerance)) if rules.tolerance is not None else default
