"""Objects of any kind, as hypothesis draws them: in the form that Go's JSON has, so without optional zeros."""

from typing import Any

from hypothesis import strategies as st

from apimachinery.clock import rfc3339, rfc3339_micro
from tests.apimachinery.protobuf.encoder import SCHEMA_PROPS, table

JSONObject = dict[str, Any]

_DEEPEST = 4
_JSON = st.recursive(
    st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)
_MOMENTS = st.datetimes(timezones=st.timezones().filter(lambda zone: str(zone) == "UTC"))
_SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(max_size=6),
    "bytes": st.sampled_from(["", "AA==", "AAEC", "//79"]),
    "bool": st.booleans(),
    "int32": st.integers(-(2**31), 2**31 - 1),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "quantity": st.sampled_from(["0", "1", "100m", "1Gi", "-3"]),
    "intorstring": st.integers(-(2**31), 2**31 - 1) | st.text(max_size=4),
    "time": _MOMENTS.map(rfc3339),
    "microtime": _MOMENTS.map(rfc3339_micro),
    "raw": _JSON,
    "strings": st.lists(st.text(max_size=4), max_size=2),
}


def values(kind: str, depth: int) -> st.SearchStrategy[Any]:
    """Values of a type as the generated table writes it; lists and maps have something in them."""
    if kind.startswith("[]"):
        return st.lists(values(kind[2:], depth), min_size=1, max_size=2)
    if kind.startswith("{}"):
        return st.dictionaries(st.text(max_size=4), values(kind[2:], depth), min_size=1, max_size=2)
    if kind.startswith("schema"):
        others: dict[str, st.SearchStrategy[Any]] = {
            "schemaorbool": st.booleans(),
            "schemaorarray": st.lists(objects(SCHEMA_PROPS, depth + 1), min_size=1, max_size=2),
            "schemaorstrings": st.lists(st.text(max_size=4), min_size=1, max_size=2),
        }
        return objects(SCHEMA_PROPS, depth + 1) | others[kind]
    return objects(kind[1:], depth + 1) if kind.startswith("#") else _SCALARS[kind]


@st.composite
def objects(draw: st.DrawFn, name: str, depth: int = 0) -> JSONObject:
    """Objects of a message, with some of its fields and some of those of the messages whose fields are its own."""
    drawn: JSONObject = {}
    fields = list(table()[name].values())
    some = min(len(fields), 0 if depth >= _DEEPEST else 4)
    for title, omits_zero, kind in draw(st.lists(st.sampled_from(fields), max_size=some, unique=True)) if some else ():
        found = draw(values(kind, depth))
        if not title:
            drawn |= found
        elif found or not omits_zero:
            drawn[title] = found
    return drawn
