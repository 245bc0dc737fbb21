"""The word under STATUS and the cells beside it (``printPod``, v1.36)."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from apiserver.printing.pods import PodPrinter, summarize
from apiserver.printing.table import Table

JSONObject = dict[str, Any]

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
READY = [{"type": "Initialized", "status": "True"}, {"type": "Ready", "status": "True"}]
DONE = {"state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}


def pod(
    *,
    containers: list[JSONObject] | None = None,
    init: list[JSONObject] | None = None,
    sidecars: tuple[str, ...] = (),
    deleted: bool = False,
    **status: Any,
) -> JSONObject:
    """A pod whose spec has the containers that its statuses tell of."""
    if containers is not None:
        status["containerStatuses"] = [{"name": f"c{i}", **entry} for i, entry in enumerate(containers)]
    if init is not None:
        status["initContainerStatuses"] = [{"name": f"i{i}", **entry} for i, entry in enumerate(init)]
    inits = [
        {"name": f"i{i}"} | ({"restartPolicy": "Always"} if f"i{i}" in sidecars else {}) for i in range(len(init or []))
    ]
    metadata = {"name": "p", "creationTimestamp": "2026-01-01T11:00:00Z"}
    if deleted:
        metadata["deletionTimestamp"] = "2026-01-01T12:00:00Z"
    return {
        "metadata": metadata,
        "spec": {"containers": [{"name": f"c{i}"} for i in range(len(containers or [{}]))], "initContainers": inits},
        "status": {"phase": "Running", **status},
    }


def waiting(reason: str = "") -> JSONObject:
    return {"state": {"waiting": {"reason": reason} if reason else {}}}


def ended(code: int, **fields: Any) -> JSONObject:
    return {"state": {"terminated": {"exitCode": code, **fields}}}


RUNNING: JSONObject = {"ready": True, "started": True, "state": {"running": {}}}


@pytest.mark.parametrize(
    ("obj", "word"),
    [
        pytest.param(pod(phase="Pending"), "Pending", id="phase"),
        pytest.param(pod(phase="Failed", reason="Evicted"), "Evicted", id="the pod's own reason"),
        pytest.param(
            pod(phase="Pending", conditions=[{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]),
            "SchedulingGated",
            id="gated",
        ),
        pytest.param(pod(containers=[RUNNING], conditions=READY), "Running", id="running"),
        pytest.param(
            pod(phase="Pending", containers=[waiting("ContainerCreating")]), "ContainerCreating", id="creating"
        ),
        pytest.param(pod(containers=[waiting("CrashLoopBackOff")]), "CrashLoopBackOff", id="crash loop"),
        pytest.param(pod(phase="Pending", containers=[waiting("ImagePullBackOff")]), "ImagePullBackOff", id="no image"),
        pytest.param(pod(phase="Pending", containers=[waiting()]), "Pending", id="waiting for nothing told"),
        pytest.param(pod(containers=[ended(1, reason="Error")]), "Error", id="error"),
        pytest.param(pod(containers=[ended(137, reason="OOMKilled")]), "OOMKilled", id="out of memory"),
        pytest.param(pod(containers=[ended(3)]), "ExitCode:3", id="exit code"),
        pytest.param(pod(containers=[ended(137, signal=9)]), "Signal:9", id="signal"),
        pytest.param(pod(phase="Succeeded", containers=[DONE]), "Completed", id="completed"),
        pytest.param(pod(containers=[DONE, RUNNING], conditions=READY), "Running", id="one is done, the rest is ready"),
        pytest.param(pod(containers=[DONE, RUNNING]), "NotReady", id="one is done, the pod not ready"),
        pytest.param(
            pod(containers=[waiting("CrashLoopBackOff"), RUNNING]), "CrashLoopBackOff", id="the first container tells"
        ),
        pytest.param(pod(containers=[ended(1, reason="Error"), ended(2)]), "Error", id="the first of two"),
        pytest.param(pod(init=[waiting("PodInitializing")], phase="Pending"), "Init:0/1", id="init waits"),
        pytest.param(
            pod(init=[DONE, {"state": {"running": {}}}], phase="Pending"), "Init:1/2", id="the second init runs"
        ),
        pytest.param(
            pod(init=[waiting("ErrImagePull")], phase="Pending"), "Init:ErrImagePull", id="init without image"
        ),
        pytest.param(pod(init=[ended(1, reason="Error")], phase="Pending"), "Init:Error", id="init failed"),
        pytest.param(pod(init=[ended(2)], phase="Pending"), "Init:ExitCode:2", id="init's exit code"),
        pytest.param(pod(init=[ended(0, signal=9)], containers=[RUNNING], conditions=READY), "Running", id="init done"),
        pytest.param(
            pod(init=[RUNNING], sidecars=("i0",), containers=[RUNNING], conditions=READY), "Running", id="sidecar runs"
        ),
        pytest.param(
            pod(init=[{"started": False, "state": {"running": {}}}], sidecars=("i0",), phase="Pending"),
            "Init:0/1",
            id="sidecar has not started",
        ),
        pytest.param(pod(containers=[RUNNING], conditions=READY, deleted=True), "Terminating", id="terminating"),
        pytest.param(pod(phase="Succeeded", containers=[DONE], deleted=True), "Completed", id="ended, then deleted"),
        pytest.param(pod(reason="NodeLost", deleted=True), "Unknown", id="lost with its node"),
    ],
)
def test_status_words(obj: JSONObject, word: str) -> None:
    assert summarize(obj).word == word


@pytest.mark.parametrize(
    ("obj", "cells"),
    [
        pytest.param(pod(containers=[RUNNING, waiting()], conditions=READY), ("1/2", "0"), id="one of two"),
        pytest.param(
            pod(containers=[{**RUNNING, "restartCount": 3}], conditions=READY), ("1/1", "3"), id="restarts, never ended"
        ),
        pytest.param(
            pod(
                containers=[
                    {
                        **RUNNING,
                        "restartCount": 3,
                        "lastState": {"terminated": {"exitCode": 1, "finishedAt": "2026-01-01T11:58:00Z"}},
                    }
                ],
                conditions=READY,
            ),
            ("1/1", "3 (2m ago)"),
            id="restarts, and when",
        ),
        pytest.param(
            pod(init=[RUNNING], sidecars=("i0",), containers=[RUNNING], conditions=READY), ("2/2", "0"), id="a sidecar"
        ),
        pytest.param(
            pod(init=[{**waiting("CrashLoopBackOff"), "restartCount": 4}], phase="Pending"),
            ("0/1", "4"),
            id="an init container's restarts while it counts",
        ),
        pytest.param(
            pod(init=[{**DONE, "restartCount": 2}], containers=[{**RUNNING, "restartCount": 1}]),
            ("1/1", "1"),
            id="once it is done its restarts are forgotten, whatever conditions say",
        ),
        pytest.param(
            pod(init=[waiting("PodInitializing")], containers=[RUNNING], phase="Pending"),
            ("0/1", "0"),
            id="nothing is ready before the init containers are done",
        ),
        pytest.param(
            pod(init=[waiting()], containers=[RUNNING], conditions=READY),
            ("1/1", "0"),
            id="unless the pod says that it is initialized",
        ),
        pytest.param(
            pod(init=[RUNNING, waiting(), RUNNING], sidecars=("i0", "i2"), phase="Pending"),
            ("1/3", "0"),
            id="sidecars up to the first init container that is not done",
        ),
    ],
)
def test_readiness_and_restarts(obj: JSONObject, cells: tuple[str, str]) -> None:
    row = PodPrinter().cells(obj, NOW)
    assert (row[1], row[3]) == cells
    assert row[4] == "60m"


def test_wide_cells() -> None:
    obj = pod(
        containers=[RUNNING],
        conditions=[*READY, {"type": "example.com/gate", "status": "True"}],
        podIP="10.0.0.1",
        podIPs=[{"ip": "10.0.0.1"}, {"ip": "fd00::1"}],
        nominatedNodeName="n2",
    )
    obj["spec"] |= {
        "nodeName": "n1",
        "readinessGates": [{"conditionType": "example.com/gate"}, {"conditionType": "example.com/other"}],
    }
    assert PodPrinter().cells(obj, NOW)[5:] == ["10.0.0.1", "n1", "n2", "1/2"]


@pytest.mark.parametrize(
    ("phase", "message"),
    [("Succeeded", "The pod has completed successfully."), ("Failed", "The pod failed."), ("Running", "")],
)
def test_rows_of_pods_that_have_ended_say_so(phase: str, message: str) -> None:
    table = Table(PodPrinter(), "None", NOW)
    row = table.row(orjson.dumps(pod(phase=phase)))
    expected = [{"type": "Completed", "status": "True", "reason": phase, "message": message}]
    assert row.get("conditions", []) == (expected if message else [])
