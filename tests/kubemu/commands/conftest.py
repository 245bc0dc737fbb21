"""Fixtures of the command line's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kubemu.commands.clusters import Kubemu


@pytest.fixture
def kubemu(tmp_path: Path) -> Iterator[Kubemu]:
    """The command line, with a folder of records of the test's own."""
    found = Kubemu(tmp_path)
    yield found
    found.close()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubemu]:
    """The command line, and one cluster that the tests of a module share."""
    found = Kubemu(tmp_path_factory.mktemp("cluster"))
    found.up()
    yield found
    found.close()
