"""What the sample API server does to objects, and says."""

import random
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from kubelet.images.sample_apiserver.objects import Asked, Objects

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
OLD, NEW = "/apis/wardle.example.com/v1alpha1", "/apis/wardle.example.com/v1beta1"
FLUNDERS = f"{OLD}/namespaces/default/flunders"


def flunder(name: str, **changes: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": {"name": name}}, **changes}


def ask(objects: Objects, method: str, path: str, body: Any = None, **changes: Any) -> tuple[int, dict[str, Any]]:
    sent = b"" if body is None else orjson.dumps(body)
    return objects.answer(Asked(method, path, body=sent, **changes), NOW)


@pytest.fixture
def objects() -> Objects:
    objects = Objects(random.Random(1))
    for name in ("one", "two"):
        assert ask(objects, "POST", FLUNDERS, flunder(name))[0] == 201
    ask(objects, "POST", f"{OLD}/fischers", {"metadata": {"name": "fischer"}, "disallowedFlunders": ["bad"]})
    return objects


def test_what_is_created_can_be_had(objects: Objects) -> None:
    code, made = ask(objects, "POST", FLUNDERS, {"metadata": {"generateName": "flunder-"}})
    assert (code, made["kind"], made["apiVersion"]) == (201, "Flunder", "wardle.example.com/v1alpha1")
    metadata = made["metadata"]
    assert metadata["name"].startswith("flunder-")
    assert metadata["creationTimestamp"] == "2026-05-01T12:00:00Z"
    assert ask(objects, "GET", f"{FLUNDERS}/{metadata['name']}") == (200, made)
    listed = ask(objects, "GET", FLUNDERS)[1]
    assert [item["metadata"]["name"] for item in listed["items"]] == [metadata["name"], "one", "two"]
    assert listed["metadata"]["resourceVersion"] == metadata["resourceVersion"]


@pytest.mark.parametrize(
    ("path", "query", "names"),
    [
        pytest.param(f"{OLD}/flunders", {}, ["one", "two"], id="everywhere"),
        pytest.param(f"{OLD}/namespaces/other/flunders", {}, [], id="elsewhere"),
        pytest.param(FLUNDERS, {"labelSelector": "name=two"}, ["two"], id="label"),
        pytest.param(f"{NEW}/namespaces/default/flunders", {}, ["one", "two"], id="other-version"),
        pytest.param(f"{OLD}/fischers", {}, ["fischer"], id="without-namespace"),
    ],
)
def test_lists(objects: Objects, path: str, query: dict[str, str], names: list[str]) -> None:
    code, listed = ask(objects, "GET", path, query=query)
    assert (code, [item["metadata"]["name"] for item in listed["items"]]) == (200, names)


def test_versions_show_the_same_differently(objects: Objects) -> None:
    ask(objects, "POST", FLUNDERS, flunder("a", spec={"reference": "b", "referenceType": "Fischer"}))
    new = ask(objects, "GET", f"{NEW}/namespaces/default/flunders/a")[1]
    assert new["spec"] == {"referenceType": "Fischer", "fischerReference": "b"}
    new["spec"] = {"flunderReference": "c"}
    assert ask(objects, "PUT", f"{NEW}/namespaces/default/flunders/a", new)[0] == 200
    assert ask(objects, "GET", f"{FLUNDERS}/a")[1]["spec"] == {"reference": "c"}


def test_changes_and_their_order(objects: Objects) -> None:
    before = ask(objects, "GET", f"{FLUNDERS}/one")[1]
    changed = {**before, "spec": {"reference": "x"}}
    code, after = ask(objects, "PUT", f"{FLUNDERS}/one", changed)
    assert (code, after["metadata"]["uid"]) == (200, before["metadata"]["uid"])
    code, told = ask(objects, "PUT", f"{FLUNDERS}/one", changed)
    assert (code, told["reason"]) == (409, "Conflict")
    for kind, patch in (
        ("application/merge-patch+json", {"metadata": {"labels": {"a": "b"}}}),
        ("application/json-patch+json", [{"op": "add", "path": "/metadata/labels/c", "value": "d"}]),
    ):
        assert ask(objects, "PATCH", f"{FLUNDERS}/one", patch, content_type=kind)[0] == 200
    assert ask(objects, "GET", f"{FLUNDERS}/one")[1]["metadata"]["labels"] == {"name": "one", "a": "b", "c": "d"}


def test_deleting(objects: Objects) -> None:
    code, told = ask(objects, "DELETE", f"{FLUNDERS}/one")
    assert (code, told["status"], told["details"]["name"]) == (200, "Success", "one")
    assert ask(objects, "GET", f"{FLUNDERS}/one")[0] == 404
    assert len(ask(objects, "DELETE", FLUNDERS, query={"labelSelector": "name=two"})[1]["items"]) == 1
    assert ask(objects, "GET", FLUNDERS)[1]["items"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "code", "reason"),
    [
        pytest.param("GET", f"{FLUNDERS}/nobody", None, 404, "NotFound", id="nobody"),
        pytest.param("GET", f"{OLD}/things", None, 404, "NotFound", id="no-kind"),
        pytest.param("GET", f"{NEW}/fischers", None, 404, "NotFound", id="not-in-this-version"),
        pytest.param("POST", FLUNDERS, flunder("one"), 409, "AlreadyExists", id="there-already"),
        pytest.param("POST", FLUNDERS, flunder("Not A Name"), 422, "Invalid", id="bad-name"),
        pytest.param("POST", FLUNDERS, {"metadata": {}}, 422, "Invalid", id="no-name"),
        pytest.param("POST", FLUNDERS, flunder("bad"), 403, "Forbidden", id="banned"),
        pytest.param("POST", FLUNDERS, flunder("x", kind="Pod"), 400, "BadRequest", id="another-kind"),
        pytest.param("POST", FLUNDERS, [1], 400, "BadRequest", id="no-object"),
        pytest.param("POST", f"{OLD}/flunders", flunder("x"), 405, "MethodNotAllowed", id="nowhere"),
        pytest.param("PUT", FLUNDERS, flunder("x"), 405, "MethodNotAllowed", id="method"),
        pytest.param("PATCH", f"{FLUNDERS}/one", {}, 415, "UnsupportedMediaType", id="patch-of-no-kind"),
        pytest.param("PUT", f"{FLUNDERS}/one", flunder("two"), 400, "BadRequest", id="another-name"),
    ],
)
def test_refusals(objects: Objects, method: str, path: str, body: Any, code: int, reason: str) -> None:
    found, told = ask(objects, method, path, body)
    assert (found, told["reason"], told["kind"]) == (code, reason, "Status")


def test_discovery(objects: Objects) -> None:
    (group,) = ask(objects, "GET", "/apis")[1]["groups"]
    assert group["preferredVersion"]["version"] == "v1beta1"
    assert ask(objects, "GET", "/apis/wardle.example.com")[1]["name"] == "wardle.example.com"
    listed = ask(objects, "GET", OLD)[1]
    assert [(entry["name"], entry["namespaced"]) for entry in listed["resources"]] == [
        ("fischers", False),
        ("flunders", True),
    ]
