from typing import Any

import pytest

from apimachinery.types.base import to_wire
from apimachinery.types.pod import Pod
from apimachinery.types.service import EndpointAddress, Endpoints, EndpointSubset
from controller_manager.endpoints.endpoints_controller import OVER_CAPACITY, wanted_endpoints
from controller_manager.endpoints.subsets import subsets_of, truncated
from tests.controller_manager.builders import NOW
from tests.controller_manager.endpoints.objects import HTTP, placed, service

READY, UNREADY = placed("a", "127.0.0.1"), placed("b", "127.0.0.2", ready=False)
ENDING = placed("c", "127.0.0.3", deleting=True)


def _told(subsets: list[EndpointSubset]) -> list[tuple[str, str, str]]:
    """Return ready addresses' last digits, those of others, and ports, of each subset."""
    return [
        (
            "".join(address.ip[-1] for address in subset.addresses),
            "".join(address.ip[-1] for address in subset.not_ready_addresses),
            ",".join(f"{port.name}:{port.port}" for port in subset.ports),
        )
        for subset in subsets
    ]


@pytest.mark.parametrize(
    ("spec", "pods", "told"),
    [
        pytest.param({}, [], [], id="none"),
        pytest.param({}, [UNREADY, READY, ENDING], [("1", "2", "http:8080")], id="ready and not"),
        pytest.param(
            {"publishNotReadyAddresses": True}, [ENDING, READY, UNREADY], [("123", "", "http:8080")], id="all"
        ),
        pytest.param({"ports": ()}, [READY], [], id="no ports"),
        pytest.param({"ports": (), "clusterIP": "None"}, [READY, UNREADY], [("1", "2", "")], id="headless, no ports"),
        pytest.param(
            {"ports": (HTTP, {"name": "a", "port": 1, "targetPort": 9})},
            [READY],
            [("1", "", "a:9,http:8080")],
            id="two",
        ),
        pytest.param({"ports": ({**HTTP, "targetPort": "x"},)}, [READY], [], id="a port that the pod does not have"),
        pytest.param({"ipFamilies": ["IPv6"]}, [READY], [], id="another family"),
    ],
)
def test_subsets(spec: dict[str, Any], pods: list[Pod], told: list[tuple[str, str, str]]) -> None:
    assert _told(subsets_of(service(**spec), pods)) == told


def test_address() -> None:
    found = placed("a", "127.0.0.1", spec={"hostname": "h", "subdomain": "web"})
    ((address,),) = (subset.addresses for subset in subsets_of(service(), [found]))
    assert to_wire(address) == {
        "ip": "127.0.0.1",
        "hostname": "h",
        "nodeName": "n1",
        "targetRef": {"kind": "Pod", "namespace": "default", "name": "a", "uid": "uid-a"},
    }


@pytest.mark.parametrize(
    ("counts", "left", "over"),
    [
        pytest.param([(6, 4)], [(6, 4)], False, id="fits"),
        pytest.param([(6, 6)], [(6, 4)], True, id="fewer that are not ready"),
        pytest.param([(12, 6)], [(10, 0)], True, id="fewer that are ready"),
        pytest.param([(8, 1), (4, 1)], [(7, 0), (3, 0)], True, id="in proportion"),
        pytest.param([(2, 9), (2, 3)], [(2, 5), (2, 1)], True, id="in proportion, not ready"),
    ],
)
def test_truncated(counts: list[tuple[int, int]], left: list[tuple[int, int]], over: bool) -> None:
    def some(count: int) -> list[EndpointAddress]:
        return [EndpointAddress(ip=f"127.0.1.{number}") for number in range(count)]

    subsets = [EndpointSubset(addresses=some(ready), not_ready_addresses=some(other)) for ready, other in counts]
    kept, missing = truncated(subsets, capacity=10)
    assert ([(len(s.addresses), len(s.not_ready_addresses)) for s in kept], missing) == (left, over)


def _endpoints(**metadata: Any) -> Endpoints:
    made = wanted_endpoints(service(labels={"team": "a"}), [READY], None, NOW)
    assert made is not None
    return made.model_copy(update={"metadata": made.metadata.model_copy(update=metadata)})


@pytest.mark.parametrize(
    ("found", "pods", "written"),
    [
        pytest.param(None, [], True, id="the first"),
        pytest.param(_endpoints(), [READY], False, id="as it is"),
        pytest.param(_endpoints(), [READY, UNREADY], True, id="another pod"),
        pytest.param(_endpoints(labels={}), [READY], True, id="other labels"),
        pytest.param(_endpoints(annotations={OVER_CAPACITY: "truncated"}), [READY], True, id="no longer over capacity"),
    ],
)
def test_when_endpoints_are_written(found: Endpoints | None, pods: list[Pod], written: bool) -> None:
    assert (wanted_endpoints(service(labels={"team": "a"}), pods, found, None) is not None) is written


def test_what_is_written() -> None:
    assert _endpoints().metadata.labels == {"team": "a", "endpoints.kubernetes.io/managed-by": "endpoint-controller"}
    assert _endpoints().metadata.annotations == {
        "endpoints.kubernetes.io/last-change-trigger-time": "2026-01-01T12:00:00Z"
    }
    many = [placed(f"p{number}", f"127.1.{number >> 8}.{number & 255}") for number in range(1001)]
    made = wanted_endpoints(service(), many, _endpoints(annotations={"note": "x"}, resource_version="7"), None)
    assert made is not None
    assert made.metadata.annotations == {"note": "x", OVER_CAPACITY: "truncated"}
    assert (len(made.subsets[0].addresses), made.metadata.resource_version) == (1000, "7")
    assert wanted_endpoints(service(), many, made, None) is None
