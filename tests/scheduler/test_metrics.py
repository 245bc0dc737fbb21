"""What the scheduler counts, and how it is told."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from kubeclient.client import Client
from scheduler.exposition import page
from scheduler.framework.queued_pod import QueuedPod
from scheduler.metrics import Metrics
from scheduler.scheduler import Scheduler
from scheduler.settings import Settings
from tests.scheduler.builders import make_pod


@pytest.mark.parametrize(
    ("attempts", "label"),
    [
        pytest.param(1, "1", id="the first try"),
        pytest.param(14, "14", id="many"),
        pytest.param(15, "15+", id="too many"),
    ],
)
def test_a_bound_pod_counts_by_its_attempts(attempts: int, label: str) -> None:
    metrics = Metrics()
    metrics.bound(QueuedPod(make_pod().info(), 0.0, attempts=attempts, first_tried_at=10.0), 12.5)
    assert {key: histogram.total for key, histogram in metrics.sli.items()} == {label: 2.5}
    assert metrics.pod_attempts.total == attempts


def test_points_that_were_not_reached_are_not_counted() -> None:
    metrics = Metrics()
    metrics.points_took("mine", "Success", (("Filter", 0.25), ("Score", 0.0)))
    assert list(metrics.points) == [("Filter", "mine", "Success")]


def test_the_page_has_upstreams_names() -> None:
    scheduler = Scheduler(Client("http://127.0.0.1:1"), Settings(seed=1))
    scheduler.queue.add(make_pod("a").info())
    scheduler.queue.add(make_pod("b").gates("g").info())
    scheduler.metrics.attempt("default-scheduler", "scheduled", 0.003)
    samples = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page(scheduler).decode())
        for sample in family.samples
    }
    assert samples["scheduler_pending_pods", (("queue", "active"),)] == 1
    assert samples["scheduler_pending_pods", (("queue", "gated"),)] == 1
    assert samples["scheduler_queue_incoming_pods_total", (("event", "PodAdd"), ("queue", "active"))] == 1
    labels = (("profile", "default-scheduler"), ("result", "scheduled"))
    assert samples["scheduler_schedule_attempts_total", labels] == 1
    assert samples["scheduler_scheduling_attempt_duration_seconds_count", labels] == 1
    assert samples["scheduler_scheduling_attempt_duration_seconds_sum", labels] == 0.003
    assert samples["scheduler_preemption_attempts_total", ()] == 0
    assert samples["scheduler_cache_size", (("type", "nodes"),)] == 0
