"""What counts as a write that changes nothing."""

import pytest

from apiserver.storage import _same


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
