"""Plans are told as the slices that they write: their name (``+`` for a new one), and the pods in them."""

from typing import Any

import pytest

from apimachinery.types.discovery import EndpointPort, EndpointSlice
from controller_manager.endpoints.slice_plan import Shape, plan
from controller_manager.endpoints.slices import Group, blank_slice, pod_endpoint, ports_key
from tests.controller_manager.endpoints.objects import node, placed, service

HTTP = [EndpointPort(name="http", port=8080, protocol="TCP")]
HTTPS = [EndpointPort(name="https", port=8443, protocol="TCP")]
SHAPE = Shape(blank_slice(service(), "IPv4"), limit=3)


def _group(names: str, ports: list[EndpointPort] = HTTP) -> Group:
    """Return the endpoints of pods named by one letter each; a capital one is not ready."""
    group = Group(ports)
    for name in names:
        found = placed(name.lower(), f"127.0.0.{ord(name.lower())}", ready=name.islower())
        group.add(pod_endpoint(service(), found, node(), "IPv4"))
    return group


def _slice(name: str, names: str, ports: list[EndpointPort] = HTTP, **metadata: Any) -> EndpointSlice:
    made = SHAPE.blank.model_copy(update={"ports": ports, "endpoints": list(_group(names, ports).endpoints.values())})
    update = {"name": name, "resource_version": "7", **metadata}
    return made.model_copy(update={"metadata": made.metadata.model_copy(update=update)})


def _names(found: EndpointSlice) -> str:
    named = ((e.target_ref.name if e.target_ref else "?", e.conditions.ready) for e in found.endpoints)
    return "".join(name if ready else name.upper() for name, ready in named)


FOREIGN = {"owner_references": []}


@pytest.mark.parametrize(
    ("existing", "wanted", "written"),
    [
        pytest.param([], [("abc", HTTP)], {"+": "abc"}, id="first"),
        pytest.param([], [("abcd", HTTP)], {"+": "abc", "+2": "d"}, id="more than one takes"),
        pytest.param([_slice("s", "ab")], [("ab", HTTP)], {}, id="nothing to do"),
        pytest.param([_slice("s", "ab")], [("ba", HTTP)], {}, id="in another order"),
        pytest.param([_slice("s", "ab")], [("aB", HTTP)], {"s": "aB"}, id="no longer ready"),
        pytest.param([_slice("s", "aB")], [("ab", HTTP)], {"s": "ab"}, id="ready again"),
        pytest.param([_slice("s", "ab")], [("a", HTTP)], {"s": "a"}, id="gone"),
        pytest.param([_slice("s", "ab")], [("abc", HTTP)], {"s": "abc"}, id="new, and there is room"),
        pytest.param([_slice("s", "abc")], [("abcd", HTTP)], {"+": "d"}, id="new, and all are full"),
        pytest.param([_slice("s", "abc")], [("bcd", HTTP)], {"s": "bcd"}, id="one for another"),
        pytest.param(
            [_slice("s", "abc"), _slice("t", "d")], [("bcde", HTTP)], {"s": "bce"}, id="into one that changes anyway"
        ),
        pytest.param(
            [_slice("s", "a"), _slice("t", "bc")], [("abcd", HTTP)], {"t": "bcd"}, id="into the fullest that has room"
        ),
        pytest.param([_slice("s", "abc"), _slice("t", "d")], [("abc", HTTP)], {"t": None}, id="a slice too many"),
        pytest.param([_slice("s", "ab")], [("ab", HTTPS)], {"s": "ab"}, id="other ports in the same slice"),
        pytest.param([_slice("s", "ab")], [("ab", HTTP), ("c", HTTPS)], {"+": "c"}, id="some pods have other ports"),
        pytest.param([], [], {"+": ""}, id="nothing yet"),
        pytest.param([_slice("s", "", [])], [], {}, id="still nothing"),
        pytest.param([_slice("s", "ab")], [], {"s": ""}, id="nothing any more"),
        pytest.param([_slice("s", "", [])], [("a", HTTP)], {"s": "a"}, id="the first after nothing"),
        pytest.param([_slice("s", "ab", **FOREIGN)], [("ab", HTTP)], {"+": "ab", "s": None}, id="of a former Service"),
        pytest.param([_slice("s", "ab", labels={})], [("ab", HTTP)], {"s": "ab"}, id="other labels"),
    ],
)
def test_plan(
    existing: list[EndpointSlice], wanted: list[tuple[str, list[EndpointPort]]], written: dict[str, str | None]
) -> None:
    made = plan(existing, {ports_key(ports): _group(names, ports) for names, ports in wanted}, SHAPE)
    found: dict[str, str | None] = {}
    for number, entry in enumerate(made.create):
        found[f"+{number + 1}" if number else "+"] = _names(entry)
    found |= {entry.metadata.name: _names(entry) for entry in made.update}
    found |= {entry.metadata.name: None for entry in made.delete}
    assert found == written
    ports = {tuple(ports_key(ports)) for _, ports in wanted} | {()}
    for entry in (*made.create, *made.update):
        assert entry.metadata.labels == SHAPE.blank.metadata.labels
        assert ports_key(entry.ports) in ports
        assert (entry.metadata.resource_version == "7") is bool(entry.metadata.name)


def test_annotations_that_others_have_made_stay() -> None:
    found = _slice("s", "ab", annotations={"note": "x", "endpoints.kubernetes.io/last-change-trigger-time": "then"})
    (entry,) = plan([found], {ports_key(HTTP): _group("a")}, SHAPE).update
    assert entry.metadata.annotations == {"note": "x"}


def test_mirrors_have_the_annotations_of_what_they_mirror_and_no_placeholder() -> None:
    blank = SHAPE.blank.model_copy(
        update={"metadata": SHAPE.blank.metadata.model_copy(update={"annotations": {"note": "y"}})}
    )
    shape = Shape(blank, limit=3, placeholder=False, own_annotations=True)
    (entry,) = plan([_slice("s", "ab", annotations={"note": "x"})], {ports_key(HTTP): _group("ab")}, shape).update
    assert entry.metadata.annotations == {"note": "y"}
    emptied = plan([_slice("s", "ab")], {}, shape)
    assert (emptied.create, emptied.update, [entry.metadata.name for entry in emptied.delete]) == ([], [], ["s"])
