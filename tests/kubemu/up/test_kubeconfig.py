"""What is done to kubeconfigs, and above all what is not."""

import itertools
import json
import os
import stat
from pathlib import Path

import pytest
import yaml

from apimachinery.clock import ManualClock, RealClock
from kubemu.up import kubeconfig
from kubemu.up.installed import Place, installed
from kubemu.up.kubeconfig import BadKubeconfig, Entry, current_context, default_path, merged, without

MINE = Entry("kubemu-default", "http://127.0.0.1:1234")
THEIRS = """\
apiVersion: v1
kind: Config
preferences: {}
clusters:
  - cluster: {server: https://prod.example.com, certificate-authority-data: QUJD}
    name: prod
contexts:
- name: prod
  context:
    cluster: prod
    user: "0123"
    namespace: payments
users:
- name: "0123"
  user:
    token: 00123
    exec: &exec
      apiVersion: client.authentication.k8s.io/v1
      command: get-token
      interactiveMode: !!str Never
- name: same
  user:
    exec: *exec
current-context: prod
"""
JSON = json.dumps(yaml.safe_load(THEIRS.replace("00123", '"00123"')))


def parts(text: str) -> dict[str, list[str]]:
    document = yaml.safe_load(text)
    return {name: [entry["name"] for entry in document[name]] for name in ("clusters", "contexts", "users")}


def test_a_document_is_what_kubectl_expects() -> None:
    assert yaml.safe_load(MINE.document()) == {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "kubemu-default", "cluster": {"server": "http://127.0.0.1:1234"}}],
        "contexts": [{"name": "kubemu-default", "context": {"cluster": "kubemu-default", "user": "kubemu-default"}}],
        "users": [{"name": "kubemu-default", "user": {}}],
        "current-context": "kubemu-default",
    }


@pytest.mark.parametrize("before", [THEIRS, JSON], ids=["YAML", "JSON"])
def test_others_stay_as_they_are_word_for_word(before: str) -> None:
    after = merged(before, MINE, use_context=False)
    assert parts(after) == {
        "clusters": ["prod", "kubemu-default"],
        "contexts": ["prod", "kubemu-default"],
        "users": ["0123", "same", "kubemu-default"],
    }
    assert current_context(after) == "prod"
    assert "00123" in after
    restored = without(after, MINE.name)
    assert yaml.load(restored, yaml.BaseLoader) == yaml.load(before, yaml.BaseLoader)
    assert yaml.safe_load(restored) == yaml.safe_load(before)


def test_merging_again_replaces() -> None:
    after = merged(merged(THEIRS, MINE, use_context=False), Entry(MINE.name, "http://127.0.0.1:9"), use_context=False)
    assert parts(after)["clusters"] == ["prod", "kubemu-default"]
    assert yaml.safe_load(after)["clusters"][1]["cluster"] == {"server": "http://127.0.0.1:9"}


def test_the_context_is_used_when_that_is_asked_for_and_left_at_the_end() -> None:
    after = merged(THEIRS, MINE, use_context=True)
    assert current_context(after) == MINE.name
    assert yaml.safe_load(without(after, MINE.name)) == yaml.safe_load(THEIRS)
    assert current_context(without(without(after, "prod"), MINE.name)) == ""


@pytest.mark.parametrize("order", list(itertools.permutations("abc")), ids="".join)
@pytest.mark.parametrize("again", [False, True], ids=["once", "put in twice"])
def test_the_context_before_all_clusters_is_gone_back_to_in_whatever_order_they_end(
    order: tuple[str, ...], again: bool
) -> None:
    text = THEIRS
    for name in "abc":
        text = merged(text, Entry(name, f"http://{name}"), use_context=True)
        if again:
            text = merged(text, Entry(name, f"http://{name}-2"), use_context=True)
    assert current_context(text) == "c"
    for name in order:
        text = without(text, name)
    assert yaml.safe_load(text) == yaml.safe_load(THEIRS)


def test_a_context_that_was_chosen_meanwhile_stays() -> None:
    after = merged(THEIRS, MINE, use_context=True).replace(f'current-context: "{MINE.name}"', "current-context: same")
    assert current_context(without(after, MINE.name)) == "same"


