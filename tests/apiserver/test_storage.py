"""What counts as a write that changes nothing, and what is told of an object without reading all of it."""

from typing import Any

import pytest

from apimachinery.schema.bundle import load_bundle
from apiserver.registry.builtin import builtin_registry
from apiserver.storage import _same, draft, identity
from store.interface import Record

NAMES = {"name": "p", "namespace": "d", "uid": "u"}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param(b'{"a":1,"b":2}', b'{"a":1,"b":2}', True, id="the very bytes"),
        pytest.param(b'{"a":1,"b":2}', b'{"b":2,"a":1}', True, id="keys in another order"),
        pytest.param(b'{"a":1,"b":2}', b'{"a":2,"b":1}', False, id="values exchanged"),
        pytest.param(b'{"a":1,"b":2}', b'{"a":1,"b":3}', False, id="another digit"),
        pytest.param(b'{"a":"x"}', b'{"a":"y"}', False, id="another letter"),
        pytest.param(b'{"a":[1,2]}', b'{"a":[2,1]}', False, id="a list in another order"),
        pytest.param(b'{"a":1}', b'{"a":10}', False, id="longer"),
    ],
)
def test_the_same(one: bytes, other: bytes, same: bool) -> None:
    assert _same(one, other) is same


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        pytest.param({"labels": {"resourceVersion": "1"}, **NAMES}, NAMES, id="whatever comes first"),
        pytest.param({**NAMES, "generateName": 'q","resourceVersion":"'}, None, id="a text like the gap"),
        pytest.param({"name": "n", "uid": "u", "resourceVersion": "7"}, {"name": "n", "uid": "u"}, id="no namespace"),
    ],
)
def test_identity(metadata: dict[str, Any], told: dict[str, Any] | None) -> None:
    info = builtin_registry(load_bundle()).find("", "v1", "configmaps")
    assert info is not None
    value = draft(info, {"data": {"k": "v"}, "metadata": metadata}).at(1234)
    found = identity(Record("/k", value, 1, 1234))
    assert found == {"kind": "ConfigMap", "apiVersion": "v1", "metadata": told or metadata}
