from datetime import timedelta
from typing import Any

import pytest

from apimachinery.types.batch import Job
from controller_manager.ttl_after_finished import seconds_left
from tests.controller_manager.builders import NOW


def job(kind: str = "", *, status: str = "True", deleting: bool = False, **spec: Any) -> Job:
    """Return a job that has a condition since ten seconds."""
    condition = {"type": kind, "status": status, "lastTransitionTime": NOW - timedelta(seconds=10)}
    return Job.model_validate({
        "metadata": {"name": "pi", "deletionTimestamp": NOW if deleting else None},
        "spec": spec,
        "status": {"conditions": [condition] if kind else []},
    })


@pytest.mark.parametrize(
    ("of", "left"),
    [
        pytest.param(job(ttlSecondsAfterFinished=30), None, id="runs"),
        pytest.param(job("Complete"), None, id="no-limit"),
        pytest.param(job("Complete", ttlSecondsAfterFinished=30), 20, id="complete"),
        pytest.param(job("Failed", ttlSecondsAfterFinished=30), 20, id="failed"),
        pytest.param(job("Complete", ttlSecondsAfterFinished=5), 0, id="overdue"),
        pytest.param(job("Complete", ttlSecondsAfterFinished=0), 0, id="at-once"),
        pytest.param(job("Failed", status="False", ttlSecondsAfterFinished=0), None, id="has-not-failed"),
        pytest.param(job("Suspended", ttlSecondsAfterFinished=0), None, id="suspended"),
        pytest.param(job("Complete", ttlSecondsAfterFinished=0, deleting=True), None, id="is-being-deleted"),
    ],
)
def test_seconds_left(of: Job, left: float | None) -> None:
    assert seconds_left(of, NOW) == left
