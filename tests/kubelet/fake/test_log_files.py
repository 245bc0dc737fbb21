"""Logs as files of the node."""

from datetime import UTC, datetime

import pytest

from kubelet.fake.log_files import log_line
from kubelet.runtime import LogEntry
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Rig, open_rig

WHEN = datetime(2026, 1, 2, 3, 4, 5, 60, UTC)


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        (LogEntry(WHEN, "stdout", b"hi"), b"2026-01-02T03:04:05.000060000Z stdout F hi\n"),
        (LogEntry(WHEN, "stderr", b"", partial=True), b"2026-01-02T03:04:05.000060000Z stderr P \n"),
    ],
    ids=["whole", "partial"],
)
def test_lines(entry: LogEntry, line: bytes) -> None:
    assert log_line(entry) == line


async def test_a_log_agent_reads_them() -> None:
    """A pod with the node's ``/var/log`` finds every container's lines there, through the links too."""
    async with open_rig() as rig:
        await check_agent(rig)


async def test_rotated_files_have_the_time_in_their_name() -> None:
    async with open_rig() as rig:
        rig.runtime.logs.max_size = 1_000
        loud = container("loud", image="shell", command=["sh", "-c", "seq 60; sleep 1000"])
        volumes = [{"name": "logs", "hostPath": {"path": "/var/log/pods"}}]
        await rig.add(make_pod({**loud, "volumeMounts": [{"name": "logs", "mountPath": "/logs"}]}, volumes=volumes))
        pod = make_pod()
        folder = (await rig.output(pod, "echo /logs/*/loud", "loud")).strip()
        names = (await rig.output(pod, f"ls {folder}", "loud")).split()
        assert [name.partition(".log")[2] for name in names] == ["", ".20260101-000000", ".20260101-000001"]
        shown = await rig.output(
            pod, f"cd {folder}; for f in {names[1]} {names[2]} {names[0]}; do cat $f; done", "loud"
        )
        assert [line.rpartition(" ")[2] for line in shown.splitlines()] == [str(number) for number in range(1, 61)]
        sizes = await rig.output(pod, f"cd {folder}; wc -c < {names[1]}; stat -c %s {names[1]}", "loud")
        assert len(set(sizes.split())) == 1


async def check_agent(rig: Rig) -> None:
    shell = container("loud", image="shell", command=["sh", "-c", "echo one; echo two >&2; sleep 1000"])
    loud = make_pod(shell, name="loud")
    agent = container(
        "agent",
        image="shell",
        command=["sleep", "1000"],
        volumeMounts=[{"name": "logs", "mountPath": "/logs", "readOnly": True}],
    )
    await rig.add(loud)
    volumes = [{"name": "logs", "hostPath": {"path": "/var/log"}}]
    await rig.add(make_pod(agent, name="agent", volumes=volumes))
    folder = "default_loud_uid-loud"
    seen = make_pod(name="agent")
    assert await rig.output(seen, "ls /logs/pods", "agent") == f"default_agent_uid-agent\n{folder}\n"
    lines = (await rig.output(seen, f"cat /logs/pods/{folder}/loud/0.log", "agent")).splitlines()
    assert [line.partition("Z ")[2] for line in lines] == ["stdout F one", "stderr F two"]
    (link,) = (await rig.output(seen, "ls /logs/containers | grep loud", "agent")).split()
    assert link.startswith("loud_default_loud-")
    refused = await rig.output(seen, f"echo x >/logs/pods/{folder}/loud/0.log", "agent")
    assert "Read-only file system" in refused
