"""Empty folders, and how large they are in memory."""

from typing import Any

import pytest

from apimachinery.types.volumes import EmptyDirVolumeSource, Volume
from kubelet.volumes.empty_dir import is_empty_dir, memory_limit
from tests.kubelet.builders import container, make_pod


@pytest.mark.parametrize(
    ("size", "memory", "limit"),
    [
        pytest.param(None, [None], 4 * 2**30, id="the node's"),
        pytest.param("1Gi", [None], 2**30, id="its own"),
        pytest.param("8Gi", [None], 4 * 2**30, id="never more than the node's"),
        pytest.param(None, ["1Gi", "1Gi"], 2 * 2**30, id="the containers'"),
        pytest.param(None, ["1Gi", None], 4 * 2**30, id="one container has no limit"),
    ],
)
def test_the_size_of_memory(size: str | None, memory: list[str | None], limit: int) -> None:
    pod = make_pod(
        *(
            container(f"c{number}", resources={"limits": {"memory": amount}} if amount else {})
            for number, amount in enumerate(memory)
        )
    )
    source = EmptyDirVolumeSource(medium="Memory", size_limit=size)
    assert memory_limit(pod, source, {"memory": "4Gi"}) == limit


@pytest.mark.parametrize(
    ("source", "empty"),
    [({}, True), ({"emptyDir": {}}, True), ({"hostPath": {"path": "/"}}, False), ({"nfs": {"server": "s"}}, False)],
)
def test_no_source_means_an_empty_folder(source: dict[str, Any], empty: bool) -> None:
    assert is_empty_dir(Volume.model_validate({"name": "v", **source})) is empty
