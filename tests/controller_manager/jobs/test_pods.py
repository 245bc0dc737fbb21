from datetime import datetime, timedelta
from typing import Any

import pytest

from apimachinery.types.batch import Job
from apimachinery.types.pod import Pod
from controller_manager.jobs.pods import completion_index, finished_at, is_failed, valid_index
from tests.controller_manager.builders import NOW
from tests.controller_manager.jobs.objects import indexed, job, pod

POLICY = {"rules": []}


@pytest.mark.parametrize(
    ("of", "seen", "failed"),
    [
        pytest.param(job(), pod("p", "Failed"), True, id="failed"),
        pytest.param(job(), pod("p"), False, id="running"),
        pytest.param(job(), pod("p", "Succeeded", deleting=True), False, id="succeeded-and-going"),
        pytest.param(job(), pod("p", deleting=True), True, id="going"),
        pytest.param(job(podReplacementPolicy="Failed"), pod("p", deleting=True), False, id="going-until-it-ended"),
        pytest.param(job(podFailurePolicy=POLICY), pod("p", deleting=True), False, id="going-with-a-failure-policy"),
    ],
)
def test_failed(of: Job, seen: Pod, failed: bool) -> None:
    assert is_failed(of, seen) is failed


@pytest.mark.parametrize(
    ("annotation", "index", "valid"),
    [(None, None, None), ("x", None, None), (-1, None, None), (0, 0, 0), (2, 2, 2), (3, 3, None)],
)
def test_index(annotation: object, index: int | None, valid: int | None) -> None:
    assert completion_index(pod("p", index=annotation)) == index
    assert valid_index(indexed(), pod("p", index=annotation)) == valid


def changed(seen: Pod, **metadata: Any) -> Pod:
    return seen.model_copy(update={"metadata": seen.metadata.model_copy(update=metadata)})


@pytest.mark.parametrize(
    ("seen", "when"),
    [
        pytest.param(pod("p", "Failed", ended=7), NOW - timedelta(seconds=7), id="its-containers"),
        pytest.param(
            pod(
                "p",
                conditions=[{"type": "Ready", "status": "False", "lastTransitionTime": NOW - timedelta(seconds=3)}],
            ),
            NOW - timedelta(seconds=3),
            id="not-ready-since",
        ),
        pytest.param(
            changed(pod("p"), deletion_timestamp=NOW, deletion_grace_period_seconds=30),
            NOW - timedelta(seconds=30),
            id="deletion-asked-for",
        ),
        pytest.param(pod("p"), NOW - timedelta(seconds=60), id="creation"),
    ],
)
def test_finished_at(seen: Pod, when: datetime) -> None:
    assert finished_at(seen) == when
