"""What is written so that the Service of the name server is there."""

from typing import Any

import pytest

from apimachinery.types.discovery import EndpointSlice
from apimachinery.types.service import Service
from kubeproxy.dns.own_service import Place, Writes, writes

PLACE = Place("127.64.0.10", 53, 64053)

MISSING = writes(None, None, PLACE)
LABELS = MISSING.new_service["metadata"]["labels"] if MISSING.new_service is not None else {}


def stored(changes: dict[str, Any] | None = None, **spec: Any) -> Service:
    assert MISSING.new_service is not None
    wanted = MISSING.new_service
    return Service.model_validate({
        "metadata": {**wanted["metadata"], **(changes or {})},
        "spec": {**wanted["spec"], **spec},
    })


def stored_slice(**changes: Any) -> EndpointSlice:
    assert MISSING.new_slice is not None
    return EndpointSlice.model_validate({**MISSING.new_slice, **changes})


def test_nothing_is_there() -> None:
    assert MISSING.new_service is not None
    assert MISSING.new_slice is not None
    assert LABELS["k8s-app"] == "kube-dns"
    assert MISSING.new_service["spec"] == {
        "clusterIP": "127.64.0.10",
        "ports": [
            {"name": "dns", "port": 53, "protocol": "UDP"},
            {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
        ],
    }
    assert [port["port"] for port in MISSING.new_slice["ports"]] == [64053, 64053]
    assert MISSING.new_slice["endpoints"][0]["addresses"] == ["127.64.0.10"]


PORTS = [{"name": "dns", "port": 5353, "protocol": "UDP"}]


@pytest.mark.parametrize(
    ("service", "piece", "due"),
    [
        (stored(), stored_slice(), Writes()),
        (stored({"labels": {**LABELS, "mine": "too"}}), stored_slice(), Writes()),
        (stored({"labels": {}}), stored_slice(), Writes(service_patch={"metadata": {"labels": LABELS}})),
        (stored(), None, Writes(new_slice=MISSING.new_slice)),
        (stored(clusterIP="127.64.9.9"), None, Writes()),
        (stored(selector={"k8s-app": "kube-dns"}), None, Writes()),
        (
            stored(ports=PORTS),
            stored_slice(),
            Writes(service_patch={"spec": {"ports": (MISSING.new_service or {})["spec"]["ports"]}}),
        ),
        (
            stored(),
            stored_slice(endpoints=[]),
            Writes(slice_patch={"endpoints": (MISSING.new_slice or {})["endpoints"]}),
        ),
        (None, stored_slice(), Writes(new_service=MISSING.new_service)),
    ],
    ids=["all", "more-labels", "labels", "slice", "elsewhere", "pods", "ports", "endpoints", "service"],
)
def test_what_is_missing(service: Service | None, piece: EndpointSlice | None, due: Writes) -> None:
    assert writes(service, piece, PLACE) == due