@pytest.mark.parametrize(
    "empty",
    ["", "# nothing\n", "{}", "null", "apiVersion: v1\nkind: Config\nclusters: null\ncontexts: []\n"],
)
def test_nothing_is_where_one_can_begin(empty: str) -> None:
    after = merged(empty, MINE, use_context=True)
    assert parts(after) == {"clusters": [MINE.name], "contexts": [MINE.name], "users": [MINE.name]}
    assert current_context(after) == MINE.name
    assert without(after, MINE.name) == ""


@pytest.mark.parametrize("text", ["- a\n", "words", "clusters: {}\n", "a: [\n"])
def test_what_is_no_kubeconfig_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"it is no mapping|is no list|while parsing"):
        merged(text, MINE, use_context=False)


def test_which_file_is_the_users(tmp_path: Path) -> None:
    there, missing = tmp_path / "there", tmp_path / "missing"
    there.touch()
    assert default_path(None, tmp_path) == default_path("", tmp_path) == tmp_path / ".kube" / "config"
    assert default_path(f"{missing}:{there}", tmp_path) == there
    assert default_path(f"{there}x:{missing}", tmp_path) == missing


async def test_a_file_of_its_own_comes_and_goes(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config"
    async with installed(MINE, Place(path), RealClock()):
        assert path.read_text() == MINE.document()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert os.listdir(path.parent) == ["config"]
    assert os.listdir(path.parent) == []


async def test_a_merged_entry_comes_and_goes(tmp_path: Path) -> None:
    path, link = tmp_path / "config", tmp_path / "link"
    path.write_text(THEIRS)
    path.chmod(0o640)
    link.symlink_to(path)
    async with installed(MINE, Place(link, merge=True, use_context=True), RealClock()):
        assert current_context(path.read_text()) == MINE.name
        # Another cluster's, meanwhile.
        path.write_text(merged(path.read_text(), Entry("kubemu-b", "http://127.0.0.1:5"), use_context=False))
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert yaml.safe_load(without(path.read_text(), "kubemu-b")) == yaml.safe_load(THEIRS)
    assert sorted(os.listdir(tmp_path)) == ["config", "link"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file to somebody else")
def test_a_file_that_root_writes_stays_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(THEIRS)
    os.chown(path, 4711, 4712)
    path.chmod(0o660)
    kubeconfig.write(path, merged(THEIRS, MINE, use_context=False))
    found = path.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (4711, 4712, 0o660)


@pytest.mark.parametrize(
    ("text", "there"),
    [
        pytest.param(merged(THEIRS, MINE, use_context=False), True, id="among others"),
        pytest.param(Entry(MINE.name, "http://127.0.0.1:9").document(), False, id="another server's"),
        pytest.param(Entry("kubemu-b", MINE.server).document(), False, id="another name"),
        pytest.param("clusters: [mine, {name: kubemu-default}]", False, id="half of it"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_whether_an_entry_is_there(text: str, there: bool) -> None:
    assert kubeconfig.holds(text, MINE) is there


async def test_others_entries_are_not_overwritten_unasked(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(THEIRS)
    with pytest.raises(BadKubeconfig, match="has other clusters in it: add to it with --merge"):
        async with installed(MINE, Place(path), RealClock()):
            pass
    assert path.read_text() == THEIRS


async def test_a_file_that_somebody_writes_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "config"
    (tmp_path / "config.lock").touch()
    with pytest.raises(BadKubeconfig, match=r"somebody else is writing it; if not, remove .*config\.lock"):
        async with kubeconfig.locked(path, _Hurried()):
            pass
    (tmp_path / "config.lock").unlink()
    async with kubeconfig.locked(path, RealClock()):
        assert (tmp_path / "config.lock").exists()
    assert os.listdir(tmp_path) == []


class _Hurried(ManualClock):
    """Time that has passed as soon as somebody waits."""

    async def sleep(self, seconds: float) -> None:
        await self.advance(seconds)
