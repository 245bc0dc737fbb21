"""``kubemu why`` and ``kubemu up --scheduler-config``: a cluster whose scheduler decides otherwise, and says so."""

import json
from pathlib import Path

import pytest

from tests.kubemu.commands.clusters import SECONDS, Kubemu
from tests.live.waiting import eventually

CONFIG = """
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- schedulerName: default-scheduler
- schedulerName: picky
  pluginConfig:
  - name: NodeAffinity
    args:
      addedAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
          nodeSelectorTerms:
          - matchExpressions: [{key: disk, operator: In, values: [ssd]}]
"""
POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"
    "spec: {schedulerName: picky, containers: [{name: web, image: nginx}]}\n"
)


async def test_a_profile_of_ones_own_explains_itself(kubemu: Kubemu, tmp_path: Path) -> None:
    """S12: the whole decision can be read, by whoever started the cluster."""
    file = tmp_path / "scheduler.yaml"
    file.write_text(CONFIG)
    kubemu.up("--nodes", "2", "--scheduler-config", str(file))
    kubemu.run("apply", "-f", "-", stdin=POD)

    async def refused() -> str:
        said = kubemu.run("why", "web")
        assert "0/2 nodes are available: 2 node(s) didn't match scheduler-enforced node affinity." in said
        return said

    said = await eventually(refused, timeout=SECONDS)
    assert "Decided by picky in " in said
    page = json.loads(kubemu.run("why", "pod/web", "-o", "json"))
    assert page["wakesOn"] == ["Node/ADD", "Node/UPDATE_NODE_LABEL"]
    assert kubemu.run("why", "nobody", status=1) == 'Error: pods "nobody" not found\n'


@pytest.mark.parametrize("separate", [pytest.param((), id="one process"), pytest.param(("--separate",), id="several")])
def test_a_configuration_of_no_use_is_told_before_anything_starts(
    kubemu: Kubemu, tmp_path: Path, separate: tuple[str, ...]
) -> None:
    file = tmp_path / "scheduler.yaml"
    file.write_text(CONFIG.replace("[ssd]", "[]"))
    said = kubemu.run("up", "--scheduler-config", str(file), *separate, status=1)
    assert said.count("\n") == 1
    assert "nodeSelectorTerms[0].matchExpressions[0].values: Invalid value: []" in said
    assert kubemu.left() == []
