"""Reading what pods use."""

from datetime import UTC, datetime
from typing import Any

import pytest

from controller_manager.autoscaling.samples import NoReplicaCount, Sample, read_samples

AT = datetime(2026, 1, 1, tzinfo=UTC)


def metrics(*containers: dict[str, Any]) -> dict[str, Any]:
    return {
        "metadata": {"name": "web-1", "namespace": "default"},
        "timestamp": "2026-01-01T00:00:00Z",
        "window": "10s",
        "containers": list(containers),
    }


def used(name: str = "c", **usage: str) -> dict[str, Any]:
    return {"name": name, "usage": usage}


@pytest.mark.parametrize(
    ("containers", "container", "expected"),
    [
        pytest.param([used(cpu="250m"), used("d", cpu="1")], "", 1250, id="all containers"),
        pytest.param([used(cpu="250m"), used("d", cpu="1")], "d", 1000, id="one container"),
        pytest.param([used(cpu="1500n")], "", 1, id="rounded up"),
        pytest.param([used(cpu="250m"), used("d", memory="1Mi")], "", None, id="not told in full"),
        pytest.param([used(memory="1Mi")], "c", None, id="not told of the container"),
        pytest.param([], "", None, id="no containers"),
    ],
)
def test_samples(containers: list[dict[str, Any]], container: str, expected: int | None) -> None:
    found = read_samples([metrics(*containers)], "cpu", container)
    assert found == ({} if expected is None else {"web-1": Sample(expected, AT, 10.0)})


def test_a_container_that_is_not_there() -> None:
    with pytest.raises(NoReplicaCount, match="container x not present in metrics for pod default/web-1"):
        read_samples([metrics(used(cpu="1"))], "cpu", "x")
