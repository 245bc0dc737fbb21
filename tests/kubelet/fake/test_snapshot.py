"""A container's status survives being kept as JSON."""

import json
from datetime import UTC, datetime

from kubelet.fake.snapshot import load_container, save_container
from kubelet.runtime import ContainerConfig, ContainerState, ContainerStatus, LinuxContainerUser


def test_a_containers_user_is_the_same_afterwards() -> None:
    """It is looked up in a table, and so has to be as good a key as before."""
    status = ContainerStatus(
        "c1",
        "s1",
        ContainerConfig("web", "nginx"),
        ContainerState.RUNNING,
        "nginx@sha256:0",
        datetime(2026, 1, 1, tzinfo=UTC),
        user=LinuxContainerUser(1000, 1000, (1000, 2000)),
    )
    loaded = load_container(json.loads(json.dumps(save_container(status))))
    assert (loaded.id, loaded.state, loaded.created_at) == (status.id, status.state, status.created_at)
    assert {loaded.user} == {status.user}
