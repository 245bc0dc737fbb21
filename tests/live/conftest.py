"""Fixtures that several live tests share."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.processes import Cluster
from tests.live.workloads import Tools

_numbers = itertools.count(1)


@pytest.fixture
def tools(workloads: Cluster, tmp_path: Path) -> Tools:
    """kubectl in a namespace of the test's own, of the cluster that the test's module has as its ``workloads``."""
    return Tools(workloads, tmp_path, f"workloads-{next(_numbers)}")


@pytest.fixture
def bare_cluster() -> Iterator[Cluster]:
    """An API server whose nodes take pods as soon as they are created: nobody is there who would say that they may."""
    running = Cluster("--disable-admission-plugins", "TaintNodesByCondition")
    yield running
    running.stop()
