"""The lines of a watch."""

import re

import orjson
import pytest

from apimachinery.errors import Expired
from kubeclient import watching
from kubeclient.watching import ADDED, BOOKMARK, DELETED, MODIFIED, Change, read_changes

POD = b'{"type":"%b","object":{"kind":"Pod","apiVersion":"v1","metadata":{%b},"spec":{}}}'
META = b'"name":"a","namespace":"n","uid":"u","resourceVersion":"7","labels":{"x":"y"}'


def line(kind: bytes, metadata: bytes = META) -> bytes:
    return POD % (kind, metadata)


@pytest.mark.parametrize(
    ("metadata", "key", "version", "parsed"),
    [
        pytest.param(META, "n/a", "7", False, id="in a namespace"),
        pytest.param(b'"name":"a","uid":"u","resourceVersion":"7"', "a", "7", False, id="outside"),
        pytest.param(
            b'"name":"a-1","generateName":"a-","namespace":"n","uid":"u","resourceVersion":"7"',
            "n/a-1",
            "7",
            False,
            id="a generated name",
        ),
        pytest.param(
            b'"creationTimestamp":null,"name":"a","namespace":"n","resourceVersion":"7","uid":"u"',
            "n/a",
            "7",
            True,
            id="in another order",
        ),
        pytest.param(
            b'"name":"\\u0061","namespace":"n","uid":"u","resourceVersion":"7"', "n/a", "7", True, id="escaped"
        ),
        pytest.param(b'"name":"a","namespace":"n"', "n/a", "", True, id="without a version"),
    ],
)
def test_deletions(metadata: bytes, key: str, version: str, parsed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parsed or not, they come to the same."""
    deletion = line(b"DELETED", metadata)
    assert (watching._DELETION.match(deletion) is None) is parsed
    assert list(read_changes([deletion])) == [Change(DELETED, key, version)]
    monkeypatch.setattr(watching, "_DELETION", re.compile(rb"(?!)"))
    assert list(read_changes([deletion])) == [Change(DELETED, key, version)]


def test_what_has_come_is_read_in_order() -> None:
    mark = b'{"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"9"}}}'
    lines = [line(b"ADDED"), b"", line(b"MODIFIED"), line(b"DELETED"), mark]
    pod = orjson.loads(lines[0])["object"]
    assert list(read_changes(lines)) == [
        Change(ADDED, "n/a", "7", pod),
        Change(MODIFIED, "n/a", "7", pod),
        Change(DELETED, "n/a", "7"),
        Change(BOOKMARK, "", "9"),
    ]


def test_an_error_comes_after_what_was_before_it() -> None:
    error = b'{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}'
    changes = read_changes([line(b"ADDED"), error, line(b"DELETED")])
    assert next(changes).type == ADDED
    with pytest.raises(Expired, match="too old"):
        next(changes)
