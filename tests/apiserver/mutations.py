"""Real manifests with something wrong in them, as hypothesis draws them."""

import copy
import json
from typing import Any

from hypothesis import strategies as st

JSONObject = dict[str, Any]

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["", "-", "1Gi", "-1", "$patch", "a" * 300, "../..", "\x00", "٣", "2026-01-01T00:00:00Z"]),
    st.sampled_from([[], {}, [None], [{}], {"": ""}, [[]], [1], ["a", "a"], {"$patch": "delete"}, {"name": None}]),
)
_ADDED = st.sampled_from(["name", "$patch", "$retainKeys", "$setElementOrder/containers", "value", "unknown", ""])


def paths_of(value: Any, path: tuple[int | str, ...] = ()) -> list[tuple[int | str, ...]]:
    found = [path] if path else []
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        found += paths_of(inner, (*path, key))
    return found


@st.composite
def mutated(draw: st.DrawFn, manifest: JSONObject) -> JSONObject:
    """The manifest with up to three values replaced, removed or added."""
    changed = copy.deepcopy(manifest)
    for _ in range(draw(st.integers(1, 3))):
        paths = paths_of(changed)
        if not paths:
            break
        *parents, last = draw(st.sampled_from(paths))
        place: Any = changed
        for part in parents:
            place = place[part]
        match draw(st.sampled_from(["replace", "replace", "replace", "remove", "add"])):
            case "replace":
                place[last] = copy.deepcopy(draw(ODD))
            case "remove":
                del place[last]
            case _ if isinstance(place, dict):
                place[draw(_ADDED)] = copy.deepcopy(draw(ODD))
            case _:
                place.append(copy.deepcopy(draw(ODD)))
    return changed


@st.composite
def garbled(draw: st.DrawFn, manifest: JSONObject) -> bytes:
    """The manifest's JSON, cut off or with some bytes in it that do not belong there."""
    text = json.dumps(manifest).encode()
    start = draw(st.integers(0, len(text) - 1))
    end = min(len(text), start + draw(st.integers(0, 4)))
    inserted = draw(
        st.one_of(st.binary(max_size=4), st.sampled_from([b"{" * 2000, b"[" * 2000, b'"', b"\\ud800", b"1e999"]))
    )
    tail = b"" if draw(st.booleans()) else text[end:]
    return text[:start] + inserted + tail
