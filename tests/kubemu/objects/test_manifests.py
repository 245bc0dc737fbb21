"""Objects in files."""

from pathlib import Path

import pytest

from apimachinery.errors import FatalError
from kubemu.objects.manifests import objects_in, ordered, read

MIXED = b"""\
# What comes first is not what can be applied first.
apiVersion: example.com/v1
kind: Thing
metadata: {name: thing}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
--- # and so on
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Service, metadata: {name: web}}
- {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
---
{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "things"}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
"""


def test_what_others_need_comes_before_them() -> None:
    kinds = [manifest.obj["kind"] for manifest in ordered(objects_in(MIXED, "file"))]
    assert kinds == ["CustomResourceDefinition", "Namespace", "Service", "Deployment", "Ingress", "Thing"]


def test_those_alike_stay_in_order() -> None:
    text = "\n---\n".join(f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}" for name in "cab")
    assert [manifest.obj["metadata"]["name"] for manifest in ordered(objects_in(text.encode(), "f"))] == list("cab")


def test_folders_are_read_whole_and_by_name(tmp_path: Path) -> None:
    for place, name in (("b.yaml", "second"), ("a/x.yml", "first"), ("c.json", "third"), ("notes.txt", "none")):
        path = tmp_path / place
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'{{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {{"name": "{name}"}}}}')
    assert [manifest.obj["metadata"]["name"] for manifest in read([tmp_path])] == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param("a: [", "f.yaml: error converting YAML to JSON", id="no YAML"),
        pytest.param("just words", "f.yaml: an object has no apiVersion or no kind", id="no object"),
        pytest.param("apiVersion: v1\nmetadata: {name: a}", "no apiVersion or no kind", id="no kind"),
        pytest.param("apiVersion: v1\nkind: Pod", "Pod has no metadata.name", id="no name"),
    ],
)
def test_what_cannot_be_applied_is_told_with_its_file(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "f.yaml").write_text(content)
    with pytest.raises(FatalError, match=said):
        read([tmp_path / "f.yaml"])


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FatalError, match=r"gone\.yaml: No such file"):
        read([tmp_path / "gone.yaml"])
