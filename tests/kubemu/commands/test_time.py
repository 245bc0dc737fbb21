"""Time that passes faster, for all parts of a cluster alike."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from apimachinery.clock import RealClock, parse_rfc3339
from tests.kubemu.commands.clusters import SECONDS, Kubemu
from tests.live.waiting import eventually

FACTOR = 60
POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: nap}\n"
    "spec: {restartPolicy: Never, containers: [{name: nap, image: busybox, command: [sleep, '240']}]}\n"
)


async def until_succeeded(kubemu: Kubemu) -> dict[str, Any]:
    async def succeeded() -> dict[str, Any]:
        found: dict[str, Any] = json.loads(kubemu.run("get", "pod", "nap", "-o", "json"))
        return found if found["status"].get("phase") == "Succeeded" else {}

    return await eventually(succeeded, timeout=SECONDS)


def check_times(pod: dict[str, Any], started: datetime) -> None:
    """Fail unless the pod's times are in order, whoever wrote them, and far ahead of the machine's."""
    conditions = {entry["type"]: entry for entry in pod["status"]["conditions"]}
    ended = pod["status"]["containerStatuses"][0]["state"]["terminated"]
    times = [
        pod["metadata"]["creationTimestamp"],  # the API server
        conditions["PodScheduled"]["lastTransitionTime"],  # the scheduler or the server
        ended["startedAt"],  # the kubelet
        ended["finishedAt"],
    ]
    assert times == sorted(times)
    slept = parse_rfc3339(ended["finishedAt"]) - parse_rfc3339(ended["startedAt"])
    assert slept >= timedelta(seconds=239)
    elapsed = RealClock().now() - started
    assert parse_rfc3339(ended["finishedAt"]) - started > timedelta(seconds=240) > elapsed


@pytest.mark.slow
async def test_minutes_pass_in_seconds(kubemu: Kubemu) -> None:
    started = RealClock().now()
    kubemu.up("--time-scale", str(FACTOR))
    kubemu.run("apply", "-f", "-", stdin=POD)
    check_times(await until_succeeded(kubemu), started)
