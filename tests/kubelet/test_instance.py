"""Whether a node's name can be had."""

import os
from datetime import timedelta

import pytest

from apimachinery.types.core import Lease
from componentbase.running import started_at
from kubelet.instance import ANNOTATION, Claim, Instance, claim, this_instance
from tests.kubelet.builders import START

MINE = Instance("here", 100, 5000)
RUNNING = {7: 700}


def lease(mark: str = "", *, age: float = 1) -> Lease:
    return Lease.model_validate({
        "metadata": {"name": "n", "annotations": {ANNOTATION: mark} if mark else {}},
        "spec": {"leaseDurationSeconds": 40, "renewTime": START - timedelta(seconds=age)},
    })


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        pytest.param(None, Claim.FREE, id="no lease"),
        pytest.param(lease("here/100/5000"), Claim.FREE, id="this very process"),
        pytest.param(lease("here/7/700"), Claim.TAKEN, id="a process that runs"),
        pytest.param(lease("here/7/700", age=1000), Claim.TAKEN, id="a process that runs, though it is late"),
        pytest.param(lease("here/7/699"), Claim.FREE, id="its id has been given to another"),
        pytest.param(lease("here/8/800"), Claim.FREE, id="killed a moment ago"),
        pytest.param(lease("there/7/700"), Claim.UNSURE, id="another machine"),
        pytest.param(lease("there/7/700", age=41), Claim.FREE, id="another machine, long ago"),
        pytest.param(lease(), Claim.UNSURE, id="no mark"),
        pytest.param(lease("nonsense"), Claim.UNSURE, id="a mark of another kind"),
        pytest.param(lease(age=41), Claim.FREE, id="no mark, long ago"),
    ],
)
def test_claim(found: Lease | None, verdict: Claim) -> None:
    assert claim(found, MINE, START, started=lambda pid: RUNNING.get(pid, 0)) is verdict


def test_this_process_knows_itself_again() -> None:
    mine = this_instance()
    assert mine.pid == os.getpid()
    assert Instance.parse(str(mine)) == mine == this_instance()
    assert started_at(mine.pid) == mine.started > 0
    assert started_at(2**31 - 1) == 0
