"""The packaged numbers of protobuf fields are complete, and an incomplete table would be noticed."""

import gzip
import json
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from apimachinery.schema.bundle import load_bundle
from tests.live.processes import require_kubectl
from tools import build_protobuf
from tools.go_types import GoProgram, Kind

Messages = dict[str, dict[int, str]]
POD = "io.k8s.api.core.v1.PodSpec"
TIME = "io.k8s.apimachinery.pkg.apis.meta.v1.Condition"


@pytest.fixture
def messages() -> Messages:
    packed = (files("apimachinery.schema") / "v1.36.protobuf.json.gz").read_bytes()
    table = json.loads(gzip.decompress(packed))["messages"]
    return {name: {int(number): text for number, text in fields.items()} for name, fields in table.items()}


def test_the_packaged_table_fits_the_schema(messages: Messages) -> None:
    assert list(build_protobuf.problems(load_bundle(), messages)) == []


def test_what_is_missing_is_listed(messages: Messages) -> None:
    number = next(number for number, text in messages[POD].items() if text.startswith("containers "))
    del messages[POD][number]
    assert list(build_protobuf.problems(load_bundle(), messages)) == [f"{POD}.containers has no number"]


def test_what_is_of_another_type_is_listed(messages: Messages) -> None:
    number = next(number for number, text in messages[TIME].items() if text.startswith("lastTransitionTime"))
    messages[TIME][number] = "lastTransitionTime string"
    assert list(build_protobuf.problems(load_bundle(), messages)) == [f"{TIME}.lastTransitionTime is string, not time"]


def test_a_kind_that_no_program_has_is_listed(messages: Messages) -> None:
    found = build_protobuf.reachable({}, iter([TIME]))
    assert f"{TIME}.reason has no number" in list(build_protobuf.problems(load_bundle(), found))


def test_fields_are_read_from_kubectl(messages: Messages) -> None:
    """Whatever its version, what it knows is what the table says."""
    require_kubectl()
    path = shutil.which("kubectl")
    assert path is not None
    wanted = {"io.k8s.api.apps.v1.DeploymentSpec", "io.k8s.api.authentication.v1.UserInfo", POD}
    for found in GoProgram(Path(path)).types():
        if found.kind == Kind.STRUCT and found.package.startswith("k8s.io/api/"):
            name = build_protobuf.model_name(found)
            if name in wanted:
                read = dict(filter(None, map(build_protobuf.encode_field, found.fields())))
                assert read
                assert read.items() <= messages[name].items(), name
                wanted.remove(name)
    assert not wanted


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n", b"\x7fELF\x01\x01"], ids=["empty", "script", "32-bit"])
def test_what_is_no_program_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "program"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="no 64-bit little-endian ELF file"):
        GoProgram(path)
