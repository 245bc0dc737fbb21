"""The objects that lead to the scheduler's pages."""

import pytest

from scheduler.publishing import endpoint_slice, service
from scheduler.service import decisions_path


@pytest.mark.parametrize(
    ("bound", "address", "kind"),
    [
        pytest.param("127.0.0.1", "127.0.0.1", "IPv4", id="an address"),
        pytest.param("0.0.0.0", "127.0.0.1", "IPv4", id="all of them"),
        pytest.param("::", "::1", "IPv6", id="all of them, of version 6"),
    ],
)
def test_the_slice_leads_to_where_the_pages_are(bound: str, address: str, kind: str) -> None:
    found = endpoint_slice(bound, 10259)
    assert (found["endpoints"][0]["addresses"], found["addressType"]) == ([address], kind)
    assert found["ports"][0]["port"] == 10259
    assert found["metadata"]["labels"]["kubernetes.io/service-name"] == service(10259)["metadata"]["name"]


def test_a_path_through_the_api_server() -> None:
    assert decisions_path("prod", "web-0") == (
        "/api/v1/namespaces/kube-system/services/kube-scheduler:http/proxy/debug/decisions/prod/web-0"
    )
