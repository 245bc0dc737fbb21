from typing import Any

import pytest

from apimachinery.types.pod import Pod
from apimachinery.types.service import ServicePort
from controller_manager.endpoints.membership import (
    addresses,
    chooses_pods,
    find_port,
    has_endpoint,
    hostname,
    services_to_wake,
)
from tests.controller_manager.endpoints.objects import placed, service


@pytest.mark.parametrize(
    ("spec", "chooses"),
    [
        pytest.param({}, True, id="selector"),
        pytest.param({"selector": {}}, False, id="none"),
        pytest.param({"type": "ExternalName"}, False, id="external-name"),
    ],
)
def test_which_services_choose_pods(spec: dict[str, Any], chooses: bool) -> None:
    assert chooses_pods(service(**spec)) is chooses


@pytest.mark.parametrize(
    ("found", "normal", "terminating"),
    [
        pytest.param(placed("p", "127.0.0.9"), True, True, id="ready"),
        pytest.param(placed("p", "127.0.0.9", ready=False), True, True, id="not-ready"),
        pytest.param(placed("p", ""), False, False, id="no-address"),
        pytest.param(placed("p", "127.0.0.9", phase="Succeeded"), False, False, id="succeeded"),
        pytest.param(placed("p", "127.0.0.9", phase="Failed"), False, False, id="failed"),
        pytest.param(placed("p", "127.0.0.9", phase="Unknown"), True, True, id="unknown"),
        pytest.param(placed("p", "127.0.0.9", deleting=True), False, True, id="deleting"),
    ],
)
def test_which_pods_have_an_endpoint(found: Pod, normal: bool, terminating: bool) -> None:
    assert has_endpoint(found, terminating=False) is normal
    assert has_endpoint(found, terminating=True) is terminating


WEB = placed("p", "127.0.0.9")


@pytest.mark.parametrize(
    ("old", "new", "woken"),
    [
        pytest.param(None, WEB, {"default/web"}, id="added"),
        pytest.param(WEB, None, {"default/web"}, id="gone"),
        pytest.param(WEB, placed("p", "127.0.0.9"), set(), id="nothing-of-interest"),
        pytest.param(WEB, placed("p", "127.0.0.9", ready=False), {"default/web"}, id="readiness"),
        pytest.param(WEB, placed("p", "127.0.0.8"), {"default/web"}, id="address"),
        pytest.param(WEB, placed("p", "127.0.0.9", phase="Failed"), {"default/web"}, id="ended"),
        pytest.param(WEB, placed("p", "127.0.0.9", deleting=True), {"default/web"}, id="deleted"),
        pytest.param(
            WEB, placed("p", "127.0.0.9", labels={"app": "db"}), {"default/web", "default/db"}, id="from-one-to-another"
        ),
        pytest.param(WEB, placed("p", "127.0.0.9", labels={"app": "web", "x": "y"}), set(), id="other-labels"),
    ],
)
def test_what_wakes_a_service(old: Pod | None, new: Pod | None, woken: set[str]) -> None:
    known = [service(), service("db", selector={"app": "db"}), service("by-hand", selector={})]
    assert services_to_wake(known, old, new) == woken


CONTAINERS = {
    "containers": [{"name": "c", "ports": [{"name": "http", "containerPort": 8080}]}],
    "initContainers": [
        {"name": "once", "ports": [{"name": "setup", "containerPort": 1}]},
        {"name": "side", "restartPolicy": "Always", "ports": [{"name": "metrics", "containerPort": 9}]},
    ],
}


@pytest.mark.parametrize(
    ("target", "protocol", "number"),
    [
        pytest.param(8443, "TCP", 8443, id="number"),
        pytest.param("http", "TCP", 8080, id="name"),
        pytest.param("http", "UDP", None, id="name-of-another-protocol"),
        pytest.param("metrics", "TCP", 9, id="of-a-sidecar"),
        pytest.param("setup", "TCP", None, id="of-an-init-container"),
        pytest.param("other", "TCP", None, id="unknown"),
    ],
)
def test_port(target: int | str, protocol: str, number: int | None) -> None:
    port = ServicePort(port=80, target_port=target, protocol=protocol)
    assert find_port(placed("p", "127.0.0.9", spec=CONTAINERS), port) == number


def test_addresses_by_family() -> None:
    found = placed("p", "127.0.0.9,fd00::9")
    assert (addresses(found, "IPv4"), addresses(found, "IPv6")) == (["127.0.0.9"], ["fd00::9"])


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        pytest.param({"hostname": "a", "subdomain": "web"}, "a", id="below-the-service"),
        pytest.param({"hostname": "a", "subdomain": "db"}, "", id="below-another"),
        pytest.param({"hostname": "a"}, "", id="no-subdomain"),
    ],
)
def test_hostname(spec: dict[str, str], name: str) -> None:
    assert hostname(service(), placed("p", "127.0.0.9", spec=spec)) == name
