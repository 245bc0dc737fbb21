"""What killed clusters have left."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from apimachinery.clock import RealClock
from componentbase.running import started_at
from kubemu.up.kubeconfig import Entry, merged
from kubemu.up.leftovers import clear
from kubemu.up.records import Record, Records

THEIRS = Entry("prod", "https://prod").document()


@pytest.fixture
def records(tmp_path: Path) -> Records:
    found = Records(tmp_path / "run")
    found.open()
    return found


def killed(path: Path, name: str = "one") -> Record:
    """Return the record of a cluster that has ended."""
    return Record(name, os.getpid(), -1, "http://127.0.0.1:1234", str(path), f"kubemu-{name}")


async def test_records_files_and_entries_go(records: Records, tmp_path: Path) -> None:
    path = tmp_path / "config"
    record = killed(path)
    path.write_text(merged(THEIRS, Entry(record.context, record.server), use_context=False))
    records.write(record)
    records.kubeconfig(record.name).touch()
    records.log(record.name).touch()
    await clear(records, RealClock())
    assert "kubemu-one" not in path.read_text()
    assert "https://prod" in path.read_text()
    assert os.listdir(tmp_path) == ["config"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(Entry("kubemu-one", "http://127.0.0.1:5").document(), id="another cluster of that name"),
        pytest.param("words", id="no kubeconfig any more"),
    ],
)
async def test_what_is_no_longer_the_clusters_is_left(records: Records, tmp_path: Path, text: str) -> None:
    path = tmp_path / "config"
    path.write_text(text)
    records.write(killed(path))
    await clear(records, RealClock())
    assert path.read_text() == text
    assert not records.folder.exists()


async def test_a_file_that_is_gone_is_no_trouble(records: Records, tmp_path: Path) -> None:
    records.write(killed(tmp_path / "gone" / "config"))
    await clear(records, RealClock())
    assert os.listdir(tmp_path) == []


async def test_who_runs_or_starts_keeps_everything(records: Records, tmp_path: Path) -> None:
    records.write(replace(killed(tmp_path / "a"), started=started_at(os.getpid())))
    records.write(killed(tmp_path / "b", "two"))
    lock = records.take_name("two")
    assert lock is not None
    with lock:
        await clear(records, RealClock())
        assert sorted(os.listdir(records.folder)) == ["one.json", "two.json"]
        # Unless it is the very one that starts who asks.
        await clear(records, RealClock(), own="two")
        assert os.listdir(records.folder) == ["one.json"]
