"""What a node keeps on the disk."""

import asyncio
from pathlib import Path

import pytest

from apimachinery.clock import ManualClock
from kubelet.node_state import StateFolder, StateKeeper


def test_what_is_written_is_read(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path / "node-1")
    assert folder.read() == {}
    folder.write({"a": {"n": 1}, "b": {}})
    folder.write({"a": {"n": 2}})
    assert StateFolder(tmp_path / "node-1").read() == {"a": {"n": 2}}
    assert [file.name for file in (tmp_path / "node-1").iterdir()] == ["a.json"]


def test_what_has_not_changed_is_left_alone(tmp_path: Path) -> None:
    StateFolder(tmp_path).write({"a": {"n": 1}})
    folder = StateFolder(tmp_path)
    folder.read()
    (tmp_path / "a.json").write_text("touched")
    folder.write({"a": {"n": 1}})
    assert (tmp_path / "a.json").read_text() == "touched"


def test_a_broken_file_is_passed_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    StateFolder(tmp_path).write({"a": {}, "b": {}})
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "c.new").write_text("{")
    assert StateFolder(tmp_path).read() == {"b": {}}
    assert "a.json is of no use" in caplog.text


async def test_it_is_written_every_second_and_at_the_end(tmp_path: Path) -> None:
    clock, state = ManualClock(), {"a": {"n": 1}}
    keeper = StateKeeper(StateFolder(tmp_path), lambda: state, clock)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(keeper.run())
        await clock.settle()
        state["a"] = {"n": 2}
        await clock.advance(1)
        assert StateFolder(tmp_path).read() == {"a": {"n": 2}}
        state["a"] = {"n": 3}
        running.cancel()
    assert StateFolder(tmp_path).read() == {"a": {"n": 3}}


def test_a_disk_that_cannot_be_written_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    StateKeeper(StateFolder(tmp_path / "file"), lambda: {"a": {}}, ManualClock()).step()
    assert "the state of the node is not written" in caplog.text
