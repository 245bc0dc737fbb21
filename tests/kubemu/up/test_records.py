"""What clusters say of themselves."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from apimachinery.errors import FatalError
from componentbase.running import started_at
from kubemu.up.records import NAME, Record, Records, default_folder

MINE = Record("mine", os.getpid(), started_at(os.getpid()), server="http://127.0.0.1:1", nodes=("node-0",))


@pytest.fixture
def records(tmp_path: Path) -> Records:
    found = Records(tmp_path / "run")
    found.open()
    return found


def test_a_running_cluster_is_found_until_it_is_removed(records: Records) -> None:
    records.write(MINE)
    records.write(replace(MINE, name="another"))
    read = records.read("mine")
    assert read is not None
    assert (read.server, list(read.nodes), read.ready) == (MINE.server, ["node-0"], False)
    assert [record.name for record in records.running()] == ["another", "mine"]
    records.remove("mine")
    assert records.read("mine") is None
    records.kubeconfig("another").touch()
    records.log("another").touch()
    records.remove("another")
    assert not records.folder.exists()


def test_a_folder_that_went_with_another_cluster_is_made_again(records: Records) -> None:
    records.tidy()
    assert not records.folder.exists()
    records.write(MINE)
    assert records.read("mine") == replace(MINE, nodes=["node-0"])


class Unlucky(Records):
    """Has its folder go with the last other cluster at the worst moment, so many times."""

    times = 0

    def open(self) -> None:
        super().open()
        if self.times:
            self.times -= 1
            self.folder.rmdir()


def test_a_folder_that_goes_with_others_is_insisted_on(tmp_path: Path) -> None:
    records = Unlucky(tmp_path / "run")
    records.times = 3
    records.write(MINE)
    assert records.read("mine") == replace(MINE, nodes=["node-0"])
    records.remove("mine")
    records.times = 1_000
    with pytest.raises(FatalError, match="No such file or directory"):
        records.create(records.folder / "log")


@pytest.mark.parametrize(
    "stale",
    [
        pytest.param(replace(MINE, started=MINE.started - 1).text(), id="its id is another process's"),
        pytest.param(replace(MINE, pid=2**31 - 1).text(), id="its process has ended"),
        pytest.param("{", id="no record"),
        pytest.param('{"name": "mine"}', id="half a record"),
        pytest.param('{"name": "mine", "pid": "1", "started": 2}', id="a record of another kind"),
    ],
)
def test_what_does_not_run_is_not_found(records: Records, stale: str) -> None:
    (records.folder / "mine.json").write_text(stale)
    assert records.read("mine") is None
    assert records.running() == []


def test_who_has_ended_is_told_from_who_runs(records: Records) -> None:
    records.write(MINE)
    records.write(replace(MINE, name="killed", started=MINE.started - 1))
    assert [record.name for record in records.ended()] == ["killed"]
    assert [record.name for record in records.running()] == ["mine"]


def test_a_name_is_had_once_in_a_folder(records: Records, tmp_path: Path) -> None:
    mine, other = records.take_name("mine"), Records(tmp_path).take_name("mine")
    assert mine is not None
    assert other is not None
    with mine, other:
        assert records.take_name("mine") is None


def test_a_folder_of_somebody_elses_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(FatalError, match="somebody else's"):
        Records(tmp_path / "link").open()
    (tmp_path / "file").touch()
    with pytest.raises(FatalError, match="file"):
        Records(tmp_path / "file").open()


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        pytest.param({"KUBEMU_RUNTIME_DIR": "/a", "XDG_RUNTIME_DIR": "HERE"}, "/a", id="given"),
        pytest.param({"XDG_RUNTIME_DIR": "HERE"}, "HERE/kubemu", id="the session's"),
        pytest.param({"XDG_RUNTIME_DIR": "HERE/gone", "TMPDIR": "HERE"}, "HERE/kubemu-UID", id="the session is over"),
        pytest.param({"XDG_RUNTIME_DIR": "/proc/1"}, "/tmp/kubemu-UID", id="somebody else's session"),
        pytest.param({"TMPDIR": "HERE"}, "HERE/kubemu-UID", id="temporary"),
        pytest.param({"TMPDIR": "HERE/gone"}, "/tmp/kubemu-UID", id="nothing can be written there"),
        pytest.param({}, "/tmp/kubemu-UID", id="nothing is said"),
    ],
)
def test_where_records_are(
    environment: dict[str, str], folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``su`` leaves the variables of another user, whose folders are not ours to write to."""
    if environment.get("XDG_RUNTIME_DIR") == "/proc/1":
        monkeypatch.setattr("os.getuid", lambda: 4711)
    found = default_folder({name: value.replace("HERE", str(tmp_path)) for name, value in environment.items()})
    assert found == Path(folder.replace("HERE", str(tmp_path)).replace("UID", str(os.getuid())))


@pytest.mark.parametrize(
    ("name", "good"), [("a", True), ("ci-3", True), ("", False), ("-a", False), ("a/b", False), ("A", False)]
)
def test_names(name: str, good: bool) -> None:
    assert (NAME.fullmatch(name) is not None) is good
