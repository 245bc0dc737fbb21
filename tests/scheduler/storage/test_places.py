"""Where volumes can be used, and where new ones can be made."""

from typing import Any

import numpy as np
import pytest

from apimachinery.types.storage import TopologySelectorTerm
from scheduler.storage.places import Places, topology_mask
from tests.controller_manager.builders import volume
from tests.scheduler.builders import make_node, table
from tests.scheduler.storage.world import Storage, on


def host(name: str) -> dict[str, str]:
    return {"kubernetes.io/hostname": name}


def nodes() -> Any:
    return table(*(make_node(name).labels(zone=f"z{number % 2}", **host(name)) for number, name in enumerate("abcd")))


@pytest.mark.parametrize(
    ("spec", "rows"),
    [
        pytest.param({}, None, id="no affinity"),
        pytest.param({"nodeAffinity": {}}, None, id="nothing required"),
        pytest.param(on("b"), [1], id="one node"),
        pytest.param(on("z1", key="zone"), [1, 3], id="a zone"),
        pytest.param(on("x"), [], id="a node that is not there"),
        pytest.param({"nodeAffinity": {"required": {"nodeSelectorTerms": [{}]}}}, [], id="an empty term is for none"),
    ],
)
def test_rows_of_a_volume(spec: dict[str, Any], rows: list[int] | None) -> None:
    found = Places().rows(volume(spec=spec), nodes())
    assert (None if found is None else found.tolist()) == rows


def test_any_of_several_terms() -> None:
    terms = [entry for name in ("a", "d") for entry in on(name)["nodeAffinity"]["required"]["nodeSelectorTerms"]]
    spec = {"nodeAffinity": {"required": {"nodeSelectorTerms": terms}}}
    mask = Places().mask(volume(spec=spec), nodes())
    assert mask is not None
    assert mask.tolist() == [True, False, False, True]


def test_what_was_found_holds_until_labels_or_volume_change() -> None:
    places, cluster = Places(), nodes()
    storage = Storage(found := volume(spec=on("b")))
    first = places.rows(found, cluster)
    assert places.rows(found, cluster) is first
    cluster.update_node(make_node("c").labels(**host("b")).info())
    assert np.array_equal(places.rows(found, cluster), [1, 2])  # type: ignore[arg-type]
    storage.show(other := volume(spec=on("d")))
    assert np.array_equal(places.rows(other, cluster), [3])  # type: ignore[arg-type]


def term(**wanted: list[str]) -> TopologySelectorTerm:
    return TopologySelectorTerm.model_validate({
        "matchLabelExpressions": [{"key": key, "values": values} for key, values in wanted.items()]
    })


@pytest.mark.parametrize(
    ("terms", "mask"),
    [
        pytest.param([], None, id="all are allowed"),
        pytest.param([term(zone=["z0"])], [True, False, True, False], id="a zone"),
        pytest.param([term(zone=["z0"]), term(zone=["z1"])], [True] * 4, id="either"),
        pytest.param([term(zone=["z0"], rack=["r"])], [False] * 4, id="both"),
        pytest.param([term()], [False] * 4, id="an empty term allows none"),
    ],
)
def test_allowed_topologies(terms: list[TopologySelectorTerm], mask: list[bool] | None) -> None:
    found = topology_mask(terms, nodes())
    assert (None if found is None else found.tolist()) == mask
